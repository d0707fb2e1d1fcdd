"""``kedro argo rehearse``: the manifest run on this machine, before it goes to the cluster."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.argo.prompts import say
from kedro_matrix_ext.cli.argo.selection import Selection, selection_options
from kedro_matrix_ext.cli.output import logs_on_stderr, print_line

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.rehearsal import Outcome, Rehearsal

__all__ = ["rehearse"]

_FAILED = 1
_SIGNALLED = 128


@click.command()
@selection_options
@click.option(
    "--manifest",
    "-m",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Rehearse this file, as 'submit --dry-run' wrote it, instead of a selection.",
)
@click.option("--params", default="", help="Parameters for all tasks, as 'kedro run --params' takes them.")
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), help="How many tasks run at a time; else one per core."
)
@click.option("--keep-going", "-k", is_flag=True, help="Run what does not depend on a failed task.")
@click.option("--resume", is_flag=True, help="Leave out what succeeded when this plan was rehearsed last.")
@click.option(
    "--yes", "-y", is_flag=True, help="Write to remote storage, and run what a manifest adds, without asking."
)
@click.option(
    "--pass-env",
    multiple=True,
    metavar="NAME",
    help="Give tasks this variable of the shell, or all that a pattern such as 'AWS_*' matches.",
)
@click.pass_obj
def rehearse(  # noqa: PLR0913  one per option
    metadata: ProjectMetadata,
    *,
    selection: Selection,
    manifest: Path | None,
    params: str,
    jobs: int | None,
    keep_going: bool,
    resume: bool,
    yes: bool,
    pass_env: tuple[str, ...],
) -> None:
    """Run the manifest on this machine: a process per task, with the task's command and environment."""
    from kedro_matrix_ext.argo.cluster.status import list_task_names
    from kedro_matrix_ext.argo.rehearsal import LocalEnvironment, prepare_rehearsal
    from kedro_matrix_ext.cli.argo.rehearsal_source import (
        build_rehearsed,
        confirm_foreign_parts,
        confirm_writing,
        read_rehearsed,
    )

    project = Path(metadata.project_path)
    with tempfile.TemporaryDirectory(prefix="kedro-rehearsal-") as scratch:
        surroundings = LocalEnvironment(
            local={**os.environ, "TMPDIR": scratch},  # what a pod's disk holds is gone with the pod
            passed=pass_env,
            ask=_ask_secret if sys.stdin.isatty() else None,
        )
        with logs_on_stderr():
            if manifest is not None:
                _refuse_selection("--manifest says what runs")
                rehearsed = read_rehearsed(manifest)
            else:
                rehearsed = build_rehearsed(metadata, selection, params)
            prepared = prepare_rehearsal(
                rehearsed.data,
                source=rehearsed.source,
                folder=project,
                surroundings=surroundings,
                resume=resume,
            )
            if manifest is not None:
                confirm_foreign_parts(metadata, rehearsed, prepared, yes=yes)
            prepared = prepared.require_secrets()
            confirm_writing(metadata, rehearsed, prepared, yes=yes)
        tasks = len(list_task_names(rehearsed.data))  # as `submit` counts them
        outcome = _run(prepared, tasks=tasks, jobs=jobs, keep_going=keep_going)
    if outcome.interrupted is not None:
        raise click.exceptions.Exit(_SIGNALLED + outcome.interrupted)
    if not outcome.ok:
        raise click.exceptions.Exit(_FAILED)


def _refuse_selection(reason: str) -> None:
    """Refuse options that choose or change what runs."""
    from click.core import ParameterSource

    context = click.get_current_context()
    chosen = [*Selection.__dataclass_fields__, "params"]
    given = [name for name in chosen if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        raise click.UsageError(f"{reason}: --{given[0].replace('_', '-')} does not go with it")


def _run(prepared: Rehearsal, *, tasks: int, jobs: int | None, keep_going: bool) -> Outcome:
    """Run a rehearsal, report its progress on standard error, and print its results."""
    from rich.console import Console

    from kedro_matrix_ext.argo.rehearsal.report.progress import ProgressReporter
    from kedro_matrix_ext.argo.rehearsal.report.summary import render_failures, render_summary
    from kedro_matrix_ext.argo.report.text import render_count

    total = len(prepared.steps) + len(prepared.exit_steps)
    wanted, allowed = jobs or _count_cores(), prepared.manifest.workflow.parallelism
    at_once = min(wanted, allowed or wanted)
    tasks = tasks or total  # templates of a manifest of another make
    others = f" and {render_count(total - tasks, 'further step')}" if total > tasks else ""
    cluster = f" ({allowed} on the cluster)" if allowed not in {None, at_once} else ""
    say(
        f"rehearsing {prepared.name}: {render_count(tasks, 'task')}{others}, "
        f"at most {at_once} at a time{cluster}"
    )
    for remark in prepared.remarks:
        say(f"  not as on the cluster: {remark}")
    with ProgressReporter(Console(stderr=True), total=total, done=len(prepared.done)) as reporter:
        outcome = prepared.run(jobs=at_once, keep_going=keep_going, reporter=reporter)
    print_line(render_summary(outcome, prepared.journal_folder))
    failures = render_failures(outcome, prepared.journal_folder / "logs")
    if failures:
        print_line(failures)
    if not outcome.ok:
        print_line("after a fix, the same command with '--resume' runs what is left")
    return outcome


def _ask_secret(name: str) -> str:
    """Ask for the value of a variable that tasks get from the cluster, without showing it."""
    return str(click.prompt(name, hide_input=True, err=True))


def _count_cores() -> int:
    counted: Any = getattr(os, "sched_getaffinity", None)
    return len(counted(0)) if counted else os.cpu_count() or 1

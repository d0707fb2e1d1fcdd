"""A rehearsal as a whole: a manifest read and judged, its pods run, its exit handler too."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol

from kedro_matrix_ext.argo.manifest.yaml import dump_manifest
from kedro_matrix_ext.argo.rehearsal.attempts import AttemptMaker
from kedro_matrix_ext.argo.rehearsal.folder_lock import lock_folder
from kedro_matrix_ext.argo.rehearsal.local.foreign_parts import refuse_parent_folders
from kedro_matrix_ext.argo.rehearsal.local.limitations import (
    image_of,
    list_remarks,
    list_workflow_remarks,
    refuse_foreign_outputs,
)
from kedro_matrix_ext.argo.rehearsal.local.pod_process import PodMaker
from kedro_matrix_ext.argo.rehearsal.run_directory import FOLDER, RunDirectory, digest_manifest, find_journals
from kedro_matrix_ext.argo.rehearsal.scheduler import Execution, Limits
from kedro_matrix_ext.argo.rehearsal.signals import watch_interruptions
from kedro_matrix_ext.argo.rehearsal.workflow.parsing import parse_manifest
from kedro_matrix_ext.argo.rehearsal.workflow.steps import list_steps
from kedro_matrix_ext.argo.rehearsal.workflow.values import WorkflowValues
from kedro_matrix_ext.argo.validation import require_valid
from kedro_matrix_ext.errors import ArgoError
from kedro_matrix_ext.resolvers.run_ids import random_suffix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kedro_matrix_ext.argo.rehearsal.local.environment import LocalEnvironment
    from kedro_matrix_ext.argo.rehearsal.report.results import StepResult
    from kedro_matrix_ext.argo.rehearsal.workflow.model import Manifest
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

__all__ = ["Outcome", "Rehearsal", "Reporter", "prepare_rehearsal"]

_EXIT = "onExit"


class Reporter(Protocol):
    """Called with what happens in a rehearsal."""

    def start(self, step: Step) -> None:
        """A step starts."""
        ...

    def end(self, result: StepResult) -> None:
        """A step has ended, or will not run."""
        ...


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a rehearsal ended.

    Attributes:
        steps: All steps, the exit handler's last.
        results: The result of each, by its path.
        seconds: How long it took.
        interrupted: The signal that stopped it, if one did.
    """

    steps: Sequence[Step]
    results: Mapping[str, StepResult]
    seconds: float
    interrupted: int | None = None

    @property
    def ok(self) -> bool:
        """Whether all steps succeeded, those aside that are skipped on purpose."""
        done = {"succeeded", "skipped"}
        return self.interrupted is None and all(result.status in done for result in self.results.values())


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A manifest that can be rehearsed.

    Attributes:
        manifest: Its parts.
        data: The same as plain data.
        name: The workflow's name.
        digest: What it was made from.
        image: The project's image, in place of which this Python environment is used.
        values: What tags of the workflow stand for.
        steps: Its pods.
        exit_steps: Those of its exit handler.
        done: What an earlier rehearsal did already.
        journal: That of the earlier rehearsal, where this one resumes it.
        surroundings: What this machine gives to containers.
        folder: The project.
    """

    manifest: Manifest
    data: Mapping[str, Any]
    name: str
    digest: str
    image: str
    values: WorkflowValues
    steps: Sequence[Step]
    exit_steps: Sequence[Step]
    surroundings: LocalEnvironment
    folder: Path
    journal: RunDirectory | None = None
    done: Mapping[str, StepResult] = field(default_factory=dict)

    @property
    def remarks(self) -> list[str]:
        """The differences from the cluster, a sentence each."""
        remarks = [
            *list_workflow_remarks(self.manifest.workflow),
            *list_remarks([*self.steps, *self.exit_steps], self.image, self.values),
        ]
        own = [".env is here, and tasks that load it see it"] if (self.folder / ".env").exists() else []
        return [*remarks, *own]

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that the last task will see: what configuration is read with."""
        maker = PodMaker(values=self.values, surroundings=self.surroundings, files=self.folder)
        return self.surroundings.environment(maker.declare(self.steps[-1]))

    @property
    def journal_folder(self) -> Path:
        """Where its manifest, the tasks' output and the results are."""
        return self.journal.folder if self.journal else RunDirectory.place(self.folder / FOLDER, self.name)

    def require_secrets(self) -> Rehearsal:
        """Read the secrets of tasks from this machine, or ask for them.

        Raises:
            ArgoError: If any is missing, and nobody can be asked.
        """
        given = self.surroundings.require_secrets([*self.steps, *self.exit_steps])
        return replace(self, surroundings=given)

    def run(self, *, jobs: int, keep_going: bool, reporter: Reporter) -> Outcome:
        """Run it.

        Raises:
            ArgoError: If its folder cannot be written.
        """
        spec = self.manifest.workflow
        limits = Limits(
            jobs=min(jobs, spec.parallelism or jobs),
            keep_going=keep_going or not self._fails_fast(),
            seconds=spec.active_deadline_seconds,
        )
        self._make_folder()
        with lock_folder(self.journal_folder):
            done = _read_done(self.journal, self.steps) if self.journal else {}
            run = _Run(rehearsal=self, journal=self._open_journal(done), limits=limits, reporter=reporter)
            self._go_through(run, done)
        return Outcome(
            steps=[*self.steps, *self.exit_steps],
            results=run.results,
            seconds=run.seconds,
            interrupted=run.signals[0] if run.signals else None,
        )

    def _go_through(self, run: _Run, done: Mapping[str, StepResult]) -> None:
        run.go_through(self.steps, self.values, done)
        if self.exit_steps and len(run.signals) < 2:  # noqa: PLR2004  whoever asks twice does not want to wait
            ended = self._describe_end(run.results, seconds=run.seconds)
            run.go_through(self.exit_steps, self.values.add(ended), {})

    def _make_folder(self) -> None:
        try:
            RunDirectory.make_private(self.journal_folder)
        except OSError as error:
            raise self._not_writable(error) from error

    def _not_writable(self, error: OSError) -> ArgoError:
        return ArgoError(
            f"what the rehearsal writes down cannot be written: {error}", file=str(self.folder / FOLDER)
        )

    def _open_journal(self, done: Mapping[str, StepResult]) -> RunDirectory:
        try:
            if self.journal is not None:
                self.journal.resume(done.values())
                return self.journal
            return RunDirectory.begin(
                self.folder / FOLDER,
                manifest=dump_manifest(self.data),
                values=self.values,
                digest=self.digest,
            )
        except OSError as error:
            raise self._not_writable(error) from error

    def _fails_fast(self) -> bool:
        spec = self.manifest.workflow
        return all(template.dag is None or template.dag.fail_fast for template in spec.templates)

    def _describe_end(self, results: Mapping[str, StepResult], *, seconds: float) -> dict[str, str]:
        failures = [
            {"displayName": path, "phase": "Failed", "message": result.message}
            for path, result in results.items()
            if result.status in {"failed", "stopped"}
        ]
        succeeded = all(result.status in {"succeeded", "skipped"} for result in results.values())
        outputs = {
            f"workflow.outputs.parameters.{output.global_name}": results[step.path].outputs[output.name]
            for step in self.steps
            for output in step.template.outputs.parameters
            if output.global_name is not None and output.name in results[step.path].outputs
        }
        return {
            **outputs,
            "workflow.status": "Succeeded" if succeeded else "Failed",
            "workflow.duration": f"{seconds:.6f}",
            "workflow.failures": json.dumps(failures),
        }


@dataclass(kw_only=True)
class _Run:
    """A rehearsal that goes on: the results of its steps so far, and the signals that came."""

    rehearsal: Rehearsal
    journal: RunDirectory
    limits: Limits
    reporter: Reporter
    results: dict[str, StepResult] = field(default_factory=dict)
    signals: list[int] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 3)

    def go_through(
        self, steps: Sequence[Step], values: WorkflowValues, done: Mapping[str, StepResult]
    ) -> None:
        """Run steps until all are done, one has failed, or a signal comes."""
        whole = self.rehearsal
        maker = AttemptMaker(
            pods=PodMaker(values=values, surroundings=whole.surroundings, files=self.journal.files),
            journal=self.journal,
            folder=whole.folder,
            image=whole.image,
            began=self.began,
        )
        with watch_interruptions() as interruptions:
            execution = Execution(
                maker=maker,
                limits=self.limits,
                interruptions=interruptions,
                on_start=self.reporter.start,
                on_end=self._note,
            )
            self.results.update(execution.run(steps, done))
            self.signals += interruptions.numbers

    def _note(self, result: StepResult) -> None:
        self.journal.note(result)
        self.reporter.end(result)


def prepare_rehearsal(
    data: object,
    *,
    source: str,
    folder: Path,
    surroundings: LocalEnvironment,
    resume: bool = False,
) -> Rehearsal:
    """Read a manifest and make sure that all of it can be rehearsed; nothing is run or written.

    Secrets are not read: ``require_secrets`` of the result does that.

    Raises:
        ArgoError: If it is not a manifest, Argo would not run it, it cannot be rehearsed, or there is nothing
            to resume.
    """
    manifest = parse_manifest(data, source=source)
    plain: dict[str, Any] = data  # type: ignore[assignment]  # it parsed
    require_valid(plain, check_size=False)
    digest = digest_manifest(manifest)
    journal = _find_earlier(folder / FOLDER, digest) if resume else None
    name, values = _identify(manifest, journal)
    spec = manifest.workflow
    templates = {template.name: template for template in spec.templates}
    steps = list_steps(spec.entrypoint, templates, values)
    exits = list_steps(spec.on_exit, templates, values, prefix=f"{_EXIT}.") if spec.on_exit else []
    image = values.look_up("workflow.parameters.image") or image_of(steps[-1].template, values)
    maker = PodMaker(values=values, surroundings=surroundings, files=folder)
    maker.require_known_tags(steps)
    maker.require_known_tags(exits, at_exit=True)
    refuse_foreign_outputs(steps, image, values)
    refuse_parent_folders([*steps, *exits])
    return Rehearsal(
        manifest=manifest,
        data=plain,
        name=name,
        digest=digest,
        image=image,
        values=values,
        steps=steps,
        exit_steps=exits,
        surroundings=surroundings,
        folder=folder,
        journal=journal,
        done=_read_done(journal, steps) if journal else {},
    )


def _identify(manifest: Manifest, journal: RunDirectory | None) -> tuple[str, WorkflowValues]:
    """Name the workflow, and return the values of its tags: those of the resumed rehearsal, or new ones."""
    if journal is not None:
        name, created, run_id = journal.name, journal.created, journal.run_id
    else:
        name, created, run_id = _make_name(manifest), datetime.now(tz=timezone.utc), None
    return name, WorkflowValues.of(manifest, name=name, created=created, run_id=run_id)


def _make_name(manifest: Manifest) -> str:
    """Make a name as Argo does: of ``generateName``, of a template, or of a schedule."""
    metadata = manifest.metadata
    name = metadata.name or f"{metadata.generate_name or 'workflow-'}{random_suffix()}"
    return name if manifest.kind == "Workflow" else f"{name}-{random_suffix()}"


def _read_done(journal: RunDirectory, steps: Sequence[Step]) -> dict[str, StepResult]:
    """Read which steps do not have to run again; an exit handler runs each time."""
    done = journal.read_done()
    return {step.path: done[step.path] for step in steps if step.path in done}


def _find_earlier(folder: Path, digest: str) -> RunDirectory:
    journals = find_journals(folder)
    earlier = next((journal for journal in journals if journal.digest == digest), None)
    if earlier is None:
        latest = f"; the latest, {journals[0].name!r}, was of another plan" if journals else ""
        raise ArgoError(
            f"no rehearsal of this plan with these parameters is there to resume{latest}",
            hint="What succeeded may have come out otherwise now. Rehearse without '--resume'.",
        )
    return earlier

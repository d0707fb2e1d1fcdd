"""What ``submit`` and ``resubmit`` share: the way from a manifest to the cluster, and its messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.argo.option_group import gather_options
from kedro_matrix_ext.cli.argo.prompts import confirm, say
from kedro_matrix_ext.cli.output import print_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.argo.cluster.client import Cluster
    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.image.build import ImageBuild
    from kedro_matrix_ext.cli.argo.code_package import PackedCode

__all__ = [
    "NO_SUBMISSION",
    "Submission",
    "SubmitOptions",
    "describe_ignored",
    "describe_image",
    "follow_workflow",
    "submission_options",
    "submit_to_cluster",
    "tell_how_to_follow",
]

_PAGES = {"Workflow": "workflows", "WorkflowTemplate": "workflow-templates", "CronWorkflow": "cron-workflows"}
_SHOWN = 5
NO_SUBMISSION = "Nothing was submitted."


@dataclass(frozen=True, kw_only=True)
class SubmitOptions:
    """How to submit, as given on the command line.

    Attributes:
        yes: Whether not to ask.
        allow_dirty: Whether changes that are not committed are accepted.
        context: The context of the kubeconfig, if not its current one.
        wait: Whether to wait for the workflow.
        timeout: How many seconds to wait for pods that cannot be scheduled.
    """

    yes: bool
    allow_dirty: bool
    context: str | None
    wait: bool
    timeout: int


def _parse_timeout(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    from kedro_matrix_ext.argo.configuration.field_types import parse_seconds

    try:
        return int(str(parse_seconds(f"{value}s" if value.isdigit() else value)))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_OPTIONS = (
    click.option("--yes", "-y", is_flag=True, help="Do not ask."),
    click.option("--allow-dirty", is_flag=True, help="Allow uncommitted changes."),
    click.option("--context", help="The context of the kubeconfig; its current one unless given."),
    click.option("--wait", is_flag=True, help="Wait for the workflow; the exit status is 1 where it fails."),
    click.option(
        "--timeout",
        default="10m",
        show_default=True,
        callback=_parse_timeout,
        help="With --wait: how long to wait for pods that cannot be scheduled, as 90s or 1h30m.",
    ),
)


def submission_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a submission to a command, which gets them as one ``terms``."""
    return gather_options(SubmitOptions, _OPTIONS, name="terms")(command)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A manifest on its way to the cluster.

    Attributes:
        cluster: The cluster.
        config: ``argo.yml``.
        manifest: The manifest, with the record of the submission in it.
        build: The image to build first, if any.
        code: The code package to upload first, if any.
        record: Records an image that was built.
        about: What to show before asking, by name.
        terms: How to submit.
        old_name: The name that older releases gave to this schedule.
    """

    cluster: Cluster
    config: ArgoConfig
    manifest: dict[str, Any]
    build: ImageBuild | None
    about: dict[str, str]
    terms: SubmitOptions
    code: PackedCode | None = None
    record: Callable[[str], None] | None = None
    old_name: str | None = None


def submit_to_cluster(submission: Submission) -> None:
    """Check a manifest in the cluster, ask, build its image, create it, say how to follow it, and wait.

    Raises:
        KedroMatrixError: If any step fails; nothing is submitted then. With ``wait``:
            if it fails.
    """
    from kedro_matrix_ext.argo.cluster.create import (
        create_manifest,
        dry_run_manifest,
        find_renamed,
        keep_suspension,
        mark_submission,
        remove_renamed,
    )

    cluster, manifest = submission.cluster, submission.manifest
    existing = dry_run_manifest(cluster, manifest)
    renamed = find_renamed(cluster, manifest, submission.old_name) if submission.old_name else None
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    _announce(submission, "update" if existing else "submit")
    if renamed is not None:
        say(f"  replaces   the same schedule under its old name {submission.old_name!r}, which is deleted")
        manifest = keep_suspension(manifest, renamed)
    confirm("Go on?", yes=submission.terms.yes, refusal=NO_SUBMISSION)
    manifest = _provide_image_and_code(submission, manifest)
    create_manifest(cluster, mark_submission(manifest))
    print_line(f"{'updated' if existing else 'submitted'} {kind} {name}")
    if renamed is not None:
        remove_renamed(cluster, renamed)
        print_line(f"deleted {kind} {submission.old_name}")
    tell_how_to_follow(cluster, submission.config, kind, name)
    if submission.terms.wait:
        follow_workflow(cluster, name, config=submission.config, timeout=submission.terms.timeout)


def _announce(submission: Submission, verb: str) -> None:
    cluster, manifest = submission.cluster, submission.manifest
    say(f"About to {verb} {manifest['kind']} {manifest['metadata']['name']!r}, which the cluster admits:")
    place = f"{cluster.namespace}, in context {cluster.context} ({cluster.address})"
    for key, value in {"namespace": place, **submission.about}.items():
        say(f"  {key:<10} {value}")


def _provide_image_and_code(submission: Submission, manifest: dict[str, Any]) -> dict[str, Any]:
    """Build and upload what the workflow will run, and name the image by its digest."""
    if submission.build is not None:
        from kedro_matrix_ext.argo.cluster.create import pin_image
        from kedro_matrix_ext.argo.image.build import build_image

        image = build_image(submission.build)
        manifest = pin_image(manifest, image)
        if submission.record is not None:
            submission.record(image)
    if submission.code is not None:
        submission.code.store.upload(submission.code.package)
    return manifest


def describe_image(build: ImageBuild | None, image: str | None) -> str:
    """Say which image tasks will run in."""
    if build is not None:
        tool = "docker buildx" if build.tool == "docker" else build.tool
        return f"{build.reference}, built for {build.platform} and pushed by {tool}"
    pinned = "" if image and "@" in image else ", by its tag, which may come to mean another image"
    return f"{image}{pinned}"


def describe_ignored(build: ImageBuild | None) -> dict[str, str]:
    """List the files that git ignores and the image holds: no commit names them."""
    from kedro_matrix_ext.argo.image.context import list_git_ignored

    found = list_git_ignored(build.dockerfile, build.context) if build else []
    if not found:
        return {}
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return {"not in git": f"{', '.join(found[:_SHOWN])}{more}: ignored by git, and in the image"}


def tell_how_to_follow(cluster: Cluster, config: ArgoConfig, kind: str, name: str) -> None:
    """Print the commands that follow what was submitted, and its page where the server is known."""
    from kedro_matrix_ext.argo.cluster.client import RESOURCES

    if kind == "Workflow":
        print_line(f"  follow: argo watch -n {cluster.namespace} {name}")
    print_line(f"  look:   kubectl get {RESOURCES[kind]} -n {cluster.namespace} {name}")
    if kind == "WorkflowTemplate":
        print_line(f"  run:    argo submit -n {cluster.namespace} --from workflowtemplate/{name}")
    if config.server_url:
        print_line(f"  open:   {config.server_url.rstrip('/')}/{_PAGES[kind]}/{cluster.namespace}/{name}")


def follow_workflow(cluster: Cluster, name: str, *, config: ArgoConfig, timeout: int) -> None:
    """Wait for a workflow and show how far it is; Ctrl-C leaves it running.

    If it is terminated, its MLflow run is closed here, since Argo runs no exit handler.

    Raises:
        ClusterError: If it fails or makes no progress.
    """
    from kedro_matrix_ext.argo.cluster.wait import WaitTimeouts, wait_for_workflow
    from kedro_matrix_ext.cli.argo.terminated import close_terminated
    from kedro_matrix_ext.errors import ClusterError

    timeouts = WaitTimeouts(unscheduled=timeout, poll=min(5.0, max(0.2, timeout / 2)))
    try:
        progress = wait_for_workflow(cluster, name, tell=print_line, timeouts=timeouts)
    except KeyboardInterrupt:
        say(f"\nNot waiting any more; {name} goes on.")
        raise click.exceptions.Exit(130) from None
    except ClusterError as error:
        if error.reason == "failed":
            close_terminated(cluster.get("Workflow", name), config)
        raise
    print_line(f"{name} {progress.phase.lower()}")

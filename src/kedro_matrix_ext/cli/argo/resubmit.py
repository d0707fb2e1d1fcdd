"""``kedro argo resubmit``: go on with a workflow that failed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.argo.failed_workflow import describe, find_failed
from kedro_matrix_ext.cli.argo.prompts import ask, confirm, say
from kedro_matrix_ext.cli.argo.selection import cluster_env_option
from kedro_matrix_ext.cli.argo.submission import (
    NO_SUBMISSION,
    Submission,
    SubmitOptions,
    describe_image,
    follow_workflow,
    submission_options,
    submit_to_cluster,
    tell_how_to_follow,
)
from kedro_matrix_ext.cli.output import logs_on_stderr, print_line

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.cluster.client import Cluster
    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.image.build import ImageBuild
    from kedro_matrix_ext.argo.manifest.options import CodeAddress
    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.cli.argo.code_package import PackedCode
    from kedro_matrix_ext.cli.argo.project import LoadedProject
    from kedro_matrix_ext.cli.argo.selection import Selection

__all__ = ["resubmit"]


@click.command()
@click.option("--workflow-name", "-w", help="The workflow; asked for where several have failed.")
@cluster_env_option("Whose argo.yml says where it ran.")
@click.option(
    "--rebuild/--no-rebuild", default=None, help="Whether to build a new image first; asked unless given."
)
@click.option(
    "--from-failed", is_flag=True, help="Submit what is not done as a new workflow with the same run id."
)
@click.option(
    "--code",
    type=click.Choice(["new", "same"]),
    default="new",
    show_default=True,
    help="With 'deployment.code': run the project as it is now, or the code of the workflow.",
)
@submission_options
@click.pass_obj
def resubmit(  # noqa: PLR0913  one per option
    metadata: ProjectMetadata,
    *,
    workflow_name: str | None,
    env: str,
    rebuild: bool | None,
    from_failed: bool,
    code: str,
    terms: SubmitOptions,
) -> None:
    """Go on with a workflow that failed: in place, or as a new one of the tasks that are not done."""
    from kedro_matrix_ext.argo.cluster.client import connect
    from kedro_matrix_ext.argo.cluster.remaining_tasks import refuse_second_writer
    from kedro_matrix_ext.argo.cluster.retry import choose_retry_backend
    from kedro_matrix_ext.argo.image.git import read_commit
    from kedro_matrix_ext.cli.argo.project import load_config

    with logs_on_stderr():
        config = load_config(metadata, env)
    way = "" if from_failed else choose_retry_backend(config.server_url)
    cluster = connect(config.namespace, context=terms.context)
    workflow = find_failed(cluster, workflow_name, ask=not terms.yes)
    describe(cluster, workflow)
    refuse_second_writer(cluster, workflow)
    if rebuild is None:
        rebuild = not terms.yes and ask(
            "Build a new image first?",
            unanswered=NO_SUBMISSION,
            hint="Give '--rebuild' or '--no-rebuild', and '--yes' not to be asked.",
        )
    if from_failed:
        submit_to_cluster(
            prepare_rest(metadata, cluster, workflow, rebuild=rebuild, new_code=code == "new", terms=terms)
        )
    else:
        build = plan_rebuild(metadata, config, workflow, allow_dirty=terms.allow_dirty) if rebuild else None
        packed = pack_again(metadata, config, workflow) if code == "new" else None
        if packed is not None:
            read_commit(Path(metadata.project_path), allow_dirty=terms.allow_dirty)
        retry_in_place(cluster, config, workflow, build=build, packed=packed, way=way, terms=terms)


def plan_rebuild(
    metadata: ProjectMetadata, config: ArgoConfig, workflow: dict[str, Any], *, allow_dirty: bool
) -> ImageBuild:
    """Find out whether and how a new image can be built for a workflow that is there.

    Raises:
        ArgoError: If it cannot, or the workflow does not take another.
    """
    from kedro_matrix_ext.argo.cluster.submission_record import read_image
    from kedro_matrix_ext.argo.image.git import read_commit
    from kedro_matrix_ext.cli.argo.build import plan_project_build
    from kedro_matrix_ext.errors import ArgoError

    if read_image(workflow) is None:
        raise ArgoError(
            f"workflow {workflow['metadata']['name']!r} has no parameter 'image', so it takes no new one",
            hint="Give '--no-rebuild', or submit again.",
        )
    commit = read_commit(Path(metadata.project_path), allow_dirty=allow_dirty)
    return plan_project_build(metadata, config.deployment, commit)


def pack_again(metadata: ProjectMetadata, config: ArgoConfig, workflow: dict[str, Any]) -> PackedCode | None:
    """Pack the project as it is now, for a workflow that fetches its code.

    Raises:
        ArgoError: If it cannot be packed.
    """
    from kedro_matrix_ext.argo.cluster.submission_record import read_code
    from kedro_matrix_ext.cli.argo.code_package import pack_code

    return pack_code(metadata, config.deployment) if read_code(workflow) else None


def retry_in_place(  # noqa: PLR0913  what to retry, where, and how
    cluster: Cluster,
    config: ArgoConfig,
    workflow: dict[str, Any],
    *,
    build: ImageBuild | None,
    packed: PackedCode | None,
    way: str,
    terms: SubmitOptions,
) -> None:
    """Ask, build the new image if requested, retry what did not succeed, and wait.

    Raises:
        KedroMatrixError: If any step fails.
    """
    from kedro_matrix_ext.argo.cluster.retry import retry_workflow
    from kedro_matrix_ext.argo.cluster.submission_record import read_image
    from kedro_matrix_ext.argo.constants import CODE, CODE_DIGEST
    from kedro_matrix_ext.argo.image.build import build_image

    name = str(workflow["metadata"]["name"])
    say(f"About to retry it in place, through {way}:")
    say(f"  namespace  {cluster.namespace}, in context {cluster.context} ({cluster.address})")
    say(f"  image      {describe_image(build, read_image(workflow))}")
    if packed is not None:
        say(f"  code       {packed}")
    confirm("Go on?", yes=terms.yes, refusal=NO_SUBMISSION)
    parameters = {"image": build_image(build)} if build else {}
    if packed is not None:
        packed.store.upload(packed.package)
        parameters |= {CODE: packed.address.address, CODE_DIGEST: packed.address.digest}
    retry_workflow(cluster, name, server_url=config.server_url, parameters=parameters)
    print_line(f"retried Workflow {name}")
    tell_how_to_follow(cluster, config, "Workflow", name)
    if terms.wait:
        follow_workflow(cluster, name, config=config, timeout=terms.timeout)


def prepare_rest(  # noqa: PLR0913  what to go on with, and how
    metadata: ProjectMetadata,
    cluster: Cluster,
    workflow: dict[str, Any],
    *,
    rebuild: bool,
    new_code: bool,
    terms: SubmitOptions,
) -> Submission:
    """Plan again what a workflow was made from, and make a manifest of what it has not done.

    Raises:
        KedroMatrixError: If the finished tasks cannot be reused, or any step fails.
    """
    from dataclasses import asdict

    from kedro_matrix_ext.argo.cluster.remaining_tasks import select_unfinished
    from kedro_matrix_ext.argo.cluster.submission_record import (
        read_code,
        read_image,
        read_params,
        read_run_id,
        record_submission,
    )
    from kedro_matrix_ext.cli.argo.plan_and_check import plan_checked

    selection = restore_selection(workflow)
    plan, loaded = plan_checked(metadata, selection, params=read_params(workflow), dry_run=False)
    config = loaded.config
    rest = select_unfinished(plan, workflow)
    build = plan_rebuild(metadata, config, workflow, allow_dirty=terms.allow_dirty) if rebuild else None
    image = build.placeholder if build else read_image(workflow)
    packed = pack_again(metadata, config, workflow) if new_code else None
    code = packed.address if packed else read_code(workflow)
    commit = _name_commit(metadata, workflow, is_new=bool(build or packed), terms=terms)
    manifest = _make_rest(rest, loaded, workflow, image=image, code=code, commit=commit, selection=selection)
    return Submission(
        cluster=cluster,
        config=config,
        manifest=record_submission(manifest, plan, asdict(selection), project=metadata.package_name),
        build=build,
        code=packed,
        about={
            "goes on": f"where {workflow['metadata']['name']} ended, as run {read_run_id(workflow)}",
            "image": describe_image(build, image),
            **({"code": str(packed) if packed else f"{code.address}, as before"} if code else {}),
            "commit": commit or "none",
            "tasks": f"{len(rest.tasks)} of {len(plan.tasks)}",
        },
        terms=terms,
    )


def _name_commit(
    metadata: ProjectMetadata, workflow: dict[str, Any], *, is_new: bool, terms: SubmitOptions
) -> str | None:
    """Name the commit of the code that tasks will run: the project's, or still that of the workflow."""
    from kedro_matrix_ext.argo.cluster.submission_record import COMMIT
    from kedro_matrix_ext.argo.image.git import read_commit

    if is_new:
        return read_commit(Path(metadata.project_path), allow_dirty=terms.allow_dirty)
    labels: dict[str, str] = workflow["metadata"].get("labels") or {}
    return labels.get(COMMIT)


def _make_rest(  # noqa: PLR0913  what it is made of
    rest: Plan,
    loaded: LoadedProject,
    workflow: dict[str, Any],
    *,
    image: str | None,
    code: CodeAddress | None,
    commit: str | None,
    selection: Selection,
) -> dict[str, Any]:
    """Make the manifest of the rest of a workflow: its run, its parameters, a name that follows from its own.

    So whoever continues the same workflow meanwhile wants the same name, which the cluster gives once.
    """
    from kedro_matrix_ext.argo.cluster.submission_record import COMMIT, CONTINUES, read_params, read_run_id
    from kedro_matrix_ext.argo.manifest.naming import derive_suffix
    from kedro_matrix_ext.argo.manifest.options import ManifestOptions
    from kedro_matrix_ext.cli.argo.plan_and_check import make_manifest

    name = str(workflow["metadata"]["name"])
    options = ManifestOptions(
        run_id=read_run_id(workflow),
        params=read_params(workflow),
        workflow_name=name.rpartition("-")[0] or name,
        suffix=derive_suffix(name),
        image=image,
        code=code,
        load_versions=selection.versions,
        conf_source=selection.conf_source,
        labels={CONTINUES: name, **({COMMIT: commit} if commit else {})},
    )
    return make_manifest(rest, loaded, options)


def restore_selection(workflow: dict[str, Any]) -> Selection:
    """Restore what was asked for on the command line when a workflow was submitted.

    Raises:
        ArgoError: If the workflow does not say.
    """
    from dataclasses import fields

    from kedro_matrix_ext.argo.cluster.submission_record import read_selection
    from kedro_matrix_ext.cli.argo.selection import Selection
    from kedro_matrix_ext.errors import ArgoError

    found = read_selection(workflow)
    if not {"pipeline", "env", "group_by"} <= set(found):
        raise ArgoError(
            f"workflow {workflow['metadata']['name']!r} does not say what it was made from",
            hint="Leave out '--from-failed' to retry it in place.",
        )
    known = {field.name for field in fields(Selection)}
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in found.items()
    }
    return Selection.of(**{key: value for key, value in given.items() if key in known})

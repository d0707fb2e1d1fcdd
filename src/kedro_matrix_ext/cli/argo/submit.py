"""``kedro argo submit``: from the project to a manifest, and on to the cluster."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.argo.selection import Selection, selection_options, without_imports_option
from kedro_matrix_ext.cli.argo.submission import (
    Submission,
    SubmitOptions,
    describe_ignored,
    describe_image,
    submission_options,
    submit_to_cluster,
)
from kedro_matrix_ext.cli.output import output_option, write_output

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.manifest.options import Kind, ManifestOptions
    from kedro_matrix_ext.cli.argo.code_package import PackedCode

__all__ = ["submit"]


@click.command()
@selection_options
@click.option("--dry-run", "-d", is_flag=True, help="Write the manifest and submit nothing.")
@output_option("the manifest")
@click.option(
    "--kind",
    type=click.Choice(["Workflow", "WorkflowTemplate", "CronWorkflow"]),
    default="Workflow",
    show_default=True,
    help="What to create: one run, a template to start runs from, or a schedule.",
)
@click.option("--schedule", help="When a CronWorkflow runs, as '0 6 * * 1-5'; implies --kind CronWorkflow.")
@click.option("--workflow-name", "-w", help="How the workflow's name begins.")
@click.option("--params", default="", help="Parameters for all tasks, as 'kedro run --params' takes them.")
@click.option(
    "--build/--no-build",
    default=None,
    help="Whether to build the image first; by default where the image holds the code.",
)
@click.option("--stale-image", is_flag=True, help="Run the image although the dependencies have changed.")
@without_imports_option
@submission_options
@click.pass_obj
def submit(  # noqa: PLR0913  one per option
    metadata: ProjectMetadata,
    *,
    selection: Selection,
    dry_run: bool,
    output: Path | None,
    kind: Kind,
    schedule: str | None,
    workflow_name: str | None,
    params: str,
    build: bool | None,
    stale_image: bool,
    without_imports: bool,
    terms: SubmitOptions,
) -> None:
    """Plan the pipeline and submit it as an Argo workflow."""
    from kedro_matrix_ext.argo.manifest.options import ManifestOptions
    from kedro_matrix_ext.cli.run_params import parse_params

    run_params = parse_params(params)
    kind = "CronWorkflow" if schedule else kind
    options = ManifestOptions(
        kind=kind,
        schedule=schedule,
        workflow_name=workflow_name or _name_stored(metadata, selection, kind),
        params=run_params,
        load_versions=selection.versions,
        conf_source=selection.conf_source,
    )
    _refuse_local_source(selection.conf_source)
    if dry_run:
        manifest = _plan_manifest(metadata, selection, options, imports=not without_imports)
        _write_manifest(manifest, output, private=bool(run_params))
        return
    _refuse_unfitting(kind, output, wait=terms.wait)
    prepared = _prepare(
        metadata,
        selection,
        options,
        build=build,
        stale_image=stale_image,
        imports=not without_imports,
        terms=terms,
    )
    submit_to_cluster(prepared)


def _plan_manifest(
    metadata: ProjectMetadata, selection: Selection, options: ManifestOptions, *, imports: bool
) -> dict[str, Any]:
    """Make the manifest of a dry run: nothing is built or uploaded, and changes may be uncommitted."""
    from kedro_matrix_ext.argo.image.git import read_commit
    from kedro_matrix_ext.cli.argo.code_package import pack_code
    from kedro_matrix_ext.cli.argo.plan_and_check import make_manifest, plan_checked

    plan, loaded = plan_checked(metadata, selection, params=options.params, dry_run=True, imports=imports)
    commit = read_commit(Path(metadata.project_path), allow_dirty=True)
    code = pack_code(metadata, loaded.config.deployment)
    image = _preview_image(metadata, loaded.config, code) if code else None
    return make_manifest(plan, loaded, _complete(options, commit, code, image))


def _complete(
    options: ManifestOptions, commit: str | None, code: PackedCode | None, image: str | None
) -> ManifestOptions:
    """Add what a manifest runs: the commit, the code package and the image."""
    from kedro_matrix_ext.argo.cluster.submission_record import COMMIT

    labels = {COMMIT: commit} if commit else {}
    return replace(options, labels=labels, code=code.address if code else None, image=image)


def _preview_image(metadata: ProjectMetadata, config: ArgoConfig, code: PackedCode) -> str | None:
    """Choose the image of a dry run, which also works where the code store does not answer."""
    from kedro_matrix_ext.cli.argo.code_package import choose_image
    from kedro_matrix_ext.cli.argo.prompts import say
    from kedro_matrix_ext.errors import ArgoError

    try:
        return choose_image(metadata, config.deployment, code, stale=True)
    except ArgoError as error:
        say(f"note: {error}")
        return config.deployment.reference


def _name_stored(metadata: ProjectMetadata, selection: Selection, kind: Kind) -> str | None:
    """Name a template or schedule, which stays, so that no other project, environment or selection has it."""
    from kedro_matrix_ext.argo.manifest.naming import name_stored

    if kind == "Workflow":
        return None
    chosen = (
        *(selection.namespaces, selection.tags, selection.nodes, selection.from_nodes),
        *(selection.to_nodes, selection.from_inputs, selection.to_outputs),
    )
    words = [word for words in chosen for word in words]
    return name_stored(metadata.package_name, selection.pipeline, selection.env, *words)


def _refuse_local_source(conf_source: str | None) -> None:
    """Refuse a configuration that pods cannot read."""
    from kedro_matrix_ext.catalog.lookup.storage import is_local

    if conf_source is not None and is_local(conf_source):
        raise click.UsageError(
            f"--conf-source {conf_source!r} is on this machine, where tasks cannot read it; "
            "give an archive in shared storage, such as s3://bucket/conf.tar.gz"
        )


def _refuse_unfitting(kind: str, output: Path | None, *, wait: bool) -> None:
    if output is not None:
        raise click.UsageError("--output goes with --dry-run: what is submitted is not written to a file")
    if wait and kind != "Workflow":
        raise click.UsageError(f"--wait goes with --kind Workflow: a {kind} does not run by itself")


def _prepare(  # noqa: PLR0913  one per option
    metadata: ProjectMetadata,
    selection: Selection,
    options: ManifestOptions,
    *,
    build: bool | None,
    stale_image: bool,
    imports: bool,
    terms: SubmitOptions,
) -> Submission:
    """Do all that can be done before the cluster is asked: commit, preflight, manifest, kubeconfig.

    Raises:
        KedroMatrixError: If any step fails.
    """
    from kedro_matrix_ext.argo.cluster.client import connect
    from kedro_matrix_ext.argo.cluster.submission_record import record_submission
    from kedro_matrix_ext.argo.image.git import read_commit
    from kedro_matrix_ext.argo.manifest.naming import name_by_pipeline
    from kedro_matrix_ext.cli.argo.build import plan_project_build
    from kedro_matrix_ext.cli.argo.code_package import choose_image, pack_code, record_image
    from kedro_matrix_ext.cli.argo.plan_and_check import make_manifest, plan_checked

    commit = read_commit(Path(metadata.project_path), allow_dirty=terms.allow_dirty)
    plan, loaded = plan_checked(metadata, selection, params=options.params, dry_run=False, imports=imports)
    config = loaded.config
    code = pack_code(metadata, config.deployment)
    planned, image = None, None
    if build or (build is None and code is None):
        planned = plan_project_build(metadata, config.deployment, commit)
        image = planned.placeholder
    elif code is not None:
        image = choose_image(metadata, config.deployment, code, stale=stale_image)
    manifest = make_manifest(plan, loaded, _complete(options, commit, code, image))
    unnamed = options.workflow_name == _name_stored(metadata, selection, options.kind)
    return Submission(
        cluster=connect(config.namespace, context=terms.context),
        config=config,
        manifest=record_submission(manifest, plan, asdict(selection), project=metadata.package_name),
        build=planned,
        code=code,
        record=partial(record_image, metadata, config.deployment),
        about={
            "image": describe_image(planned, image or config.deployment.reference),
            **({"code": str(code)} if code else {}),
            "commit": commit or "none",
            **describe_ignored(planned),
            "tasks": f"{len(plan.tasks)}, of pipeline {plan.pipeline} by {plan.group_by}, env {plan.env}",
        },
        terms=terms,
        old_name=name_by_pipeline(plan.pipeline) if unnamed else None,
    )


def _write_manifest(manifest: dict[str, Any], output: Path | None, *, private: bool) -> None:
    """Write a manifest as YAML; for its owner alone if it holds a secret, or ``--params``, which may."""
    from kedro_matrix_ext._known_secrets import scrub
    from kedro_matrix_ext.argo.manifest import dump_manifest

    text = dump_manifest(manifest).removesuffix("\n")
    private = private or scrub(text) != text
    what = f"{manifest['kind']} {manifest['metadata']['name']}"
    write_output(text, output, what=what, is_manifest=True, private=private)

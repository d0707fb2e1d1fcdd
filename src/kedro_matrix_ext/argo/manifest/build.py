"""The manifest as a whole: plan and configuration in, plain data out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.constants import (
    API_VERSION,
    CODE,
    CODE_DIGEST,
    ENTRYPOINT,
    RUN_ID,
    Manifest,
)
from kedro_matrix_ext.argo.manifest.container_templates import (
    ContainerTemplateContext,
    group_container_templates,
    render_container_template,
)
from kedro_matrix_ext.argo.manifest.cron import render_schedule
from kedro_matrix_ext.argo.manifest.dag_templates import build_dags
from kedro_matrix_ext.argo.manifest.init_templates import (
    join_exit_templates,
    list_init_templates,
    render_exit_handler,
    render_exit_template,
    render_init_template,
)
from kedro_matrix_ext.argo.manifest.metadata import list_annotations, list_labels
from kedro_matrix_ext.argo.manifest.naming import NameTable, choose_workflow_name, slugify
from kedro_matrix_ext.argo.manifest.options import KINDS, CodeAddress, ManifestOptions
from kedro_matrix_ext.argo.manifest.passthrough import list_hook_templates, merge_fields, merge_workflow
from kedro_matrix_ext.argo.manifest.workflow_spec import render_settings
from kedro_matrix_ext.argo.plan.nesting.dag_groups import describe_nesting
from kedro_matrix_ext.argo.template_tags.escaping import refuse_tags
from kedro_matrix_ext.argo.template_tags.run_id import RUN_ID_TAGS
from kedro_matrix_ext.argo.template_tags.run_params import encode_parameters
from kedro_matrix_ext.errors import ArgoError
from kedro_matrix_ext.resolvers.run_ids import require_version_format

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.configuration.workflow import Schedule
    from kedro_matrix_ext.argo.manifest.dag_templates import Dags
    from kedro_matrix_ext.argo.manifest.options import Kind
    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = ["build_manifest", "render_manifest"]

_LONGEST_BASE = 45


def build_manifest(  # noqa: PLR0913  each is a part of the manifest
    plan: Plan,
    *,
    config: ArgoConfig,
    kind: Kind = "Workflow",
    schedule: Schedule | str | None = None,
    image: str | None = None,
    code: tuple[str, str] | None = None,
    workflow_name: str | None = None,
    suffix: str | None = None,
    run_id: str | None = None,
    params: Mapping[str, Any] | None = None,
    conf_source: str | None = None,
    load_versions: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Manifest:
    """Turn a plan into an Argo manifest: plain data, the same for the same input except a random suffix.

    Args:
        plan: What to run.
        config: ``argo.yml``.
        kind: ``Workflow``, ``WorkflowTemplate`` or ``CronWorkflow``.
        schedule: When a ``CronWorkflow`` runs, in place of ``schedule`` in ``argo.yml``.
        image: The image of tasks, in place of ``deployment`` in ``argo.yml``.
        code: The address of the code package and its SHA-256, where ``deployment.code`` is set.
        workflow_name: How the name begins; from the pipeline's name where not given.
        suffix: What the name of a ``Workflow`` ends with, unless Argo would mistake tasks then; else random.
        run_id: The run's id, in Kedro's format of save versions; the workflow's creation time if not given.
        params: Parameters for all tasks, which win over configuration.
        conf_source: Where tasks read configuration, if not where the project has it.
        load_versions: Versions of datasets that tasks load, by dataset.
        labels: Labels of the workflow beyond those of ``argo.yml``, as the commit it was made from.

    Returns:
        The manifest.

    Raises:
        ArgoError: If the plan or the configuration does not make a manifest that Argo takes.
        ResolverError: If the run id is not in the format of Kedro's versions.

    Examples:
        >>> from kedro_matrix_ext.argo.configuration import ArgoConfig
        >>> from kedro_matrix_ext.argo.plan.model import Plan, Task
        >>> from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig
        >>> task = Task(name="train", nodes=("train",), resources=ArgoResourceConfig(), pipelines=("ds",))
        >>> plan = Plan(pipeline="__default__", env="cloud", group_by="node", tasks=(task,))
        >>> config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
        >>> manifest = build_manifest(plan, config=config, suffix="x7k2p9")
        >>> manifest["metadata"]["name"], [part["name"] for part in manifest["spec"]["templates"]]
        ('default-x7k2p9', ['pipeline', 'kedro'])
    """
    return render_manifest(
        plan,
        config,
        ManifestOptions(
            kind=kind,
            schedule=schedule,
            image=image,
            code=CodeAddress(*code) if code else None,
            workflow_name=workflow_name,
            suffix=suffix,
            run_id=run_id,
            params=params or {},
            conf_source=conf_source,
            load_versions=load_versions or {},
            labels=labels or {},
        ),
    )


def render_manifest(plan: Plan, config: ArgoConfig, options: ManifestOptions) -> Manifest:
    """Turn a plan into a manifest; ``build_manifest`` describes options, result and errors."""
    kind = options.kind
    if options.image and "@" in options.image:
        config = config.model_copy(
            update={"deployment": config.deployment.model_copy(update={"image": options.image})}
        )
    if kind not in KINDS:
        raise ArgoError(f"{kind!r} is not a kind of manifest", hint=f"Kinds are {', '.join(KINDS)}.")
    dags, templates, hooked = _build_templates(plan, config, options)
    base = options.workflow_name or slugify(plan.pipeline, longest=_LONGEST_BASE, default="pipeline")
    name = choose_workflow_name(
        base, kind=kind, suffix=options.suffix, paths=dags.paths, retries=config.retries.limit
    )
    labels = list_labels(plan, config, options.labels)
    note = describe_nesting(dags.partition) if dags.partition else None
    spec: Manifest = {
        "entrypoint": ENTRYPOINT,
        **({"onExit": templates[-1]["name"]} if _has_exit(config) else {}),
        "arguments": {"parameters": _arguments(config, options)},
        **render_settings(config, labels),
        "templates": templates,
    }
    spec = merge_workflow(spec, config, hooked)
    manifest: Manifest = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": config.namespace,
            "labels": labels,
            "annotations": list_annotations(plan, config, note),
        },
    }
    if kind == "CronWorkflow":
        return {**manifest, "spec": render_schedule(options.schedule, config, labels, spec)}
    if kind == "WorkflowTemplate":
        spec = merge_fields({"workflowMetadata": {"labels": labels}}, spec)
    return {**manifest, "spec": spec}


def _build_templates(
    plan: Plan, config: ArgoConfig, options: ManifestOptions
) -> tuple[Dags, list[Manifest], dict[str, str]]:
    """Write all templates, the exit handler last, and give the names of those that hooks run."""
    if not plan.tasks:
        raise ArgoError(
            f"the plan of pipeline {plan.pipeline!r} has no tasks",
            hint="Check the selection of nodes and tags.",
        )
    run_parameters = encode_parameters(options.params) if options.params else None
    names, task_names = NameTable(), NameTable()
    names.add(ENTRYPOINT)
    for task in plan.tasks:
        task_names.add(task.name)
    inits = list_init_templates(config, names, task_names)
    container_templates, per_task = group_container_templates(plan, config, names)
    hooked = {
        name: render_exit_template(own, config, plan, names, run_parameters=run_parameters)
        for name in list_hook_templates(config)
        if (own := config.template.find(name)) is not None
    }
    exits = _render_exits(config, plan, names, run_parameters, hooked)
    dags = build_dags(plan, per_task, inits, names=names, task_names=task_names)
    outputs = tuple(output for init in inits for output in init.outputs)
    context = ContainerTemplateContext(
        config, plan, run_parameters, outputs, options.conf_source, options.load_versions
    )
    return (
        dags,
        [
            *dags.templates,
            *(render_container_template(template, context) for template in container_templates),
            *(render_init_template(init, config, plan, run_parameters=run_parameters) for init in inits),
            *(template for template in hooked.values() if template not in exits),
            *exits,
        ],
        {name: template["name"] for name, template in hooked.items()},
    )


def _has_exit(config: ArgoConfig) -> bool:
    return config.has_exit_handler or config.template.exit_template is not None


def _render_exits(
    config: ArgoConfig,
    plan: Plan,
    names: NameTable,
    run_parameters: str | None,
    hooked: Mapping[str, Manifest],
) -> list[Manifest]:
    """Write the exit handler, the project's own, which a hook may run too, and what runs both."""
    exits = []
    if config.has_exit_handler:
        exits.append(render_exit_handler(config, plan, names, run_parameters=run_parameters))
    own = config.template.find(config.template.exit_template or "")
    if own is not None and own.name in hooked:
        exits.append(hooked[own.name])
    elif own is not None:
        exits.append(render_exit_template(own, config, plan, names, run_parameters=run_parameters))
    return join_exit_templates(exits, names)


def _arguments(config: ArgoConfig, options: ManifestOptions) -> list[dict[str, str]]:
    reference, run_id = options.image or config.deployment.reference, options.run_id
    if reference is None:
        raise ArgoError(
            "nothing says which image tasks run in",
            config_path="argo: deployment.image",
            hint="Give the image's name there, registry included.",
        )
    return [
        {"name": "image", "value": refuse_tags(reference, place="argo: deployment.image")},
        *_locate_code(config, options.code),
        {
            "name": RUN_ID,
            "value": require_version_format(run_id) if run_id else RUN_ID_TAGS,
        },
    ]


def _locate_code(config: ArgoConfig, code: CodeAddress | None) -> list[dict[str, str]]:
    """Say where tasks fetch the code package, if it is not in the image."""
    if config.deployment.code is None:
        return []
    if code is None:
        raise ArgoError(
            "'deployment.code' says that tasks fetch their code, and no code package was made",
            config_path="argo: deployment.code",
            hint="Give the address of the package and its SHA-256 as 'code'; 'kedro argo submit' does.",
        )
    address = refuse_tags(code.address, place="argo: deployment.code")
    return [{"name": CODE, "value": address}, {"name": CODE_DIGEST, "value": code.digest}]

"""Leaf templates: what a task's pod is. One per distinct image, resources, template and node selector."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._variables import PIPELINE_VARIABLE, TASK_VARIABLE
from kedro_matrix_ext.argo.configuration.kubernetes_types import same_path
from kedro_matrix_ext.argo.configuration.template_inputs import check_inputs, find_inputs
from kedro_matrix_ext.argo.constants import MLFLOW_RUN_ID, NODES, RESOURCE_INPUTS, SCRATCH_VOLUME
from kedro_matrix_ext.argo.manifest.containers import (
    kedro_command,
    render_environment,
    render_mounts,
    render_resources,
    render_scratch,
    render_sidecar,
    render_variable,
    render_volume,
    size_variables,
    variable,
)
from kedro_matrix_ext.argo.manifest.passthrough import merge_fields, pass_through
from kedro_matrix_ext.argo.manifest.pod_spec import finish_pod
from kedro_matrix_ext.argo.manifest.resource_templates import KEDRO_NODES, render_resource_template
from kedro_matrix_ext.argo.plan.task_names import name_task
from kedro_matrix_ext.argo.template_tags.escaping import escape_variables, refuse_tags
from kedro_matrix_ext.argo.template_tags.name_lists import encode_names
from kedro_matrix_ext.argo.template_tags.syntax import input_tag, render_tag, workflow_parameter_tag
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.configuration.templates import Template
    from kedro_matrix_ext.argo.manifest.init_templates import InitOutput
    from kedro_matrix_ext.argo.manifest.naming import NameTable
    from kedro_matrix_ext.argo.plan.model import Plan, Task

__all__ = [
    "ContainerTemplate",
    "ContainerTemplateContext",
    "group_container_templates",
    "render_container_template",
]

PIPELINES = "pipelines"
MEMORY_DATASETS = "memory_datasets"


@dataclass(frozen=True)
class ContainerTemplateContext:
    """What all container templates of a manifest are made from.

    Attributes:
        config: ``argo.yml``.
        plan: The plan.
        run_parameters: Encoded parameters given at submit.
        init_outputs: What init templates pass to every task.
        conf_source: Where tasks read configuration, if not where the project has it.
        load_versions: Versions of datasets to load, by dataset.
    """

    config: ArgoConfig
    plan: Plan
    run_parameters: str | None
    init_outputs: tuple[InitOutput, ...]
    conf_source: str | None
    load_versions: Mapping[str, str]


@dataclass
class ContainerTemplate:
    """A container template to be, and the tasks that run in it.

    Attributes:
        name: The template's name in the manifest.
        template: The template in ``argo.yml``, or none for the built-in one.
        tasks: Its tasks.
        pipelines: The pipelines that most of its tasks load; the default of all tasks.
    """

    name: str
    template: Template | None
    tasks: list[Task] = field(default_factory=list)
    pipelines: str = ""

    @property
    def node_parameter(self) -> str:
        """The parameter its tasks' nodes are passed in."""
        return NODES if self.runs_kedro else KEDRO_NODES

    @property
    def runs_kedro(self) -> bool:
        """Whether it runs the generated command, not one of the project."""
        return self.template is None or self.template.resource is not None

    def arguments(self, task: Task) -> list[dict[str, str]]:
        """List what a task passes: its nodes, and what departs from the template's defaults."""
        passed = [{"name": self.node_parameter, "value": encode_names(task.nodes)}]
        if self.runs_kedro:
            pipelines = encode_names(task.pipelines)
            if pipelines != self.pipelines:
                passed.append({"name": PIPELINES, "value": pipelines})
            if task.memory_datasets:
                passed.append({"name": MEMORY_DATASETS, "value": encode_names(task.memory_datasets)})
        return passed


def group_container_templates(
    plan: Plan, config: ArgoConfig, names: NameTable
) -> tuple[list[ContainerTemplate], list[ContainerTemplate]]:
    """Find the distinct container templates of a plan.

    Raises:
        ArgoError: If a task wants a template that ``argo.yml`` does not have.
    """
    container_templates: dict[tuple[Any, ...], ContainerTemplate] = {}
    per_task = []
    for task in plan.tasks:
        wanted = task.template or config.template.default_template
        selector = tuple(sorted(task.node_selector.items()))
        key = (wanted, task.image, task.resources, selector, json.dumps(task.pod, sort_keys=True))
        container_template = container_templates.get(key)
        if container_template is None:
            container_template = container_templates[key] = ContainerTemplate(
                names.add(name_task(wanted)), _find_template(wanted, config, task)
            )
        container_template.tasks.append(task)
        per_task.append(container_template)
    for container_template in container_templates.values():
        container_template.pipelines = _most_common(
            [encode_names(task.pipelines) for task in container_template.tasks]
        )
    return list(container_templates.values()), per_task


def _find_template(name: str, config: ArgoConfig, task: Task) -> Template | None:
    from kedro_matrix_ext._suggestion import did_you_mean
    from kedro_matrix_ext.argo.configuration.name_checks import BUILT_IN_TEMPLATE

    template = config.template.find(name)
    if template is None and name != BUILT_IN_TEMPLATE:
        known = [BUILT_IN_TEMPLATE, *(template.name for template in config.template.templates)]
        raise ArgoError(
            f"task {task.name!r} wants the template {name!r}, which 'argo.yml' does not declare. "
            f"{did_you_mean(name, known)}".rstrip(),
            config_path="argo: template.templates",
            hint=f"Declared are: {', '.join(known)}.",
        )
    return template


def _most_common(values: Sequence[str]) -> str:
    """Give the most frequent value; the smallest of several."""
    return min(Counter(values).items(), key=lambda item: (-item[1], item[0]))[0]


def render_container_template(
    container_template: ContainerTemplate, context: ContainerTemplateContext
) -> dict[str, Any]:
    """Write a container template."""
    config, task, own = context.config, container_template.tasks[0], container_template.template
    scratch = render_scratch(config, task.resources)
    template: dict[str, Any] = {
        "name": container_template.name,
        "inputs": {"parameters": _inputs(container_template, context)},
        "container": _render_container(container_template, context, has_scratch=scratch is not None),
    }
    if own is not None and own.resource is not None:
        template = render_resource_template(template, own, own.resource)
        return pass_through(finish_pod(template, config), config, own, task.pod, nodes=NODES)
    if own is not None and own.sidecars:
        template["sidecars"] = [render_sidecar(sidecar) for sidecar in own.sidecars]
    volumes = [render_volume(volume) for volume in own.volumes] if own else []
    if scratch or volumes:
        template["volumes"] = [*volumes, *([scratch] if scratch else [])]
    outputs = own.outputs.passed if own else {}
    if outputs:
        template["outputs"] = outputs
    finished = finish_pod(
        template,
        config,
        node_selector=task.node_selector,
        has_gpus=task.resources.num_gpus > 0,
        has_scratch=scratch is not None,
    )
    return pass_through(finished, config, own, task.pod, nodes=container_template.node_parameter)


def _render_container(
    container_template: ContainerTemplate, context: ContainerTemplateContext, *, has_scratch: bool
) -> dict[str, Any]:
    config, task, own = context.config, container_template.tasks[0], container_template.template
    own_image = task.image or (own.container.image if own else None)
    container: dict[str, Any] = {
        "image": _image_of(container_template, task),
        "imagePullPolicy": config.deployment.pull_policy(own_image),
        **(
            _built_in_command(container_template, context)
            if own is None or container_template.runs_kedro
            else _own_command(own)
        ),
        "env": _environment(container_template, context),
        "resources": render_resources(task.resources),
    }
    mounts = render_mounts(own.container.volume_mounts) if own else []
    if has_scratch:
        mounts.append(_mount_scratch(container_template, config.template.emph_storage_mount_path, mounts))
    if mounts:
        container["volumeMounts"] = mounts
    return container if own is None else merge_fields(container, own.container.passed)


def _mount_scratch(
    container_template: ContainerTemplate, path: str, mounts: list[dict[str, Any]]
) -> dict[str, Any]:
    other = next((mount for mount in mounts if same_path(mount["mountPath"]) == same_path(path)), None)
    if other is not None:
        named = container_template.template or container_template
        raise ArgoError(
            f"volume {other['name']!r} and scratch storage are both mounted at {path!r}",
            config_path=f"argo: template.templates, {named.name!r}",
            hint="Mount the volume elsewhere, or change 'template.emph_storage_mount_path'.",
        )
    return {"name": SCRATCH_VOLUME, "mountPath": path}


def _image_of(container_template: ContainerTemplate, task: Task) -> str:
    own = container_template.template.container.image if container_template.template else None
    if own is not None:
        return own
    return refuse_tags(task.image, place="argo: rules") if task.image else workflow_parameter_tag("image")


def _built_in_command(
    container_template: ContainerTemplate, context: ContainerTemplateContext
) -> dict[str, list[str]]:
    args = ["argo", "task", "--pipelines", _input(PIPELINES), "--nodes", _input(NODES)]
    args += ["--env", _literal(context.plan.env, "the name of the environment")]
    if any(task.memory_datasets for task in container_template.tasks):
        args += ["--memory-datasets", _input(MEMORY_DATASETS)]
    if context.conf_source is not None:
        args += ["--conf-source", _literal(context.conf_source, "--conf-source")]
    if context.load_versions:
        versions = [f"{dataset}:{version}" for dataset, version in sorted(context.load_versions.items())]
        args += ["--load-versions", encode_names(versions)]
    return {"command": kedro_command(context.config), "args": args}


def _own_command(template: Template) -> dict[str, list[str]]:
    command = {"command": list(template.container.command)}
    return {**command, "args": list(template.container.args)} if template.container.args else command


def _literal(text: str, place: str) -> str:
    return escape_variables(refuse_tags(text, place=place))


def _input(name: str) -> str:
    return input_tag(name)


def _environment(
    container_template: ContainerTemplate, context: ContainerTemplateContext
) -> list[dict[str, Any]]:
    template = container_template.template
    own = [
        variable(TASK_VARIABLE, render_tag("tasks.name")),
        *size_variables(container_template.tasks[0].resources),
        *(variable(output.variable, _input(output.name)) for output in context.init_outputs),
        *_name_pipeline(context),
        *(render_variable(entry, place=None) for entry in (template.container.env if template else ())),
    ]
    resources = container_template.tasks[0].resources
    return render_environment(
        context.config, run_parameters=context.run_parameters, resources=resources, own=own
    )


def _name_pipeline(context: ContainerTemplateContext) -> list[dict[str, str]]:
    """Name the pipeline to tasks that share an MLflow run, whose tag it is."""
    if not any(output.variable == MLFLOW_RUN_ID.upper() for output in context.init_outputs):
        return []
    return [variable(PIPELINE_VARIABLE, _literal(context.plan.pipeline, "the name of the pipeline"))]


def _inputs(container_template: ContainerTemplate, context: ContainerTemplateContext) -> list[dict[str, str]]:
    """Declare what a container template is given; what has a value does not have to be passed."""
    outputs = [{"name": output.name} for output in context.init_outputs]
    inputs = []
    if container_template.template is not None:
        inputs = _own_inputs(container_template, container_template.template, context)
    if not container_template.runs_kedro:
        return [*inputs, *outputs]
    inputs += [{"name": NODES}, {"name": PIPELINES, "value": container_template.pipelines}]
    if any(task.memory_datasets for task in container_template.tasks):
        inputs.append({"name": MEMORY_DATASETS, "value": ""})
    return [*inputs, *outputs]


def _own_inputs(
    container_template: ContainerTemplate, template: Template, context: ContainerTemplateContext
) -> list[dict[str, str]]:
    """Declare the inputs that a template of the project refers to."""
    resources = container_template.tasks[0].resources
    values = {
        "pipeline": _literal(context.plan.pipeline, "the name of the pipeline"),
        "environment": _literal(context.plan.env, "the name of the environment"),
        "mem": f"{resources.memory_limit:g}",
        "cpu": f"{resources.cpu_limit:g}",
        "num_gpu": str(resources.num_gpus),
        "emph_storage": f"{resources.ephemeral_storage_limit:g}",
    }
    wanted = find_inputs(template, values)
    known = {KEDRO_NODES, *values, *(output.name for output in context.init_outputs)}
    is_resource = template.resource is not None
    check_inputs(wanted, {*known, *RESOURCE_INPUTS} if is_resource else known, template)
    return [
        *([] if is_resource else [{"name": KEDRO_NODES}]),
        *({"name": name, "value": value} for name, value in values.items() if name in wanted),
    ]

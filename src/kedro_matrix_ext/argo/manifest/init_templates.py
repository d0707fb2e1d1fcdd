"""Templates that run before all tasks, what they pass, and the exit handler that runs after them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._variables import TASK_VARIABLE
from kedro_matrix_ext.argo.configuration.init_templates import name_init_templates
from kedro_matrix_ext.argo.configuration.template_inputs import check_inputs, find_inputs
from kedro_matrix_ext.argo.constants import (
    EXIT_TEMPLATE,
    HOOKS_EXIT_TEMPLATE,
    HOOKS_INIT_TEMPLATE,
    MLFLOW_EXIT_TEMPLATE,
    MLFLOW_RUN_ID,
    MLFLOW_RUN_ID_FILE,
)
from kedro_matrix_ext.argo.manifest.containers import (
    kedro_command,
    render_environment,
    render_mounts,
    render_sidecar,
    render_variable,
    render_volume,
    variable,
)
from kedro_matrix_ext.argo.manifest.passthrough import merge_fields, pass_through
from kedro_matrix_ext.argo.manifest.pod_spec import finish_pod
from kedro_matrix_ext.argo.plan.task_names import name_task
from kedro_matrix_ext.argo.template_tags.escaping import escape_variables, refuse_tags
from kedro_matrix_ext.argo.template_tags.syntax import render_tag, task_output_tag, workflow_parameter_tag
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.configuration.templates import Template
    from kedro_matrix_ext.argo.manifest.naming import NameTable
    from kedro_matrix_ext.argo.plan.model import Plan

__all__ = [
    "InitOutput",
    "InitTemplate",
    "join_exit_templates",
    "list_init_templates",
    "render_exit_handler",
    "render_exit_template",
    "render_init_template",
]


@dataclass(frozen=True)
class InitOutput:
    """A value that an init template passes to every task.

    Attributes:
        task: The init template's task.
        name: The parameter.
        path: The file that holds it.
    """

    task: str
    name: str
    path: str

    @property
    def variable(self) -> str:
        """The environment variable it becomes."""
        return self.name.upper().replace("-", "_")

    @property
    def reference(self) -> str:
        """The tag that stands for it in the DAG of its task."""
        return task_output_tag(self.task, self.name)


@dataclass(frozen=True)
class InitTemplate:
    """A template that runs before all tasks.

    Attributes:
        name: Of its template.
        task: Of the task that runs it.
        template: The template in ``argo.yml``; none for a built-in one.
        arguments: What a built-in one runs after ``kedro argo``.
        outputs: What it passes.
    """

    name: str
    task: str
    template: Template | None
    outputs: tuple[InitOutput, ...]
    arguments: tuple[str, ...] = ()


def list_init_templates(config: ArgoConfig, names: NameTable, task_names: NameTable) -> list[InitTemplate]:
    """List what runs before all tasks, the MLflow run included where it is on and nobody makes one.

    Raises:
        ArgoError: If two of them pass a value of the same name.
    """
    listed = [
        _make(name, names.add(name_task(name)), task_names.add(name_task(name)), config.template.find(name))
        for name in name_init_templates(config)
    ]
    _refuse_shared_outputs(listed)
    return listed


def _make(wanted: str, name: str, task: str, template: Template | None) -> InitTemplate:
    if template is None and wanted == HOOKS_INIT_TEMPLATE:
        return InitTemplate(name, task, None, (), ("workflow-hooks", "start"))
    if template is None:
        output = InitOutput(task, MLFLOW_RUN_ID, MLFLOW_RUN_ID_FILE)
        return InitTemplate(
            name, task, None, (output,), ("mlflow-run", "start", "--output", MLFLOW_RUN_ID_FILE)
        )
    outputs = tuple(InitOutput(task, output.name, output.path) for output in template.parameters)
    return InitTemplate(name, task, template, outputs)


def _refuse_shared_outputs(listed: list[InitTemplate]) -> None:
    seen: dict[str, InitOutput] = {}
    for output in (output for init in listed for output in init.outputs):
        first = seen.setdefault(output.variable, output)
        if first is not output:
            raise ArgoError(
                f"init templates {first.task!r} and {output.task!r} both pass {output.name!r}, "
                f"which tasks see as {output.variable!r}",
                config_path="argo: template.init_templates",
                hint="Rename one of the outputs.",
            )


def render_init_template(
    init: InitTemplate, config: ArgoConfig, plan: Plan, *, run_parameters: str | None
) -> dict[str, Any]:
    """Write an init template."""
    own = [variable(TASK_VARIABLE, render_tag("tasks.name"))]
    if init.template is not None:
        own += [render_variable(entry, place=None) for entry in init.template.container.env]
    environment = render_environment(config, run_parameters=run_parameters, own=own)
    template: dict[str, Any] = {"name": init.name}
    if init.template is None:
        template["container"] = _built_in_container(
            [*init.arguments, *_name_pipeline(plan)], config, plan, environment
        )
    else:
        template |= _own_parts(init.template, config, plan, environment)
    if init.outputs:
        template["outputs"] = {"parameters": [_output(output, config) for output in init.outputs]}
    if init.template is not None and init.template.outputs.passed:
        template["outputs"] = {**template.get("outputs", {}), **init.template.outputs.passed}
    return pass_through(finish_pod(template, config), config, init.template)


def _own_parts(
    template: Template, config: ArgoConfig, plan: Plan, environment: list[dict[str, Any]]
) -> dict[str, Any]:
    values = {"pipeline": plan.pipeline, "environment": plan.env}
    wanted = find_inputs(template, values)
    check_inputs(wanted, values, template)
    inputs = [{"name": name, "value": values[name]} for name in sorted(wanted)]
    container: dict[str, Any] = {
        "image": template.container.image or workflow_parameter_tag("image"),
        "imagePullPolicy": config.deployment.pull_policy(template.container.image),
        "command": list(template.container.command),
        "args": list(template.container.args),
        "env": environment,
        "volumeMounts": render_mounts(template.container.volume_mounts),
    }
    given = {key: value for key, value in container.items() if value != []}
    optional = {
        "inputs": {"parameters": inputs} if inputs else None,
        "container": merge_fields(given, template.container.passed),
        "sidecars": [render_sidecar(sidecar) for sidecar in template.sidecars],
        "volumes": [render_volume(volume) for volume in template.volumes],
    }
    return {key: value for key, value in optional.items() if value}


def _output(output: InitOutput, config: ArgoConfig) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": output.name, "valueFrom": {"path": output.path}}
    if config.mlflow and output.name == MLFLOW_RUN_ID:
        # The exit handler is outside of the DAG and sees only what is global.
        parameter["globalName"] = MLFLOW_RUN_ID
    return parameter


def _built_in_container(
    arguments: list[str], config: ArgoConfig, plan: Plan, environment: list[dict[str, Any]]
) -> dict[str, Any]:
    env = escape_variables(refuse_tags(plan.env, place="the name of the environment"))
    return {
        "image": workflow_parameter_tag("image"),
        "imagePullPolicy": config.deployment.pull_policy(),
        "command": kedro_command(config),
        "args": ["argo", *arguments, "--env", env],
        "env": environment,
    }


def render_exit_handler(
    config: ArgoConfig, plan: Plan, names: NameTable, *, run_parameters: str | None
) -> dict[str, Any]:
    """Render the exit handler, which runs after the workflow, however it ended."""
    own = []
    if config.mlflow:
        run_id = render_tag(f"workflow.outputs.parameters.{MLFLOW_RUN_ID}")
        own = [variable(MLFLOW_RUN_ID.upper(), run_id)]
    environment = render_environment(config, run_parameters=run_parameters, own=own)
    end = ["end", "--status", render_tag("workflow.status")]
    if config.workflow_hooks:
        also = ["--mlflow-run"] if config.mlflow else []
        name, arguments = HOOKS_EXIT_TEMPLATE, ["workflow-hooks", *end, *also, *_name_pipeline(plan)]
    else:
        name, arguments = MLFLOW_EXIT_TEMPLATE, ["mlflow-run", *end]
    container = _built_in_container(arguments, config, plan, environment)
    return pass_through(finish_pod({"name": names.add(name), "container": container}, config), config)


def render_exit_template(
    template: Template, config: ArgoConfig, plan: Plan, names: NameTable, *, run_parameters: str | None
) -> dict[str, Any]:
    """Render the project's own template that runs after the workflow."""
    environment = render_environment(
        config,
        run_parameters=run_parameters,
        own=[render_variable(entry, place=None) for entry in template.container.env],
    )
    rendered = {"name": names.add(template.name), **_own_parts(template, config, plan, environment)}
    return pass_through(finish_pod(rendered, config), config, template)


def join_exit_templates(templates: list[dict[str, Any]], names: NameTable) -> list[dict[str, Any]]:
    """Return exit templates with the one to name in ``onExit`` last: several run next to each other."""
    if len(templates) < 2:  # noqa: PLR2004  there is nothing to join
        return templates
    tasks = [{"name": template["name"], "template": template["name"]} for template in templates]
    return [*templates, {"name": names.add(EXIT_TEMPLATE), "dag": {"failFast": False, "tasks": tasks}}]


def _name_pipeline(plan: Plan) -> list[str]:
    return [
        "--pipeline",
        escape_variables(refuse_tags(plan.pipeline, place="the name of the pipeline")),
    ]

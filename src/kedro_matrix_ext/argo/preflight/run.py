"""The preflight: plan, apply all rules, and report what they find."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.machines import MachineType
from kedro_matrix_ext.argo.plan.build import plan_pipeline
from kedro_matrix_ext.argo.plan.inputs import DEFAULT_ENV, PlanInputs
from kedro_matrix_ext.argo.preflight.context import CheckContext
from kedro_matrix_ext.argo.preflight.rules.manifest_size import find_manifest_faults
from kedro_matrix_ext.argo.preflight.rules.order import RULES
from kedro_matrix_ext.argo.registry.pipeline_cover import DEFAULT_PIPELINE
from kedro_matrix_ext.catalog.missing_libraries import note_what_is_declared
from kedro_matrix_ext.errors import ArgoError, GroupingCycleError, UnknownMachineTypeError
from kedro_matrix_ext.findings import Location, finding, has_errors
from kedro_matrix_ext.resolvers.placeholders import Placeholders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kedro.io import DataCatalog
    from kedro.pipeline import Pipeline

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.plan.grouping.strategies import GroupBy
    from kedro_matrix_ext.argo.plan.inputs import OnCycle
    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.argo.preflight.context import Locate, ProjectFiles
    from kedro_matrix_ext.findings import Finding

__all__ = ["Preflight", "check_inputs", "check_pipeline", "check_plan"]

# Findings that also keep a manifest from being made; reporting them once is enough.
_REFUSED_BY_MANIFEST = frozenset({"unknown-template", "braces-in-text"})


@dataclass(frozen=True)
class Preflight:
    """The result of a preflight.

    Attributes:
        plan: The plan that was checked. Where the requested plan cannot be made, as a finding says, it is the
            nearest one that can: with groups split, or unknown machine types replaced by the default.
        findings: The findings, rule by rule.

    Examples:
        >>> from kedro_matrix_ext.argo import Plan
        >>> Preflight(Plan(pipeline="__default__", env="cloud", group_by="node", tasks=()), findings=()).ok
        True
    """

    plan: Plan
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return not has_errors(self.findings)


def check_pipeline(  # noqa: PLR0913  public; the arguments of build_plan, and what only checks read
    pipeline: Pipeline,
    *,
    config: ArgoConfig,
    group_by: GroupBy = "node",
    on_cycle: OnCycle = "error",
    catalog: DataCatalog | None = None,
    registry: Mapping[str, Pipeline] | None = None,
    name: str = DEFAULT_PIPELINE,
    env: str = DEFAULT_ENV,
    load_pipelines: Callable[[tuple[str, ...]], Mapping[str, Pipeline] | None] | None = None,
    params: Mapping[str, Any] | None = None,
    tracking: Mapping[str, Any] | None = None,
    locate: Locate | None = None,
) -> Preflight:
    """Plan a pipeline and find what would fail on the cluster.

    Args:
        pipeline: The nodes to run, as for ``build_plan``; so are all but the last three arguments.
        config: The models of ``argo.yml``.
        group_by: Which nodes share a task.
        on_cycle: What to do where tasks would wait for each other: report it, or ``split`` groups.
        catalog: The catalog of the environment, with the parameters; no data is loaded.
        registry: All registered pipelines.
        name: The pipeline's name in the registry.
        env: The configuration environment.
        load_pipelines: Loads only the named pipelines, as a task does.
        params: Parameters passed at submit.
        tracking: The content of ``tracking.yml`` or ``mlflow.yml``.
        locate: Returns file and line of a key path of a configuration type, to show in findings.

    Returns:
        The plan and the findings. A cycle and unknown machine types are findings.

    Raises:
        ArgoError: If there is no such grouping, or it cannot decide on a node's group.

    Examples:
        >>> from kedro.io import DataCatalog
        >>> from kedro.pipeline import Node, Pipeline
        >>> from kedro_matrix_ext.argo import ArgoConfig
        >>> nodes = [Node(len, "cars", "count", name="count"), Node(print, "count", None, name="show")]
        >>> catalog = DataCatalog.from_config({"cars": {"type": "pandas.CSVDataset", "filepath": "s3://b/cars"}})
        >>> config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
        >>> checked = check_pipeline(Pipeline(nodes), config=config, catalog=catalog)
        >>> [(found.code, found.dataset) for found in checked.findings]
        [('memory-dataset-crosses-tasks', 'count')]
    """
    inputs = PlanInputs(
        pipeline=pipeline,
        config=config,
        group_by=group_by,
        on_cycle=on_cycle,
        catalog=catalog,
        registry=registry,
        name=name,
        env=env,
        load_pipelines=load_pipelines,
    )
    return check_inputs(inputs, params=params, tracking=tracking, locate=locate)


def check_inputs(  # noqa: PLR0913  what only checks read, each with its default
    inputs: PlanInputs,
    *,
    params: Mapping[str, Any] | None = None,
    tracking: Mapping[str, Any] | None = None,
    locate: Locate | None = None,
    files: ProjectFiles | None = None,
    placeholders: Placeholders | None = None,
    run_id_entries: frozenset[str] = frozenset(),
    imports: bool = True,
    credential_uses: Mapping[str, tuple[str, ...]] | None = None,
) -> Preflight:
    """Plan a pipeline and find what would fail on the cluster; ``check_pipeline`` describes the arguments."""
    if inputs.load_pipelines is not None:
        inputs = replace(inputs, load_pipelines=cache(inputs.load_pipelines))
    planned = _plan_nearest(inputs)
    context = CheckContext(
        plan=planned.plan,
        pipeline=inputs.pipeline,
        config=planned.config,
        catalog=inputs.catalog,
        params=params or {},
        tracking=tracking or {},
        replan=partial(_try_plan, replace(inputs, config=planned.config, on_cycle="error")),
        locate=locate,
        files=files,
        placeholders=placeholders or Placeholders(()),
        run_id_entries=run_id_entries,
        imports=imports,
        credential_uses=credential_uses or {},
    )
    refused = _report_refused(planned, inputs.config, context)
    findings = note_what_is_declared(_apply_rules(context), files.project if files is not None else None)
    return Preflight(planned.plan, (*refused, *findings))


def check_plan(  # noqa: PLR0913  public; a plan, and what checks read besides it
    plan: Plan,
    *,
    pipeline: Pipeline,
    config: ArgoConfig,
    catalog: DataCatalog | None = None,
    params: Mapping[str, Any] | None = None,
    tracking: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """Find what would fail on the cluster in an existing plan.

    Args:
        plan: The plan.
        pipeline: The nodes it was made from.
        config: The models of ``argo.yml``.
        catalog: The catalog of the environment, with the parameters; no data is loaded.
        params: Parameters passed at submit.
        tracking: The content of ``tracking.yml`` or ``mlflow.yml``.

    Returns:
        The findings, in the order of the rules.

    Examples:
        >>> from kedro.pipeline import Node, Pipeline
        >>> from kedro_matrix_ext.argo import ArgoConfig, build_plan
        >>> config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
        >>> count = Pipeline([Node(len, "cars", "count", name="count")])
        >>> findings = check_plan(build_plan(count, config=config), pipeline=count, config=config)
        >>> [found.code for found in findings]
        ['memory-dataset-crosses-tasks', 'unused-task-output']
    """
    context = CheckContext(
        plan=plan,
        pipeline=pipeline,
        config=config,
        catalog=catalog,
        params=params or {},
        tracking=tracking or {},
    )
    return list(_apply_rules(context))


def _apply_rules(context: CheckContext) -> Iterator[Finding]:
    refused = False
    for rule in RULES:
        for found in rule(context):
            refused = refused or found.code in _REFUSED_BY_MANIFEST
            yield found
    if not refused:
        yield from find_manifest_faults(context)


@dataclass(frozen=True)
class _Planned:
    """A plan, and the reasons why it is not the requested one.

    Attributes:
        plan: The nearest plan that can be made.
        config: The models of ``argo.yml``, with unknown machine types declared.
        unknown: The unknown machine types, each with the nodes that name it.
        cycle: The cycle of tasks that was removed by splitting groups.
    """

    plan: Plan
    config: ArgoConfig
    unknown: Mapping[str, tuple[str, ...]]
    cycle: GroupingCycleError | None = None


def _plan_nearest(inputs: PlanInputs) -> _Planned:
    """Make the requested plan, or the nearest one that can be made."""
    try:
        return _Planned(plan_pipeline(inputs), inputs.config, {})
    except (UnknownMachineTypeError, GroupingCycleError):
        usable, unknown = _declare_machines(inputs)
    usable_inputs = replace(inputs, config=usable)
    try:
        return _Planned(plan_pipeline(usable_inputs), usable, unknown)
    except GroupingCycleError as error:
        split = plan_pipeline(replace(usable_inputs, on_cycle="split"))
        return _Planned(split, usable, unknown, error)


def _try_plan(inputs: PlanInputs, group_by: str) -> Plan | None:
    """Plan with another grouping, or return none where that fails."""
    try:
        return plan_pipeline(replace(inputs, group_by=group_by))
    except ArgoError:
        return None


def _declare_machines(inputs: PlanInputs) -> tuple[ArgoConfig, dict[str, tuple[str, ...]]]:
    """Declare unknown machine types like the default one, so that everything else can be checked too."""
    config = inputs.config
    try:
        plan_pipeline(replace(inputs, on_cycle="split"))
    except UnknownMachineTypeError as error:
        default = config.default_resources
        substitute = MachineType(
            mem=default.memory_request, cpu=default.cpu_request, num_gpu=default.num_gpus
        )
        machines = {**config.machine_types, **dict.fromkeys(error.nodes, substitute)}
        return config.model_copy(update={"machine_types": machines}), dict(error.nodes)
    return config, {}


def _report_refused(planned: _Planned, config: ArgoConfig, context: CheckContext) -> Iterator[Finding]:
    for name, nodes in sorted(planned.unknown.items()):
        yield _report_machine(name, nodes, config, context)
    if planned.cycle is not None:
        yield _report_cycle(planned.cycle, context)


def _report_machine(name: str, nodes: tuple[str, ...], config: ArgoConfig, context: CheckContext) -> Finding:
    others = f" and {len(nodes) - 1} more" if len(nodes) > 1 else ""
    hint = did_you_mean(name, config.machine_types)
    return finding(
        "unknown-machine-type",
        f"node {nodes[0]!r}{others}: there is no machine type {name!r} in argo.yml",
        fix=f"Declare it under 'machine_types', or correct the name. {hint}".rstrip(),
        location=context.argo_place("machine_types"),
        task=context.task_of[nodes[0]],
        node=nodes[0],
    )


def _report_cycle(error: GroupingCycleError, context: CheckContext) -> Finding:
    return finding(
        "grouping-cycle",
        error.message,
        fix=error.hint,
        location=Location(env=context.plan.env),
        node=error.nodes[0] if error.nodes else None,
        dataset=error.datasets[0] if error.datasets else None,
    )

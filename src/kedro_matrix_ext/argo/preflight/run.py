"""The preflight as a whole: plan, go through all rules, and report what they find."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.machines import MachineType
from kedro_matrix_ext.argo.plan.build import DEFAULT_ENV, build_plan
from kedro_matrix_ext.argo.preflight.context import CheckContext
from kedro_matrix_ext.argo.preflight.rules.data_flow import (
    find_local_inputs,
    find_local_paths,
    find_memory_datasets,
    find_missing_inputs,
    find_unused_outputs,
    find_written_twice,
)
from kedro_matrix_ext.argo.preflight.rules.machines import (
    find_oversized_nodes,
    find_oversized_tasks,
    find_requests_at_node_size,
    find_unknown_templates,
)
from kedro_matrix_ext.argo.preflight.rules.manifest_size import find_manifest_faults
from kedro_matrix_ext.argo.preflight.rules.mlflow_store import find_local_mlflow_store
from kedro_matrix_ext.argo.preflight.rules.parameters import find_injected_objects, find_missing_parameters
from kedro_matrix_ext.argo.preflight.rules.text import find_braces, find_secrets
from kedro_matrix_ext.argo.preflight.rules.transcoding import find_transcoding_mismatches
from kedro_matrix_ext.argo.registry.pipeline_cover import DEFAULT_PIPELINE
from kedro_matrix_ext.errors import ArgoError, GroupingCycleError, UnknownMachineTypeError
from kedro_matrix_ext.findings import Location, finding, has_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kedro.io import DataCatalog
    from kedro.pipeline import Pipeline

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.plan.grouping.strategies import GroupBy
    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.argo.preflight.context import Locate
    from kedro_matrix_ext.findings import Finding

__all__ = ["Preflight", "check_pipeline", "check_plan"]

_RULES = (
    find_memory_datasets,
    find_missing_inputs,
    find_local_inputs,
    find_local_paths,
    find_written_twice,
    find_unused_outputs,
    find_missing_parameters,
    find_injected_objects,
    find_unknown_templates,
    find_oversized_tasks,
    find_oversized_nodes,
    find_requests_at_node_size,
    find_secrets,
    find_braces,
    find_transcoding_mismatches,
    find_local_mlflow_store,
)
# What keeps a manifest from being made; telling it once is enough.
_REFUSED_BY_MANIFEST = frozenset({"unknown-template", "braces-in-text"})


@dataclass(frozen=True)
class Preflight:
    """What a preflight gave.

    Attributes:
        plan: The plan that was checked. Where the one asked for cannot be made, as a finding says, it is the
            nearest that can be: groups split, unknown machine types taken for the default.
        findings: What was found, rule by rule.

    Examples:
        >>> from kedro_matrix_ext.argo import Plan
        >>> Preflight(Plan(pipeline="__default__", env="cloud", group_by="node", tasks=()), findings=()).ok
        True
    """

    plan: Plan
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether there is no error among the findings."""
        return not has_errors(self.findings)


def check_pipeline(  # noqa: PLR0913  what build_plan takes, and what only checks look at
    pipeline: Pipeline,
    *,
    config: ArgoConfig,
    group_by: GroupBy = "node",
    on_cycle: Literal["error", "split"] = "error",
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
        pipeline: What shall run, as for ``build_plan``; so are all but the last three arguments.
        config: The models of ``argo.yml``.
        group_by: Which nodes share a task.
        on_cycle: What to do where tasks would wait for each other: report it, or ``split`` groups.
        catalog: The catalog of the environment, with the parameters; no data is loaded.
        registry: All registered pipelines.
        name: The pipeline's name in the registry.
        env: The configuration environment.
        load_pipelines: Loads only the named pipelines, as a task will.
        params: Parameters given at submit.
        tracking: The content of ``tracking.yml`` or ``mlflow.yml``.
        locate: Tells where a key path of a configuration type is written, so that findings can say it.

    Returns:
        The plan and the findings. A cycle and unknown machine types are findings.

    Raises:
        ArgoError: If there is no such grouping, or it cannot say where a node belongs.

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
    make_plan = partial(
        build_plan,
        pipeline,
        catalog=catalog,
        registry=registry,
        name=name,
        env=env,
        load_pipelines=None if load_pipelines is None else cache(load_pipelines),
    )
    planned = _plan_nearest(make_plan, config, group_by, on_cycle)
    subject = CheckContext(
        plan=planned.plan,
        pipeline=pipeline,
        config=planned.config,
        catalog=catalog,
        given=params or {},
        tracking=tracking or {},
        replan=lambda group_by: _try_plan(make_plan, planned.config, group_by),
        locate=locate,
    )
    return Preflight(planned.plan, (*_report_refused(planned, config, subject), *_check(subject)))


def check_plan(  # noqa: PLR0913  what was planned, and what only checks look at
    plan: Plan,
    *,
    pipeline: Pipeline,
    config: ArgoConfig,
    catalog: DataCatalog | None = None,
    params: Mapping[str, Any] | None = None,
    tracking: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """Find what would fail on the cluster of a plan that is made.

    Args:
        plan: The plan.
        pipeline: The nodes it was made of.
        config: ``argo.yml``.
        catalog: The catalog of the environment, with the parameters; no data is loaded.
        params: Parameters given at submit.
        tracking: The content of ``tracking.yml`` or ``mlflow.yml``.

    Returns:
        Findings; none where all is well.

    Examples:
        >>> from kedro.pipeline import Node, Pipeline
        >>> from kedro_matrix_ext.argo import ArgoConfig, build_plan
        >>> config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
        >>> count = Pipeline([Node(len, "cars", "count", name="count")])
        >>> findings = check_plan(build_plan(count, config=config), pipeline=count, config=config)
        >>> [found.code for found in findings]
        ['memory-dataset-crosses-tasks', 'unused-task-output']
    """
    return list(
        _check(
            CheckContext(
                plan=plan,
                pipeline=pipeline,
                config=config,
                catalog=catalog,
                given=params or {},
                tracking=tracking or {},
            )
        )
    )


def _check(subject: CheckContext) -> Iterator[Finding]:
    refused = False
    for rule in _RULES:
        for found in rule(subject):
            refused = refused or found.code in _REFUSED_BY_MANIFEST
            yield found
    if not refused:
        yield from find_manifest_faults(subject)


@dataclass(frozen=True)
class _Planned:
    """A plan, and what kept the one that was asked for from being made.

    Attributes:
        plan: The nearest plan that can be made.
        config: ``argo.yml``, with the machine types it lacks declared.
        unknown: Per machine type that it lacks the nodes that ask for it.
        cycle: The cycle of tasks that was cut.
    """

    plan: Plan
    config: ArgoConfig
    unknown: Mapping[str, tuple[str, ...]]
    cycle: GroupingCycleError | None = None


def _plan_nearest(
    make_plan: Callable[..., Plan], config: ArgoConfig, group_by: GroupBy, on_cycle: Literal["error", "split"]
) -> _Planned:
    """Make the plan that is asked for, or the nearest that can be made."""
    try:
        return _Planned(make_plan(config=config, group_by=group_by, on_cycle=on_cycle), config, {})
    except (UnknownMachineTypeError, GroupingCycleError):
        split = partial(make_plan, group_by=group_by, on_cycle="split")
        usable, unknown = _declare_machines(split, config)
    try:
        return _Planned(make_plan(config=usable, group_by=group_by, on_cycle=on_cycle), usable, unknown)
    except GroupingCycleError as error:
        return _Planned(split(config=usable), usable, unknown, error)


def _try_plan(make_plan: Callable[..., Plan], config: ArgoConfig, group_by: str) -> Plan | None:
    """Plan by another grouping, if that can be recommended."""
    try:
        return make_plan(config=config, group_by=group_by, on_cycle="error")
    except ArgoError:
        return None


def _declare_machines(
    make_plan: Callable[..., Plan], config: ArgoConfig
) -> tuple[ArgoConfig, dict[str, tuple[str, ...]]]:
    """Take unknown machine types for the default one, so that all else can be checked too.

    Returns:
        The configuration with them declared, and per unknown name the nodes that ask for it.
    """
    try:
        make_plan(config=config)
    except UnknownMachineTypeError as error:
        default = config.default_resources
        stand_in = MachineType(mem=default.memory_request, cpu=default.cpu_request, num_gpu=default.num_gpus)
        machines = {**config.machine_types, **dict.fromkeys(error.nodes, stand_in)}
        return config.model_copy(update={"machine_types": machines}), dict(error.nodes)
    return config, {}


def _report_refused(planned: _Planned, config: ArgoConfig, subject: CheckContext) -> Iterator[Finding]:
    for name, nodes in sorted(planned.unknown.items()):
        yield _report_machine(name, nodes, config, subject)
    if planned.cycle is not None:
        yield _report_cycle(planned.cycle, subject)


def _report_machine(name: str, nodes: tuple[str, ...], config: ArgoConfig, subject: CheckContext) -> Finding:
    others = f" and {len(nodes) - 1} more" if len(nodes) > 1 else ""
    hint = did_you_mean(name, config.machine_types)
    return finding(
        "unknown-machine-type",
        f"node {nodes[0]!r}{others}: there is no machine type {name!r} in argo.yml",
        fix=f"Declare it under 'machine_types', or correct the name. {hint}".rstrip(),
        location=subject.argo_place("machine_types"),
        task=subject.task_of[nodes[0]],
        node=nodes[0],
    )


def _report_cycle(error: GroupingCycleError, subject: CheckContext) -> Finding:
    return finding(
        "grouping-cycle",
        error.message,
        fix=error.hint,
        location=Location(env=subject.plan.env),
        node=error.nodes[0] if error.nodes else None,
        dataset=error.datasets[0] if error.datasets else None,
    )

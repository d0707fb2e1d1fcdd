"""What a type checker sees of the public functions; mypy judges this file, and pytest runs it.

``assert_type`` fails where a type is another, and an ignored error that no longer arises fails too.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node as KedroNode
from kedro.pipeline import Pipeline
from tests.public_api.exported_objects import list_exports
from typing_extensions import assert_type

import kedro_matrix_ext as package
from kedro_matrix_ext import (
    argo,
    catalog,
    checks,
    config,
    fabrication,
    findings,
    hooks,
    injection,
    pipelines,
    resolvers,
    settings,
)
from kedro_matrix_ext.config.inspection.provenance import Provenance
from kedro_matrix_ext.errors import InjectionError, KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

MAPPING = {"price": ["base", "forest"]}


def _skeleton() -> Pipeline:
    return Pipeline([KedroNode(len, "cars", "count", name="count")])


def test_every_function_is_judged_here() -> None:
    """No public function is left out of this file."""
    text = inspect.getsource(inspect.getmodule(_skeleton) or package)
    functions = {export.name for export in list_exports() if export.kind == "function"}
    assert {name for name in functions if not re.search(rf"\b\w+\.{name}\b", text)} == set()


def test_decorators_keep_what_they_decorate() -> None:
    """Two keep the signature; `unpack_params`, which changes it, keeps what is returned."""

    @package.inject_object(only=["model"])
    def train(model: float, *, rows: int) -> float:
        return model * rows

    @package.make_list_regexable(source_df="table", make_regexable_kwarg="names")
    def select(table: SimpleNamespace, names: list[str]) -> list[str]:
        return [name for name in names if name in table.columns]

    @package.unpack_params()
    def area(width: int, height: int) -> int:
        return width * height

    assert_type(train(1.5, rows=2), float)
    assert_type(select(SimpleNamespace(columns=["cars"]), names=["c.*"]), list[str])
    assert_type(area, Callable[..., int])
    assert_type(area({"unpack": {"width": 1, "height": 2}}), int)


def test_decorated_functions_are_checked_where_they_are_called() -> None:
    """A wrong argument of a decorated function is seen by the type checker."""

    @package.inject_object()
    def train(model: float, *, rows: int) -> float:
        return model * rows

    with pytest.raises(TypeError):
        train(1.5)  # type: ignore[call-arg]


def test_options_that_take_names_refuse_what_is_none() -> None:
    """Options take names, not numbers."""
    with pytest.raises(InjectionError):
        package.inject_object(exclude_kwargs="model, features")  # a string is an iterable of strings
    with pytest.raises((InjectionError, TypeError)):
        package.inject_object(exclude_kwargs=3)  # type: ignore[arg-type]


def test_settings_functions(tmp_path: Path) -> None:
    """What `settings.py` calls."""
    hooks = package.determine_hooks_to_execute({"timer": "kedro_matrix_ext.hooks.NodeTimerHooks"})
    assert_type(hooks, settings.SwitchedHooks)
    assert_type(hooks.switches, tuple[settings.HookSwitch, ...])
    assert_type(package.plugins_to_disable(hooks, {"mlflow": "kedro-mlflow"}), tuple[str, ...])
    assert_type(package.config_loader_args(base_env="base"), dict[str, Any])
    assert_type(package.load_environment_variables(tmp_path), dict[str, str])
    (tmp_path / "base").mkdir()
    loader = config.LayeredConfigLoader(str(tmp_path), base_env="base", default_run_env="base")
    assert_type(config.find_provenance(loader, "globals", ["paths"]), Provenance)
    assert_type(package.defer_node_imports("absent.nodes"), None)
    assert_type(package.dynamic_pipeline_mapping(MAPPING), pipelines.DynamicPipelineMapping)
    assert_type(package.dynamic_pipeline_mapping(lambda: MAPPING), pipelines.DynamicPipelineMapping)
    assert_type(settings.disable_variable("spark"), str)
    assert_type(settings.unmatched_variables(["spark"]), dict[str, str | None])


class _Hook:
    """What is marked for a whole workflow."""


def test_marks_of_hooks_keep_what_they_mark() -> None:
    """An instance, a class and an import path stay what they are."""
    assert_type(package.workflow_level(_Hook()), _Hook)
    assert_type(package.workflow_level(_Hook), type[_Hook])
    assert_type(package.workflow_level("kedro_matrix_ext.hooks.SparkHooks"), str)


def test_pipeline_functions() -> None:
    """What pipeline registries call."""
    per_variant = pipelines.per_variant(_skeleton(), MAPPING, inputs={"cars": "{namespace}.cars"})
    assert_type(per_variant, Pipeline)
    assert_type(pipelines.per_namespace(_skeleton(), MAPPING, inputs="cars"), Pipeline)
    assert_type(pipelines.per_namespace(_skeleton(), MAPPING, inputs={"cars"}), Pipeline)
    assert_type(pipelines.sum_pipelines(iter([per_variant])), Pipeline)
    assert_type(pipelines.variant_datasets(MAPPING, "price", "count"), list[str])
    assert_type(pipelines.check_variants(MAPPING, {}), list[findings.Finding])
    assert_type(fabrication.create_fabricator_pipeline(["cars"]), Pipeline)


def test_objects_and_resolvers() -> None:
    """What makes objects, and what `${name:...}` calls."""
    assert_type(package.instantiate({"object": "math.pi"}), Any)
    found = injection.check_injected_objects({"model": {"object": "math.pi"}})
    assert_type(found, Iterator[findings.Finding])
    assert_type(resolvers.merge_dicts({"a": 1}, None, {"b": 2}), dict[Any, Any])
    assert_type(resolvers.default_resolvers(), dict[str, Callable[..., Any]])
    assert_type(resolvers.setting_resolver(lambda: MAPPING), Callable[[Any], Any])
    assert_type(resolvers.run_id(), str)
    resolvers.offer_resolvers({"public_api_double": lambda value: 2 * value})
    registered: AbstractContextManager[None] = resolvers.registered_resolvers({})
    with registered:
        pass


def test_catalog_functions() -> None:
    """What expands and checks catalog entries, and what makes tables."""
    entry = {"transcode": ["pandas"], "format": "csv", "filepath": "cars.csv"}
    assert_type(catalog.expand_transcoding({"cars": entry}), dict[str, Any])
    assert_type(catalog.check_transcoding({}, used=["cars@pandas"]), list[findings.Finding])
    row = catalog.EngineFormat("ibis.FileDataset", {"file_format": "parquet"})
    assert_type(row.accepts, frozenset[str])
    catalog.add_engine_format("ibis", "parquet", row)  # as the docstring does
    pytest.importorskip("pandas")
    tables = fabrication.fabricate_datasets({})
    assert list(tables) == []


def test_argo_functions() -> None:
    """The line from a pipeline to a manifest."""
    config = argo.ArgoConfig.model_validate({"deployment": {"image": "registry.example.com/shop"}})
    plan = argo.build_plan(_skeleton(), config=config, group_by=lambda node: node.name)
    assert_type(plan, argo.Plan)
    assert_type(plan.tasks, tuple[argo.Task, ...])
    assert_type(argo.check_plan(plan, pipeline=_skeleton(), config=config), list[findings.Finding])
    preflight = argo.check_pipeline(_skeleton(), config=config)
    assert_type(preflight, argo.Preflight)
    assert_type(preflight.ok, bool)
    manifest: Mapping[str, Any] = argo.build_manifest(plan, config=config, kind="WorkflowTemplate")
    assert_type(argo.dump_manifest(manifest), str)
    with pytest.raises(KedroMatrixError):
        argo.build_manifest(plan, config=config, kind="Job")  # type: ignore[arg-type]
    node = argo.ArgoNode(len, "cars", "count", name="count", machine_type="small")
    assert_type(node.machine_type, str | None)
    assert_type(argo.sum_pipelines([argo.FusedPipeline([node], name="all")]), Pipeline)


def test_configuration_checks(tmp_path: Path) -> None:
    """What checks a whole configuration, and what it takes where there is no project."""
    with pytest.raises((KedroMatrixError, RuntimeError)):
        assert_type(checks.load_project(tmp_path), checks.Project)
    judge: Callable[[checks.Project, list[str]], list[findings.Finding]] = checks.check_environments
    assert callable(judge)


def test_findings_functions() -> None:
    """What checks report with."""
    found = findings.finding("missing-parameter", "there is no parameter 'dept'")
    assert_type(found, findings.Finding)
    assert_type(findings.has_errors([found]), bool)
    assert_type(findings.findings_as_dict([found]), dict[str, Any])
    assert_type(findings.render_findings([found]), str)


def test_hook_functions(tmp_path: Path) -> None:
    """What the records of a run are read as."""
    (tmp_path / "run.jsonl").write_text("")
    assert_type(hooks.read_node_timings(tmp_path / "run.jsonl"), list[hooks.NodeTiming])

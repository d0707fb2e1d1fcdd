"""How each cell of the README's table is found out, by running the thing."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner
from omegaconf import OmegaConf
from tests.comparison.copied_helpers import merge as copied_merge
from tests.kedro_project import KedroProject

if TYPE_CHECKING:
    from collections.abc import Callable


def load(config_type: str, files: dict[str, str], *, helpers: bool = False, ours: bool = False) -> Any:
    """Load one type of configuration in environment cloud; argo-kedro and kedro-airflow bring no loader."""
    from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

    OmegaConf.clear_resolver("merge")  # loaders share the table of resolvers
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            env, _, stem = name.partition("_")
            file = Path(folder) / env / f"{stem}.yml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        if ours:
            return LayeredConfigLoader(folder, env="cloud", **config_loader_args())[config_type]
        resolvers = {"merge": copied_merge} if helpers else {}
        return OmegaConfigLoader(
            folder, env="cloud", base_env="base", default_run_env="cloud", custom_resolvers=resolvers
        )[config_type]


def reach(**how: bool) -> bool:
    """Does an environment's override reach what base makes of it?"""
    files = {"base_parameters": "root: data\nraw: ${root}/raw\n", "cloud_parameters": "root: s3://b\n"}
    return bool(load("parameters", files, **how)["raw"] == "s3://b/raw")


def merge(**how: bool) -> bool:
    """Can one block of YAML be another with a few keys changed?"""
    text = "a: {x: {p: 1, q: 1}}\nb: ${merge:${a},{x:{q:2}}}\n"
    loaded = load("parameters", {"base_parameters": text, "cloud_parameters": "c: 1\n"}, **how)
    return bool(loaded["b"] == {"x": {"p": 1, "q": 2}})


def several_engines(**how: bool) -> bool:
    """Does one entry of the catalog serve several engines?"""
    entry = "cars:\n  transcode: [pandas, polars]\n  format: csv\n  filepath: cars.csv\n"
    loaded = load("catalog", {"base_catalog": entry, "cloud_catalog": "{}\n"}, **how)
    return sorted(DataCatalog.from_config(loaded).keys()) == ["cars@pandas", "cars@polars"]


def injected(decorate: Callable[[Any], Any]) -> bool:
    """Does a node receive the object that YAML declares?"""
    got: list[Any] = []

    def use(model: Any) -> int:
        got.append(model)
        return 1

    declared = {"object": "fractions.Fraction", "numerator": 3}
    catalog = DataCatalog({"params:model": MemoryDataset(declared)})
    SequentialRunner().run(Pipeline([Node(decorate(use), "params:model", "out", name="use")]), catalog)
    return bool(got[0] == 3)


def switches_off(settings: str) -> bool:
    """Does KEDRO_HOOKS_DISABLE_NOISY=1 keep a hook of settings.py from being called?"""
    with TemporaryDirectory() as folder:
        project = KedroProject.create(Path(folder) / "shop", package="shop")
        # argo-kedro's own hook ends every command of a project that has no argo.yml.
        project.write("src/shop/settings.py", f'DISABLE_HOOKS_FOR_PLUGINS = ("argo-kedro",)\n{settings}')
        project.write("conf/base/catalog.yml", "cars: {type: MemoryDataset}\n")
        project.write(
            "src/shop/noise.py",
            """
            from kedro.framework.hooks import hook_impl
            class Noisy:
                @hook_impl
                def after_context_created(self, context):
                    print("called")
            """,
        )
        shown = project.kedro("catalog", "list-patterns", env={"KEDRO_HOOKS_DISABLE_NOISY": "1"})
        heard = project.kedro("catalog", "list-patterns")
    return "called" in heard.stdout and "called" not in shown.stdout


def variants_by_loop() -> bool:
    """Kedro alone makes variants of a skeleton by a loop; one call of ours makes the same nodes."""
    from kedro.pipeline import pipeline

    from kedro_matrix_ext import dynamic_pipeline_mapping
    from kedro_matrix_ext.pipelines import per_variant

    skeleton = Pipeline([Node(len, "cars", "count", name="count")])
    mapping = {"price": ["base", "test"]}
    looped = [
        pipeline(skeleton, namespace=f"{ns}.{variant}", tags=[variant, ns], inputs={"cars"})
        for ns, variants in mapping.items()
        for variant in variants
    ]
    called = per_variant(skeleton, dynamic_pipeline_mapping(mapping), inputs={"cars"})
    return {(node.name, frozenset(node.tags)) for node in called.nodes} == {
        (node.name, frozenset(node.tags)) for node in sum(looped, Pipeline([])).nodes
    }


def two_nodes(node: Any) -> list[Any]:
    """A chain of two nodes of a class."""
    return [node(len, "cars", "count", name="a"), node(abs, "count", "size", name="b")]


def theirs() -> Any:
    """The module of argo-kedro that users import."""
    import argo_kedro.pipeline as module  # type: ignore[import-not-found,unused-ignore]

    return module


def tasks_of_argo_kedro(pipeline: Pipeline) -> list[str]:
    """The tasks that argo-kedro makes."""
    from argo_kedro.argo import get_argo_dag  # type: ignore[import-not-found,unused-ignore]
    from argo_kedro.config.kedro_argo_config import (  # type: ignore[import-not-found,unused-ignore]
        MachineType,
        TemplateConfig,
    )

    machines = {"default": MachineType(mem=4, cpu=1, num_gpu=0)}
    return list(get_argo_dag(pipeline, machines, "default", TemplateConfig()))


def our_tasks(pipeline: Pipeline) -> list[Any]:
    """The tasks that we make."""
    from kedro_matrix_ext.argo import ArgoConfig, build_plan

    machines = {name: {"mem": 4, "cpu": 1, "num_gpu": 0} for name in ("default", "big")}
    config = ArgoConfig.model_validate({"machine_types": machines, "default_machine_type": "default"})
    return list(build_plan(pipeline, config=config).tasks)


def our_group() -> Any:
    """Two nodes in one group of ours."""
    from kedro_matrix_ext.argo import ArgoNode, FusedPipeline

    return FusedPipeline(two_nodes(ArgoNode), name="both")


def commands_of(import_path: str) -> set[str]:
    """Every command below a plugin's entry point."""
    from kedro_matrix_ext._import_path import import_object

    def walk(command: Any) -> set[str]:
        context = click.Context(command)
        names = command.list_commands(context) if isinstance(command, click.Group) else []
        below = (walk(command.get_command(context, name)) for name in names)
        return set(names).union(*below)

    return walk(import_object(import_path))


def airflow_groups_nodes() -> bool:
    """kedro-airflow groups nodes joined by in-memory data."""
    from kedro_airflow.grouping import group_memory_nodes  # type: ignore[import-not-found,unused-ignore]

    (group,) = group_memory_nodes(DataCatalog(), Pipeline(two_nodes(Node)))
    return bool(group.nodes == ["a", "b"])

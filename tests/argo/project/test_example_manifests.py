"""The example project and Kedro's spaceflights as workflows: every environment, grouping and kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo import ArgoConfig, Plan, build_manifest, build_plan, dump_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

    from kedro_matrix_ext.argo.manifest.options import Kind
    from kedro_matrix_ext.argo.plan.grouping.strategies import GroupBy

KINDS: tuple[Kind, ...] = ("Workflow", "WorkflowTemplate", "CronWorkflow")
GROUPINGS = ["node", "single", "namespace", "namespace:2", "memory", "pipeline", "chain", "branch"]
TAGS = ["tag:price_predictor,reviews_predictor", "tag:reviews_*"]

# One process for all of them: starting Kedro takes longer than planning.
PLAN_ALL = f"""
from pathlib import Path
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.pipeline import Pipeline
from kedro_matrix_ext.argo import build_plan
from kedro_matrix_ext.argo.configuration import load_argo_config

bootstrap_project(Path.cwd())
by_last_name = lambda node: node.name.rpartition(".")[2]
for env in ("base", "cloud"):
    with KedroSession.create(env=env) as session:
        context = session.load_context()
        config, catalog = load_argo_config(context.config_loader), context.catalog
        for number, group_by in enumerate([*{[*GROUPINGS, *TAGS]}, by_last_name]):
            plan = build_plan(
                pipelines["__default__"], config=config, catalog=catalog, registry=dict(pipelines),
                group_by=group_by, on_cycle="split", env=env,
            )
            for task in plan.tasks:
                added = sum((pipelines[name] for name in task.pipelines), Pipeline([]))
                assert {{*task.nodes}} <= {{node.name for node in added.nodes}}, task
            Path(f"{{env}}-{{number}}.plan").write_text(plan.to_json())
"""


def admit_all(plans: list[Plan], config: ArgoConfig, admit: Callable[[dict[str, Any]], None]) -> None:
    """Make a manifest of each kind of each plan, and have it admitted."""
    for plan in plans:
        for kind in KINDS:
            schedule = "0 6 * * 1-5" if kind == "CronWorkflow" else None
            manifest = build_manifest(plan, config=config, kind=kind, schedule=schedule)
            admit(manifest)
            assert yaml.safe_load(dump_manifest(manifest)) == manifest


@pytest.mark.project
def test_the_example_becomes_a_manifest_in_every_grouping(
    copy_example: Callable[[str], KedroProject], admit: Callable[[dict[str, Any]], None]
) -> None:
    """In base and cloud, as any kind: admitted by Argo's schema and ours, every node run by one task."""
    project = copy_example("spaceflights")
    variables = {"SPACEFLIGHTS_BUCKET": "bucket"}
    project.kedro("argo", "init", "--force", env=variables)
    project.python(PLAN_ALL, env=variables)
    text = project.read("conf/base/argo.yml").replace("${ka.random:}", "latest")
    config = ArgoConfig.model_validate({**yaml.safe_load(text), "mlflow": True, "retries": "spot"})
    plans = [Plan.from_json(file.read_text()) for file in sorted(project.path.glob("*.plan"))]
    asked = {*GROUPINGS, *TAGS, "<lambda>"}
    assert {(plan.env, plan.group_by) for plan in plans} == {
        (env, group_by) for env in ("base", "cloud") for group_by in asked
    }
    assert len({frozenset(node for task in plan.tasks for node in task.nodes) for plan in plans}) == 1
    tasks = {plan.group_by: {task.name for task in plan.tasks} for plan in plans}
    assert (len(tasks["node"]), len(tasks["branch"])) == (28, 14)
    assert {"price-predictor", "reviews-predictor"} <= tasks[TAGS[0]] != tasks["node"] != tasks[TAGS[1]]
    admit_all(plans, config, admit)


def take(*values: Any) -> Any:
    """Take anything, give it back."""
    return values


# The nodes and datasets of Kedro's spaceflights tutorial: node -> its inputs and outputs.
PROCESSING = {
    "preprocess_companies_node": (["companies"], ["preprocessed_companies"]),
    "preprocess_shuttles_node": (["shuttles"], ["preprocessed_shuttles"]),
    "create_model_input_table_node": (
        ["preprocessed_shuttles", "preprocessed_companies", "reviews"],
        ["model_input_table"],
    ),
}
SCIENCE = {
    "split_data_node": (
        ["model_input_table", "params:model_options"],
        ["X_train", "X_test", "y_train", "y_test"],
    ),
    "train_model_node": (["X_train", "y_train"], ["regressor"]),
    "evaluate_model_node": (["regressor", "X_test", "y_test"], ["metrics"]),
}
REPORTING = {
    "compare_passenger_capacity_exp": (["preprocessed_shuttles"], ["shuttle_passenger_capacity_plot_exp"]),
    "compare_passenger_capacity_go": (["preprocessed_shuttles"], ["shuttle_passenger_capacity_plot_go"]),
    "create_confusion_matrix": (["companies"], ["dummy_confusion_matrix"]),
}
STORED = {
    "companies": "01_raw/companies.csv",
    "reviews": "01_raw/reviews.csv",
    "shuttles": "01_raw/shuttles.csv",
    "preprocessed_companies": "02_intermediate/preprocessed_companies.csv",
    "preprocessed_shuttles": "02_intermediate/preprocessed_shuttles.csv",
    "model_input_table": "03_primary/model_input_table.csv",
    "{namespace}.regressor": "06_models/{namespace}/regressor.pickle",
    "{namespace}.metrics": "09_tracking/{namespace}/metrics.json",
    "shuttle_passenger_capacity_plot_exp": "08_reporting/exp.json",
    "shuttle_passenger_capacity_plot_go": "08_reporting/go.json",
}


def make_nodes(described: dict[str, tuple[list[str], list[str]]], tag: str) -> Pipeline:
    """Make nodes of a description."""
    return Pipeline(
        [Node(take, inputs, outputs, name=name, tags=tag) for name, (inputs, outputs) in described.items()]
    )


def test_kedros_spaceflights_becomes_a_manifest_in_every_grouping(
    admit: Callable[[dict[str, Any]], None],
) -> None:
    """The tutorial's pipelines, its modelling pipeline in two namespaces, its catalog on disk and in S3."""
    science = make_nodes(SCIENCE, "science")
    registry = {
        "data_processing": make_nodes(PROCESSING, "processing"),
        "data_science": Pipeline(science, namespace="active_modelling_pipeline", inputs="model_input_table")
        + Pipeline(science, namespace="candidate_modelling_pipeline", inputs="model_input_table"),
        "reporting": make_nodes(REPORTING, "reporting"),
    }
    whole = sum(registry.values(), Pipeline([]))
    config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/spaceflights"}})
    groupings: list[GroupBy] = [*GROUPINGS, "tag:processing,science,reporting", lambda node: node.tags.pop()]
    plans = []
    for env, root in (("base", "data"), ("cloud", "s3://bucket/spaceflights")):
        catalog = DataCatalog.from_config(
            {
                name: {"type": "kedro.io.core.AbstractDataset", "filepath": f"{root}/{path}"}
                for name, path in STORED.items()
            }
        )
        plans += [
            build_plan(
                whole,
                config=config,
                group_by=group_by,
                catalog=catalog,
                registry={**registry, "__default__": whole},
                env=env,
            )
            for group_by in groupings
        ]
    assert {frozenset(node for task in plan.tasks for node in task.nodes) for plan in plans} == {
        frozenset(node.name for node in whole.nodes)
    }
    sizes = {(plan.env, plan.group_by): len(plan.tasks) for plan in plans}
    assert (sizes["cloud", "node"], sizes["cloud", "pipeline"], sizes["base", "single"]) == (12, 3, 1)
    admit_all(plans, config, admit)

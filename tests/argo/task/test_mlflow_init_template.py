"""A workflow whose MLflow run is made by an init template of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mlflow
import pytest

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")  # MLflow's own

SETTINGS = """
from kedro_matrix_ext import config_loader_args, determine_hooks_to_execute

CONFIG_LOADER_ARGS = config_loader_args()
HOOKS = determine_hooks_to_execute({"mlflow": "kedro_matrix_ext.hooks.MLflowHooks"})
"""
REGISTRY = """
from kedro.pipeline import Node, Pipeline


def register_pipelines():
    load = Pipeline([Node(lambda: [1], None, "cars", name="load")])
    train = Pipeline([Node(len, "cars", "model", name="train")])
    return {"__default__": load, "load": load, "train": train, "nightly": load + train}
"""
ARGO = """
deployment: {image: shop, tag: v1}
machine_types: {default: {mem: 1, cpu: 1}}
template:
  init_templates: [make-run]
  templates:
    - name: make-run
      container:
        command: [python, -c]
        args: |
          import mlflow
          client = mlflow.MlflowClient("sqlite:///mlruns.db")
          run = client.create_run(client.create_experiment("shop"))
          open("/tmp/run_id", "w").write(run.info.run_id)
        outputs:
          parameters: [{name: mlflow_run_id, valueFrom: {path: /tmp/run_id}}]
"""


@pytest.mark.project
def test_the_run_has_the_name_of_the_pipeline_that_was_submitted(project: KedroProject) -> None:
    """Tasks load the pipelines that they need, and tag the run with the one that the workflow is of."""
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/argo.yml", ARGO)
    project.write(
        "conf/base/catalog.yml", '"{name}": {type: json.JSONDataset, filepath: "data/{name}.json"}\n'
    )
    project.kedro("argo", "rehearse", "-e", "base", "--pipeline", "nightly", "--yes")
    client = mlflow.MlflowClient(f"sqlite:///{project.path}/mlruns.db")
    (run,) = client.search_runs([experiment.experiment_id for experiment in client.search_experiments()])
    assert run.data.tags["kedro_pipeline"] == "nightly"

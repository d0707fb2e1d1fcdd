"""What a workflow runs before and after the tasks: init templates, the MLflow run, hooks of the workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig, Plan, build_manifest

if TYPE_CHECKING:
    from collections.abc import Callable


def test_outputs_of_init_templates_reach_every_task(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    find_template: Any,
    read_environment: Any,
) -> None:
    """Any number of outputs becomes environment variables in upper case; first tasks wait for all of them."""
    outputs = [{"name": "mlflow_run_id", "path": "/1"}, {"name": "other-id", "path": "/2"}]
    templates = [
        {
            "name": "one",
            "container": {"command": "x", "args": "{{inputs.parameters.environment}}"},
            "outputs": {"parameters": outputs},
        },
        {
            "name": "two",
            "container": {"command": "y", "image": "other"},
            "volumes": [{"name": "v", "size": 1}],
        },
    ]
    config = make_config(template={"templates": templates, "init_templates": ["one", "two"]})
    manifest = build_manifest(make_plan({"a": [], "b": ["a"], "two": []}), config=config)
    admit(manifest)
    tasks = {task["name"]: task for task in find_template(manifest, "pipeline")["dag"]["tasks"]}
    assert list(tasks) == ["one", "two-2", "a", "b", "two"]
    assert (tasks["a"]["depends"], tasks["b"]["depends"]) == ("two-2", "a")
    assert tasks["two-2"]["depends"] == "one"
    assert {"name": "other-id", "value": "{{tasks.one.outputs.parameters.other-id}}"} in tasks["b"][
        "arguments"
    ]["parameters"]
    variables = read_environment(find_template(manifest, "kedro"))
    assert variables["MLFLOW_RUN_ID"] == "{{inputs.parameters.mlflow_run_id}}"
    assert variables["OTHER_ID"] == "{{inputs.parameters.other-id}}"
    assert variables["KEDRO_MATRIX_PIPELINE"] == "__default__"
    assert find_template(manifest, "one")["inputs"]["parameters"] == [
        {"name": "environment", "value": "cloud"}
    ]
    assert find_template(manifest, "two")["container"]["image"] == "other"
    assert read_environment(find_template(manifest, "two"))["WORKFLOW_ID"]


def test_one_mlflow_run_is_made_before_and_closed_after(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    find_template: Any,
    read_environment: Any,
) -> None:
    """With `mlflow` on, an init template makes the run, tasks get its id, the exit handler its status."""
    manifest = build_manifest(make_plan({"a": []}), config=make_config(mlflow=True))
    admit(manifest)
    start = find_template(manifest, "init-mlflow-run")
    assert start["container"]["args"] == [
        *["argo", "mlflow-run", "start"],
        *["--output", "/tmp/mlflow_run_id", "--pipeline", "__default__", "--env", "cloud"],  # noqa: S108
    ]
    assert start["outputs"]["parameters"][0]["globalName"] == "mlflow_run_id"
    end = find_template(manifest, manifest["spec"]["onExit"])
    assert end["container"]["args"] == [
        *["argo", "mlflow-run", "end", "--status", "{{workflow.status}}", "--env", "cloud"]
    ]
    assert read_environment(end)["MLFLOW_RUN_ID"] == "{{workflow.outputs.parameters.mlflow_run_id}}"
    assert read_environment(find_template(manifest, "kedro"))["MLFLOW_RUN_ID"]


def test_a_projects_own_mlflow_run_wins(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, find_template: Any
) -> None:
    """A template `init-mlflow-run` of the project is taken in place of ours; the run is closed still."""
    own = {
        "name": "init-mlflow-run",
        "container": {"command": "python", "args": ["make.py"]},
        "outputs": {"parameters": [{"name": "mlflow_run_id", "path": "/own"}]},
    }
    config = make_config(template={"templates": [own], "init_templates": ["init-mlflow-run"]}, mlflow=True)
    manifest = build_manifest(make_plan({"a": []}), config=config)
    admit(manifest)
    start = find_template(manifest, "init-mlflow-run")
    assert start["container"]["command"] == ["python"]
    assert start["outputs"]["parameters"] == [
        {"name": "mlflow_run_id", "valueFrom": {"path": "/own"}, "globalName": "mlflow_run_id"}
    ]


@pytest.mark.parametrize("mlflow", [False, True])
def test_hooks_of_the_workflow_are_told_before_and_after(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    find_template: Any,
    mlflow: bool,  # noqa: FBT001  a table's column
) -> None:
    """One exit handler notifies hooks and closes the MLflow run, if there is one."""
    manifest = build_manifest(make_plan({"a": []}), config=make_config(mlflow=mlflow, workflow_hooks=True))
    admit(manifest)
    start = find_template(manifest, "start-workflow-hooks")
    assert start["container"]["args"] == [
        *["argo", "workflow-hooks", "start", "--pipeline", "__default__", "--env", "cloud"]
    ]
    end = find_template(manifest, manifest["spec"]["onExit"])
    assert end["container"]["args"] == [
        *["argo", "workflow-hooks", "end", "--status", "{{workflow.status}}"],
        *(["--mlflow-run"] if mlflow else []),
        *["--pipeline", "__default__", "--env", "cloud"],
    ]
    (dag,) = (template["dag"] for template in manifest["spec"]["templates"] if "dag" in template)
    first = {task["name"] for task in dag["tasks"] if "depends" not in task}
    assert first == {"init-mlflow-run" if mlflow else "start-workflow-hooks"}

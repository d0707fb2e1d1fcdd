"""The rows of the README's table about workflows: what a tool makes of a pipeline, and does before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.comparison.configuration import BY_HAND, LACK, OURS, YES, lacks_command
from tests.comparison.tools import UndecidedError, decide

if TYPE_CHECKING:
    from tests.comparison.tools import Outcome, Project, Tool

__all__ = ["BY_AIRFLOW", "BY_GROUPING", "OWN_SUM"]

BY_AIRFLOW, BY_GROUPING, OWN_SUM = "by Airflow", "by grouping", "by `sum_pipelines`"
ARGO, AIRFLOW = "argo-kedro 0.1.41", "kedro-airflow 0.11"
NODES = {
    ARGO: "from argo_kedro.pipeline import FusedPipeline, Node, sum_pipelines",
    OURS: "from kedro_matrix_ext.argo import FusedPipeline, Node",
}
GROUP = {
    ARGO: 'FusedPipeline(NODES, name="both")',
    OURS: 'FusedPipeline(NODES, name="both")',
    AIRFLOW: 'Pipeline(NODES, namespace="both", inputs={"cars"}, outputs={"count", "size"})',
}
REGISTRY = """
    from kedro.pipeline import Node, Pipeline
    {nodes}

    NODES = [Node(len, "cars", "count", name="a"{machine}), Node(abs, "count", "size", name="b")]

    def register_pipelines():
        return {{"__default__": {pipeline}}}
"""
MADE = {
    ARGO: ("templates/argo-workflow-template.yml", "argo", "submit", "--dry_run"),
    OURS: ("workflow.yml", "argo", "submit", "--dry-run", "--env", "base", "-o", "workflow.yml"),
    AIRFLOW: ("airflow_dags/shop_dag.py", "airflow", "create"),
}
TASKS = """
    import yaml

    manifest = yaml.safe_load(open({file!r}))
    graphs = [template["dag"] for template in manifest["spec"]["templates"] if "dag" in template]
    found = [task["name"] for graph in graphs for task in graph["tasks"]]
"""
QUEUES = """
{%- for group in node_objs %}
@task(task_id="{{ group.name }}"
{%- for node in pipeline.nodes if node.name in group.nodes %}, queue="{{ node.tags | first }}"{% endfor %})
{%- endfor %}
"""
NO_CLUSTER = {"No such command": LACK}


def project_of(tool: Tool, pipeline: str, machine: str = "") -> Project:
    """Make a project whose default pipeline is an expression over ``NODES``, of the tool's node class."""
    registry = REGISTRY.format(nodes=NODES.get(tool.name, ""), pipeline=pipeline, machine=machine)
    return tool.make_project({"src/shop/pipeline_registry.py": registry})


def make_workflow(project: Project, *options: str) -> tuple[Outcome, str]:
    """Have the project's tool make what it makes of the default pipeline; give the file's text too."""
    file, *command = MADE.get(project.tool.name, ("", "argo", "submit"))
    outcome = project.kedro(*command, *options)
    made = project.path / file
    return outcome, made.read_text(encoding="utf-8") if made.is_file() else ""


def list_tasks(project: Project, *options: str) -> list[str]:
    """List the names of the tasks that a tool makes."""
    outcome, text = make_workflow(project, *options)
    if project.tool.name == AIRFLOW:
        return re.findall(r'@task\(task_id="([^"]*)"', text)
    found, shown = project.find(TASKS.format(file=MADE[project.tool.name][0]))
    if not found:
        raise UndecidedError(f"{outcome.shown}\n{shown}")
    return list(found)


def argo_workflow(tool: Tool) -> str:
    """Check whether a pipeline becomes an Argo workflow."""
    if tool.name == AIRFLOW:
        return decide(project_of(tool, "Pipeline(NODES)").kedro("argo", "submit").shown, NO_CLUSTER)
    outcome, text = make_workflow(project_of(tool, "Pipeline(NODES)"))
    return decide(f"{outcome.shown}\n{text}", {"kind: Workflow": YES, **NO_CLUSTER})


def airflow_dag(tool: Tool) -> str:
    """Check whether a pipeline becomes a DAG of Airflow."""
    project = project_of(tool, "Pipeline(NODES)")
    outcome = project.kedro("airflow", "create")
    return decide(outcome.shown, {"to Airflow DAG in the file": YES, **NO_CLUSTER})


def group_nodes(tool: Tool) -> str:
    """Check whether two nodes can be one task."""
    if tool.name not in MADE:
        return lacks_workflow(tool)
    return _decide_tasks(project_of(tool, f"Pipeline([{GROUP[tool.name]}])"), {1: YES, 2: LACK})


def run_alone(tool: Tool) -> str:
    """Check whether a node of such a task can still be run without its neighbour."""
    if tool.name not in MADE:
        return lacks_workflow(tool)
    name = "both.b" if tool.name == AIRFLOW else "b"
    shown = project_of(tool, f"Pipeline([{GROUP[tool.name]}])").kedro("run", "--nodes", name).shown
    missing = f"Pipeline does not contain nodes named ['{name}']"
    return decide(shown, {f"Completed node: {name}": YES, missing: LACK})


def sum_groups(tool: Tool) -> str:
    """Check whether the task is still one where the pipeline is a sum."""
    if tool.name not in MADE:
        return lacks_workflow(tool)
    found = _decide_tasks(project_of(tool, f"sum([{GROUP[tool.name]}], Pipeline([]))"), {1: YES, 2: LACK})
    if tool.name == ARGO and found == LACK:  # it has a function for that
        return _decide_tasks(project_of(tool, f"sum_pipelines([{GROUP[ARGO]}])"), {1: OWN_SUM, 2: LACK})
    return found


def _decide_tasks(project: Project, cells: dict[int, str]) -> str:
    grouped = ("--group-by", "namespace") if project.tool.name == AIRFLOW else ()
    tasks = list_tasks(project, *grouped)
    if len(tasks) not in cells:
        raise UndecidedError(f"{project.tool.name} makes the tasks {tasks}")
    return cells[len(tasks)]


def choose_machine(tool: Tool) -> str:
    """Check what it takes for a node to request its machine."""
    if tool.name not in MADE:
        return lacks_workflow(tool)
    if tool.name == AIRFLOW:  # its DAG template ignores that; a custom template can read it from tags
        project = project_of(tool, "Pipeline(NODES)", ', tags="big"')
        (project.path / "own.j2").write_text(QUEUES, encoding="utf-8")
        _, plain = make_workflow(project)
        _, own = make_workflow(project, "--jinja-file", "own.j2")
        return decide(f"{'big' in plain} {own}", {'False \n@task(task_id="a", queue="big")': BY_HAND})
    machine = "c4-highmem-8" if tool.name == ARGO else "big"  # 62 GiB in both
    _, text = make_workflow(project_of(tool, "Pipeline(NODES)", f', machine_type="{machine}"'))
    return decide(" ".join(text.split()), {"name: mem value: 62": YES, "memory: 62Gi": YES})


def check(tool: Tool) -> str:
    """Check whether a tool says that a dataset in memory cannot go from one task to another."""
    if tool.name not in MADE:
        return lacks_workflow(tool)
    project = project_of(tool, "Pipeline(NODES)")
    catalog = project.path / "conf/base/catalog.yml"
    kept = [
        line for line in catalog.read_text(encoding="utf-8").splitlines() if not line.startswith("count:")
    ]
    catalog.write_text("\n".join([*kept, "count: {type: MemoryDataset}\n"]), encoding="utf-8")
    if tool.name == OURS:
        shown = project.kedro("argo", "check", "--env", "base").shown
        return decide(shown, {"error[memory-dataset-crosses-tasks]: 'count'": YES})
    outcome, _ = make_workflow(project)
    tasks = list_tasks(project)
    if outcome.status or tasks != ["a", "b"] or "memory" in outcome.shown.lower():
        raise UndecidedError(outcome.shown)
    if tool.name == AIRFLOW and list_tasks(project, "--group-by", "memory") == ["a-b"]:
        return BY_GROUPING  # it does not report them, but an option keeps such nodes together
    return lacks_command(project)  # made without a word, and no other command would have looked


def rehearse(tool: Tool) -> str:
    """Check whether the workflow itself can be run on this machine, task by task."""
    if tool.name not in MADE:
        return lacks_workflow(tool)
    project = project_of(tool, "Pipeline(NODES)")
    if tool.name == OURS:
        return decide(project.kedro("argo", "rehearse", "--env", "base").shown, {"2 succeeded;": YES})
    if tool.name == ARGO:
        return lacks_command(project)
    make_workflow(project)
    variables = {
        "AIRFLOW_HOME": str(project.path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(project.path / "airflow_dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": "src",
    }
    airflow = [tool.python, "-m", "airflow"]
    project.run([*airflow, "db", "migrate"], **variables)
    shown = project.run([*airflow, "dags", "test", "shop"], **variables).shown
    if not {"end task task_id=a", "end task task_id=b"} <= set(re.findall(r"end task task_id=\w", shown)):
        raise UndecidedError(shown[-1500:])
    return decide(shown, {"state=success, run_type=manual": BY_AIRFLOW})


def lacks_workflow(tool: Tool) -> str:
    """Check that a tool has no command for a cluster, so there are no tasks."""
    project = project_of(tool, "Pipeline(NODES)")
    for command in ("argo", "airflow"):
        decide(project.kedro(command).shown, NO_CLUSTER)
    return lacks_command(project)

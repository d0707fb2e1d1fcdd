"""A plan as table, diagram and page: their contents, and that all text is escaped."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from kedro.pipeline import Node, Pipeline
from tests.argo.joined_nodes import join
from tests.argo.written_plan import example_plan

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Task, build_plan
from kedro_matrix_ext.argo.report import FORMATS, render_mermaid, render_page, render_table
from kedro_matrix_ext.argo.report.critical_path import schedule_tasks


def test_the_longest_chain_and_the_peak_are_found() -> None:
    """A diamond: the chain goes through the task of more nodes; both middle tasks run at the same time."""

    def task(name: str, nodes: int, *before: str) -> Task:
        names = tuple(f"{name}{number}" for number in range(nodes))
        return Task(name=name, nodes=names, depends_on=before, resources=ArgoResourceConfig(num_gpus=1))

    schedule = schedule_tasks([task("a", 1), task("b", 1, "a"), task("c", 3, "a"), task("d", 1, "b", "c")])
    assert schedule.critical_path == ("a", "c", "d")
    assert (schedule.steps, schedule.total.tasks, schedule.total.memory) == (5, 4, 208)
    assert (schedule.peak.tasks, schedule.peak.cpu, schedule.peak.gpus) == (2, 8, 2)
    assert schedule.depth == {"a": 0, "b": 1, "c": 1, "d": 2}


def test_the_table_shows_tasks_and_totals() -> None:
    """One row per task, empty columns left out, then the chain, the totals, the digest and notes."""
    plan = example_plan()
    text = render_table(plan)
    assert re.search(r"^b +1 +4 +52Gi +dp +a$", text, re.MULTILINE)
    assert "IN MEMORY" in text
    assert "total: 2 tasks, CPU 4500m, memory 104Gi, 1 GPU" in text
    assert "longest chain: 3 nodes in 2 tasks" in text
    assert "note: look at <this>" in text
    assert "IN MEMORY" not in render_table(example_plan(tasks=(replace(plan.tasks[0], memory_datasets=()),)))


def test_mermaid_draws_boxes_and_arrows() -> None:
    """Tasks are boxes with their names, dependencies are arrows."""
    assert render_mermaid(example_plan()) == (
        'flowchart LR\n    t0["a<br/>2 nodes"]\n    t1["b"]\n    t0 --> t1'
    )


def test_the_page_is_one_file_that_nothing_can_break_out_of() -> None:
    """No outside resource, everything escaped, every task and edge drawn, every placeholder filled."""
    page = render_page(example_plan())
    assert not re.search(r"(src|href)\s*=|@import|https?://", page)
    assert page.count("</script>") == 2
    assert "look at &lt;this&gt;" in page
    assert "<!--" not in page.replace("<!doctype", "")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
    assert data is not None
    drawn = json.loads(data.group(1))
    assert drawn["about"]["b"]["reads"] == ["y (</script>, pickle.PickleDataset)", "params:p"]
    assert [(task["name"], task["after"]) for task in drawn["tasks"]] == [("a", []), ("b", ["a"])]
    assert drawn["chain"] == ["a", "b"]


def test_the_cost_of_barriers_is_in_every_format_for_people() -> None:
    """Above 200 tasks the plan says into how many groups they go and what that does to the longest path."""
    nodes = [
        Node(
            join, sorted({f"t{n * 7 % (n - 40)}", f"t{n - 41}"}) if n > 41 else ["raw"], f"t{n}", name=f"n{n}"
        )
        for n in range(900)
    ]
    plan = build_plan(Pipeline(nodes), config=ArgoConfig())
    (note,) = plan.notes
    assert re.fullmatch(
        r"900 tasks run as 5 groups of at most 200; .* the longest path is \d+ tasks, not 22\.", note
    )
    texts = {name: render(plan) for name, render in FORMATS.items()}
    assert [name for name, text in texts.items() if note in text] == ["text", "json", "html"]
    assert build_plan(Pipeline(nodes[:200]), config=ArgoConfig()).notes == ()
    assert build_plan(Pipeline(nodes[:200]), config=ArgoConfig(mlflow=True)).notes != ()

"""Node timings under a runner that starts processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kedro_matrix_ext.hooks import read_node_timings

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

MEGABYTE = 2**20

PARALLEL_PROJECT = {
    "settings.py": """
        from kedro_matrix_ext.hooks import NodeTimerHooks
        HOOKS = (NodeTimerHooks(),)
    """,
    "pipeline_registry.py": """
        from kedro.pipeline import Pipeline, node
        from shop.nodes import fail, make, chunks, total

        def register_pipelines():
            good = [node(make, None, f"part_{i}", name=f"make_{i}") for i in range(3)]
            good.append(node(total, ["part_0", "part_1", "part_2"], "total", name="total"))
            fails = [node(fail, "total", "end", name="fail"),
                     node(total, ["end", "part_0", "part_1"], "last", name="after")]
            return {
                "__default__": Pipeline([*good, node(chunks, "total", "parts", name="chunks")]),
                "bad": Pipeline([*good, *fails]),
            }
    """,
    "nodes.py": """
        import os
        import time

        def make():
            time.sleep(0.1)
            return os.getpid()

        def total(a, b, c):
            return a + b + c

        def chunks(_):
            for chunk in range(3):
                time.sleep(0.05)
                yield chunk

        def fail(_):
            raise ValueError("broken on purpose")
    """,
}

PARALLEL_SCRIPT = """
import multiprocessing
from pathlib import Path
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import ParallelRunner

multiprocessing.set_start_method("{start_method}")
bootstrap_project(Path.cwd())
for pipeline in {pipelines}:
    with KedroSession.create(project_path=Path.cwd()) as session:
        try:
            session.run(pipeline_names=[pipeline], runner=ParallelRunner(max_workers={workers}))
        except ValueError as error:
            print("raised", error)
"""


@pytest.mark.project
@pytest.mark.parametrize(("start_method", "workers"), [("fork", 2), ("spawn", 1)])
def test_nodes_of_a_parallel_runner_are_measured_in_their_workers(
    project: KedroProject, start_method: str, workers: int
) -> None:
    """With each start method every node has a record: succeeded, failed, skipped and generators."""
    for name, text in PARALLEL_PROJECT.items():
        project.write(f"src/shop/{name}", text)
    project.write("conf/base/catalog.yml", "{}\n")
    pipelines = ["__default__", "bad"] if start_method == "fork" else ["bad"]
    script = PARALLEL_SCRIPT.format(start_method=start_method, workers=workers, pipelines=pipelines)
    done = project.python(script)

    files = sorted((project.path / ".kedro_matrix/node_timings").glob("*.jsonl"))
    runs = {timings[0].pipeline: timings for timings in map(read_node_timings, files)}
    statuses = {timing.node: timing.status for timing in runs["bad"]}
    assert (statuses["fail"], statuses["after"], statuses["total"]) == ("failed", "skipped", "succeeded")
    assert "raised broken on purpose" in done.stdout
    assert done.stdout.count("Node timings") == len(pipelines)
    if start_method == "spawn":
        return
    good = {timing.node: timing for timing in runs["__default__"]}
    assert {(name, timing.status) for name, timing in good.items()} == {
        (name, "succeeded") for name in ("make_0", "make_1", "make_2", "total", "chunks")
    }
    assert len({timing.process for timing in good.values()}) > 1
    assert all((timing.peak_memory_bytes or 0) > MEGABYTE for timing in good.values())
    assert (good["chunks"].seconds or 0) >= 0.15

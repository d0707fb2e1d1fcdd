"""What NodeTimerHooks adds to a node: seconds per node with the hook and without, side by side."""

from __future__ import annotations

import logging
import tempfile
import time
from statistics import median
from typing import Any

from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner

from kedro_matrix_ext.hooks import NodeTimerHooks

_NODES = 200
_REPEATS = 9
_TARGET = 0.001


def _pass_on(value: int) -> int:
    return value


def make_pipeline() -> Pipeline:
    """Chain nodes that do nothing, one input and one output each."""
    return Pipeline([node(_pass_on, f"d{n}", f"d{n + 1}", name=f"n{n}") for n in range(_NODES)])


def time_run(pipeline: Pipeline, folder: str, hooks: list[object]) -> float:
    """Run the pipeline once and give the seconds that its nodes took, without what the run itself costs."""
    manager: Any = _create_hook_manager()
    for hook in hooks:
        manager.register(hook)
    catalog = DataCatalog({"d0": MemoryDataset(1)})
    params = {"run_id": f"run{time.time_ns()}", "project_path": folder, "env": None}
    manager.hook.before_pipeline_run(run_params=params, pipeline=pipeline, catalog=catalog)
    start = time.perf_counter()
    SequentialRunner().run(pipeline, catalog, manager, run_id=params["run_id"])
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    logging.disable()
    pipeline = make_pipeline()
    without: list[float] = []
    measured: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(_REPEATS):
            without.append(time_run(pipeline, folder, []))
            measured.append(time_run(pipeline, folder, [NodeTimerHooks()]))
    pairs = zip(measured, without, strict=True)
    overhead = median((ours - theirs) / _NODES for ours, theirs in pairs)
    print(f"{'what':<34} {'without':>10} {'with':>10} {'added':>10} {'target':>10}")
    print(
        f"{'NodeTimerHooks, ms per node':<34} {median(without) / _NODES * 1000:>10.3f}"
        f" {median(measured) / _NODES * 1000:>10.3f} {overhead * 1000:>10.3f} {'<' + str(_TARGET * 1000):>10}"
    )


if __name__ == "__main__":
    main()

"""What NodeTimerHooks adds to a node: time per node with the hook and without, side by side.

CPU time stands beside the time on the clock, as other processes on the machine do not lengthen it.
"""

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
_TARGET = 1.0


def _pass_on(value: int) -> int:
    return value


def make_pipeline() -> Pipeline:
    """Chain nodes that do nothing, one input and one output each."""
    return Pipeline([node(_pass_on, f"d{n}", f"d{n + 1}", name=f"n{n}") for n in range(_NODES)])


def time_run(pipeline: Pipeline, folder: str, hooks: list[object]) -> tuple[float, float]:
    """Run the pipeline once and give the time its nodes took, on the clock and of the CPU, in ms per node."""
    manager: Any = _create_hook_manager()
    for hook in hooks:
        manager.register(hook)
    catalog = DataCatalog({"d0": MemoryDataset(1)})
    params = {"run_id": f"run{time.time_ns()}", "project_path": folder, "env": None}
    manager.hook.before_pipeline_run(run_params=params, pipeline=pipeline, catalog=catalog)
    clock, cpu = time.perf_counter(), time.process_time()
    SequentialRunner().run(pipeline, catalog, manager, run_id=params["run_id"])
    return (time.perf_counter() - clock) / _NODES * 1000, (time.process_time() - cpu) / _NODES * 1000


def main() -> None:
    """Print the table."""
    logging.disable()
    pipeline = make_pipeline()
    pairs: list[tuple[tuple[float, float], tuple[float, float]]] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(_REPEATS):
            without = time_run(pipeline, folder, [])
            pairs.append((without, time_run(pipeline, folder, [NodeTimerHooks()])))
    print(f"{'NodeTimerHooks, ms per node':<30} {'without':>9} {'with':>9} {'added':>9} {'target':>9}")
    for column, name in enumerate(("on the clock", "of the CPU")):
        without_it = median(pair[0][column] for pair in pairs)
        with_it = median(pair[1][column] for pair in pairs)
        added = median(pair[1][column] - pair[0][column] for pair in pairs)
        print(f"{name:<30} {without_it:>9.3f} {with_it:>9.3f} {added:>9.3f} {f'<{_TARGET}':>9}")


if __name__ == "__main__":
    main()

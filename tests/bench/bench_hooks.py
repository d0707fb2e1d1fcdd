"""What NodeTimerHooks adds to a node: time per node with the hook and without, side by side.

CPU time is shown next to elapsed time, as other processes on the machine do not change it.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from contextlib import redirect_stdout
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
_HELD = 2**30


def _pass_on(value: int) -> int:
    return value


def make_pipeline() -> Pipeline:
    """Chain nodes that do nothing, one input and one output each."""
    return Pipeline([node(_pass_on, f"d{n}", f"d{n + 1}", name=f"n{n}") for n in range(_NODES)])


def time_run(pipeline: Pipeline, folder: str, hooks: list[object]) -> tuple[float, float]:
    """Run the pipeline once, its beginning and end included; on the clock and of the CPU, in ms per node."""
    manager: Any = _create_hook_manager()
    for hook in hooks:
        manager.register(hook)
    catalog = DataCatalog({"d0": MemoryDataset(1)})
    params = {"run_id": f"run{time.time_ns()}", "project_path": folder, "env": None}
    context = {"run_params": params, "pipeline": pipeline, "catalog": catalog}
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123  no file of a project
        clock, cpu = time.perf_counter(), time.process_time()
        manager.hook.before_pipeline_run(**context)
        result = SequentialRunner().run(pipeline, catalog, manager, run_id=params["run_id"])
        manager.hook.after_pipeline_run(run_result=result, **context)
        took = time.perf_counter() - clock, time.process_time() - cpu
    return took[0] / _NODES * 1000, took[1] / _NODES * 1000


def compare(pipeline: Pipeline) -> list[float]:
    """Run it in pairs, without the hook and with it, print a row per clock, and give what was added."""
    pairs: list[tuple[tuple[float, float], tuple[float, float]]] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(_REPEATS):
            without = time_run(pipeline, folder, [])
            pairs.append((without, time_run(pipeline, folder, [NodeTimerHooks()])))
    medians = []
    for column, name in enumerate(("on the clock", "of the CPU")):
        without_it = median(pair[0][column] for pair in pairs)
        with_it = median(pair[1][column] for pair in pairs)
        medians.append(median(pair[1][column] - pair[0][column] for pair in pairs))
        print(f"{name:<30} {without_it:>9.3f} {with_it:>9.3f} {medians[-1]:>9.3f} {f'<{_TARGET}':>9}")
    return medians


def main() -> None:
    """Print the table, in a small process and a large one; exit status 1 where the target is missed."""
    logging.disable()
    pipeline = make_pipeline()
    print(f"{'NodeTimerHooks, ms per node':<30} {'without':>9} {'with':>9} {'added':>9} {'target':>9}")
    added = compare(pipeline)
    held = bytearray(b"x" * _HELD)
    print(f"while the process holds {len(held) / 2**30:.0f} GiB")
    added += compare(pipeline)
    sys.exit(max(added) > _TARGET)


if __name__ == "__main__":
    main()

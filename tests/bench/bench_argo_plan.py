"""From a built pipeline to its plan: CPU seconds by size and grouping, compared with Kedro's own building."""

from __future__ import annotations

import random
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo import ArgoConfig, build_plan

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZES = (2_500, 5_000, 10_000)
_REPEATS = 5
_SHARE = (
    1.2  # the most that a plan, cost of barriers included, may take of what Kedro takes to build the pipeline
)
_GROWTH = 6.5  # the most that four times the nodes may take; 4 is linear, 16 quadratic

_CONFIG = ArgoConfig.model_validate(
    {
        "machine_types": {"default": {"mem": 4, "cpu": 1, "num_gpu": 0}},
        "default_machine_type": "default",
        "runner": {"use_memory_datasets": True},
    }
)


def take(*values: Any) -> Any:
    """Take anything, give it back."""
    return values


def make_pipeline(size: int) -> Pipeline:
    """Build a random graph of a fan-in of two, names of forty characters, in Kedro's order."""
    draw = random.Random(size)  # noqa: S311  a benchmark needs the same graph, not a secret one
    nodes = []
    for number in range(size):
        near = range(max(0, number - 200), number)
        sources = sorted({draw.choice(near) for _ in range(2)}) if near else []
        inputs = [f"dataset_{source:05d}" for source in sources] or ["raw"]
        name = f"a_node_whose_name_has_forty_chars_{number:06d}"
        nodes.append(Node(take, [*inputs, "params:seed"], f"dataset_{number:05d}", name=name))
    pipeline = Pipeline(nodes)
    pipeline.nodes  # noqa: B018  sorting is Kedro's part, and cached
    return pipeline


def measure(action: Callable[[], Any]) -> float:
    """Give the median of the CPU seconds an action takes."""
    seconds = []
    for _ in range(_REPEATS):
        start = time.process_time()
        action()
        seconds.append(time.process_time() - start)
    return median(seconds)


def measure_once(action: Callable[[], Any]) -> tuple[Any, float]:
    """Give what an action returns, and its CPU seconds."""
    start = time.process_time()
    return action(), time.process_time() - start


def main() -> int:
    """Print the tables; the exit status is 0 if the targets are met."""
    groupings = ("node", "single", "chain", "memory")
    print("nodes   kedro " + "".join(f"{grouping:>9}" for grouping in groupings) + "   (CPU s)")
    ours: dict[int, float] = {}
    share = 0.0
    for size in _SIZES:
        pipeline, kedro = measure_once(lambda size=size: make_pipeline(size))  # type: ignore[misc]
        seconds = [
            measure(lambda p=pipeline, g=grouping: build_plan(p, config=_CONFIG, group_by=g))  # type: ignore[misc]
            for grouping in groupings
        ]
        ours[size], share = seconds[0], seconds[0] / kedro
        print(f"{size:6,}{kedro:8.2f}" + "".join(f"{each:9.3f}" for each in seconds))
    growth = ours[10_000] / ours[2_500]
    met = share <= _SHARE and growth <= _GROWTH
    print(f"10,000 nodes: {share:.2f} of what Kedro takes to build them (target {_SHARE})")
    print(f"four times the nodes: {growth:.1f} times (target {_GROWTH})")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

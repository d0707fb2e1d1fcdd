"""Pipelines of many variants compared with Kedro's `Pipeline` and `sum()`: CPU time, and how it grows."""

from __future__ import annotations

import gc
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline, node

from kedro_matrix_ext.pipelines import per_variant, sum_pipelines

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMESPACE = "price_predictor"


def _split(table: Any, options: Any) -> Any:
    return table, options


def _train(train: Any) -> Any:
    return train


def make_skeleton() -> Pipeline:
    """Make a skeleton of three nodes."""
    return Pipeline(
        [
            node(_split, ["model_input_table", "params:options"], "train", name="split"),
            node(_train, "train", "model", name="train"),
            node(_split, ["model", "params:options"], "score", name="evaluate"),
        ]
    )


def assemble(skeleton: Pipeline, variants: int) -> Pipeline:
    """Make a pipeline of all variants with ours."""
    mapping = {_NAMESPACE: [f"variant{index}" for index in range(variants)]}
    return per_variant(skeleton, mapping, inputs={"model_input_table": "{namespace}.model_input_table"})


def make_kedros_pipelines(skeleton: Pipeline, variants: int) -> list[Pipeline]:
    """Make a Kedro pipeline of each variant."""
    return [
        Pipeline(
            skeleton,
            inputs={"model_input_table": f"{_NAMESPACE}.model_input_table"},
            namespace=f"{_NAMESPACE}.variant{index}",
            tags=[f"variant{index}", _NAMESPACE],
        )
        for index in range(variants)
    ]


def seconds(work: Callable[[], object]) -> float:
    """Time one call, with a clean heap before it."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Time two ways in turn and take the median of each."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(repeats)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def main() -> None:
    """Print the table."""
    skeleton = make_skeleton()
    ready = make_kedros_pipelines(skeleton, 300)
    small, large = compare(lambda: assemble(skeleton, 100), lambda: assemble(skeleton, 1000), repeats=9)
    whole = compare(
        lambda: assemble(skeleton, 300), lambda: sum(make_kedros_pipelines(skeleton, 300)), repeats=3
    )
    added = compare(lambda: sum_pipelines(ready), lambda: sum(ready), repeats=3)
    print(f"{'':<44}{'ours':>10}{'theirs':>10}{'ratio':>8}{'target':>10}")
    for name, (ours, theirs) in (("300 variants of 3 nodes", whole), ("300 pipelines added up", added)):
        print(f"{name:<44}{ours:>9.3f}s{theirs:>9.3f}s{theirs / ours:>7.1f}x{'>= 10x':>10}")
    print(f"{'':<44}{'100':>10}{'1,000':>10}{'ratio':>8}{'target':>10}")
    print(f"{'ours, by variants':<44}{small:>9.3f}s{large:>9.3f}s{large / small:>7.1f}x{'<= 15x':>10}")


if __name__ == "__main__":
    main()

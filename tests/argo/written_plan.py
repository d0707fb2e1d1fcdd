"""A plan written by hand, with a value in every field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kedro_matrix_ext.argo import ArgoResourceConfig, Plan, Task

__all__ = ["example_plan"]


def example_plan(**changes: Any) -> Plan:
    """Make a plan of two tasks by hand."""
    size = ArgoResourceConfig(cpu_request="500m", num_gpus=1)
    first = Task(name="a", nodes=("n1", "n2"), outputs=("x", "y"), memory_datasets=("x",), resources=size)
    second = Task(
        name="b",
        nodes=("ns.n3",),
        depends_on=("a",),
        inputs=("y", "params:p"),
        resources=ArgoResourceConfig(),
        template="t",
        pipelines=("dp",),
        image="i:1",
        node_selector={"disk": "ssd"},
    )
    plan = Plan(
        pipeline="__default__",
        env="cloud",
        group_by="node",
        tasks=(first, second),
        datasets={"y": {"type": "pickle.PickleDataset", "metadata": {"layer": "</script>"}}},
        notes=("look at <this>",),
    )
    return replace(plan, **changes)

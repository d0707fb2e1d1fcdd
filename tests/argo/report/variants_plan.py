"""Plans of many variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro.pipeline import Node, Pipeline
from tests.argo.joined_nodes import join

from kedro_matrix_ext.argo import ArgoConfig, build_plan

if TYPE_CHECKING:
    from kedro_matrix_ext.argo import Plan


def make_variants_plan(variants: int, *, extra: int = 0) -> Plan:
    """Plan two shared nodes, three nodes per variant, one that compares, and a chain of extra nodes."""
    nodes = [Node(join, ["raw"], "clean", name="clean"), Node(join, ["raw"], "rates", name="rates")]
    for number in range(1, variants + 1):
        shop = f"shop.v{number}"
        nodes += [
            Node(join, ["clean"], f"split{number}", name="split", namespace=shop),
            Node(join, [f"split{number}", "rates"], f"model{number}", name="train", namespace=shop),
            Node(
                join, [f"model{number}", f"split{number}"], f"score{number}", name="evaluate", namespace=shop
            ),
        ]
    nodes.append(
        Node(join, [f"score{number}" for number in range(1, variants + 1)], "extra0", name="compare")
    )
    nodes += [
        Node(join, [f"extra{number}"], f"extra{number + 1}", name=f"send{number}") for number in range(extra)
    ]
    return build_plan(Pipeline(nodes), config=ArgoConfig())

"""Find out every cell of the README's table, and fail where it says something else: `nox -s comparison`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline
from tests.comparison import others
from tests.comparison.copied_helpers import inject_object as copied_inject_object

from kedro_matrix_ext import inject_object

if TYPE_CHECKING:
    from collections.abc import Callable

    Attempt = Callable[[], Any]

LACK = "\N{EN DASH}"
README = Path(__file__).parents[2] / "README.md"
HEADER = "| | Kedro | copied helpers | argo-kedro 0.1.41 | kedro-airflow 0.11 | kedro-matrix-ext |"

PLAIN_HOOKS = "from shop.noise import Noisy\nHOOKS = (Noisy(),)\n"
COPIED_HOOKS = """
import os
from shop.noise import Noisy
ALL = {"NOISY": Noisy()}
HOOKS = tuple(hook for name, hook in ALL.items() if f"KEDRO_HOOKS_DISABLE_{name}" not in os.environ)
"""
OUR_HOOKS = """
from kedro_matrix_ext import determine_hooks_to_execute
HOOKS = determine_hooks_to_execute({"noisy": "shop.noise.Noisy"})
"""
AIRFLOW = "kedro_airflow.plugin.commands"
ARGO_KEDRO = "argo_kedro.framework.cli.cli.commands"
OURS = ("kedro_matrix_ext.cli.argo.commands", "kedro_matrix_ext.cli.matrix.commands")


def succeeds(attempt: Attempt) -> bool:
    """Tell whether an attempt gives something true; whatever it fails in, it fails."""
    try:
        return bool(attempt())
    except Exception:  # noqa: BLE001
        return False


def has_command(name: str, *plugins: str) -> Attempt:
    """Look for a command among those of plugins."""
    return lambda: any(name in others.commands_of(plugin) for plugin in plugins)


def argo_kedro_group() -> Any:
    """Two nodes that argo-kedro fuses."""
    module = others.theirs()
    return module.FusedPipeline(others.two_nodes(module.Node), name="both")


def argo_kedro_machine() -> bool:
    """Does a node of argo-kedro keep its machine under a namespace?"""
    node = others.theirs().Node(len, "cars", "count", name="a", machine_type="big")
    copied: Any = Pipeline([node], namespace="shop").nodes[0]
    return bool(copied.machine_type == "big")


def our_machine() -> bool:
    """Does a node of ours?"""
    from kedro_matrix_ext.argo import ArgoNode

    node = ArgoNode(len, "cars", "count", name="a", machine_type="big")
    (task,) = others.our_tasks(Pipeline([node], namespace="shop"))
    return bool(task.nodes == ("shop.a",))


LACKS: Attempt = lambda: False  # noqa: E731
KEDRO_LOADS: dict[str, Callable[..., bool]] = {
    "reach": others.reach,
    "merge": others.merge,
    "engines": others.several_engines,
}


def loads(check: str) -> tuple[Attempt, ...]:
    """Try what a loader does; argo-kedro and kedro-airflow leave loading to Kedro's."""
    load = KEDRO_LOADS[check]
    return (load, lambda: load(helpers=True), load, load, lambda: load(ours=True))


ROWS: dict[str, tuple[Attempt, ...]] = {
    "an environment's override reaches what refers to it": loads("reach"),
    "a block of YAML inherits from another": loads("merge"),
    "YAML declares the objects that nodes receive": (
        lambda: others.injected(lambda function: function),
        lambda: others.injected(copied_inject_object),
        lambda: others.injected(lambda function: function),
        lambda: others.injected(lambda function: function),
        lambda: others.injected(inject_object()),
    ),
    "an environment variable switches a hook off": (
        lambda: others.switches_off(PLAIN_HOOKS),
        lambda: others.switches_off(COPIED_HOOKS),
        lambda: others.switches_off(PLAIN_HOOKS),
        lambda: others.switches_off(PLAIN_HOOKS),
        lambda: others.switches_off(OUR_HOOKS),
    ),
    "all variants of a pipeline by one call": (LACKS, LACKS, LACKS, LACKS, others.variants_by_loop),
    "one catalog entry for pandas, polars and Spark": loads("engines"),
    "a pipeline becomes an Argo workflow": (
        LACKS,
        LACKS,
        lambda: others.tasks_of_argo_kedro(Pipeline(others.two_nodes(Node))),
        has_command("submit", AIRFLOW),
        lambda: others.our_tasks(Pipeline(others.two_nodes(Node))),
    ),
    "several nodes in one task": (
        LACKS,
        LACKS,
        lambda: others.tasks_of_argo_kedro(Pipeline([argo_kedro_group()])) == ["both"],
        others.airflow_groups_nodes,
        lambda: len(others.our_tasks(Pipeline([others.our_group()]))) == 1,
    ),
    "a node of such a task runs alone": (
        LACKS,
        LACKS,
        lambda: Pipeline([argo_kedro_group()]).filter(node_names=["b"]).nodes,
        lambda: Pipeline(others.two_nodes(Node)).filter(node_names=["b"]).nodes,
        lambda: Pipeline([others.our_group()]).filter(node_names=["b"]).nodes,
    ),
    "groups survive `sum()` of pipelines": (
        LACKS,
        LACKS,
        lambda: others.tasks_of_argo_kedro(sum([argo_kedro_group()], Pipeline([]))) == ["both"],
        others.airflow_groups_nodes,
        lambda: len(others.our_tasks(sum([others.our_group()], Pipeline([])))) == 1,
    ),
    "a node says what it runs on": (LACKS, LACKS, argo_kedro_machine, LACKS, our_machine),
    "checked before it is submitted": (
        LACKS,
        LACKS,
        has_command("check", ARGO_KEDRO),
        has_command("check", AIRFLOW),
        has_command("check", *OURS),
    ),
    "rehearsed on the laptop, task by task": (
        LACKS,
        LACKS,
        has_command("rehearse", ARGO_KEDRO),
        has_command("rehearse", AIRFLOW),
        has_command("rehearse", *OURS),
    ),
    "tells where a configured value comes from": (
        LACKS,
        LACKS,
        has_command("explain", ARGO_KEDRO),
        has_command("explain", AIRFLOW),
        has_command("explain", *OURS),
    ),
}


def main() -> int:
    """Run every attempt, print the table, and compare it with the README's."""
    rows = [HEADER, "|---|:-:|:-:|:-:|:-:|:-:|"]
    for title, attempts in ROWS.items():
        cells = ["yes" if succeeds(attempt) else LACK for attempt in attempts]
        rows.append(f"| {' | '.join([title, *cells])} |")
    table = "\n".join(rows)
    print(table)
    if table in README.read_text(encoding="utf-8"):
        return 0
    print("the README says something else")
    return 1


if __name__ == "__main__":
    sys.exit(main())

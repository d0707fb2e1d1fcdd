"""What `per_namespace` and `per_variant` make is what Kedro's own `Pipeline` and `sum` make."""

from __future__ import annotations

import string
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kedro.pipeline import Pipeline, node

from kedro_matrix_ext.pipelines import per_namespace, per_variant, sum_pipelines

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.pipeline.node import Node

Connections = dict[str, Any]
Case = tuple[Pipeline, dict[str, list[str]], Connections]

FREE_INPUTS = (
    "raw",
    "table@spark",
    "table@pandas",
    "inner.raw",
    "params:options",
    "params:inner.o",
    "parameters",
)
NAMES = st.text(string.ascii_lowercase + "_-1", min_size=1, max_size=4)

# Kedro warns of dotted names and interrupted namespaces, which random skeletons have; both sides warn alike.
pytestmark = pytest.mark.filterwarnings("ignore:One or more dataset names", "ignore:Namespace '")


def _work(*args: object, **kwargs: object) -> object:
    return (args, kwargs)


def _declared(draw: Callable[[Any], Any], names: list[str]) -> str | list[str] | dict[str, str] | None:
    """Declare names in any way that a node takes them."""
    if not names:
        return None
    forms: list[Any] = [list(names), {f"arg{index}": name for index, name in enumerate(names)}]
    declared: str | list[str] | dict[str, str] = draw(
        st.sampled_from([names[0], *forms] if len(names) == 1 else forms)
    )
    return declared


@st.composite
def skeletons(draw: Callable[[Any], Any]) -> Pipeline:
    """Draw a pipeline of one to five nodes, each reading what is free or was written before it."""
    known = list(FREE_INPUTS)
    nodes = []
    for index in range(draw(st.integers(1, 5))):
        read = draw(st.lists(st.sampled_from(known), unique=True, max_size=3))
        written = [f"made{index}{draw(st.sampled_from(['', 'b', '@spark']))}"][: draw(st.integers(0, 1))]
        written += [f"inner.extra{index}"][: draw(st.integers(0 if read or written else 1, 1))]
        nodes.append(
            node(
                _work,
                _declared(draw, read),
                _declared(draw, written),
                name=draw(st.sampled_from([f"step{index}", *([None] if written else [])])),
                tags=draw(st.lists(st.sampled_from(["slow", "gpu"]))),
                namespace=draw(st.sampled_from([None, "inner", "inner.deep"])),
                confirms=draw(st.sampled_from([None, written[:1] or None, f"seen{index}"])),
            )
        )
        known += [name.replace("@spark", "@pandas") for name in written]
    return Pipeline(nodes)


def _connected(draw: Callable[[Any], Any], names: set[str], placeholders: str) -> set[str] | dict[str, str]:
    """Draw names to keep, or new names for them; without the engine of transcoding now and then."""
    bare = {name.partition("@")[0] if draw(st.booleans()) else name for name in sorted(names)}
    chosen = draw(st.lists(st.sampled_from(sorted(bare)), unique=True)) if bare else []
    if draw(st.booleans()):
        return set(chosen)
    return {name: f"{placeholders}{index}" for index, name in enumerate(chosen)}


@st.composite
def cases(draw: Callable[[Any], Any], placeholders: str) -> Case:
    """Draw a skeleton, a mapping, and how the copies are connected."""
    skeleton = draw(skeletons())
    variants = st.lists(NAMES, min_size=1, max_size=3, unique=True)
    mapping = draw(st.dictionaries(NAMES, variants, min_size=1, max_size=3))
    free = skeleton.inputs()
    parameters = {name for name in free if name.startswith("param")}
    return (
        skeleton,
        mapping,
        {
            "inputs": _connected(draw, free - parameters, "{namespace}.in"),
            "outputs": _connected(draw, skeleton.all_outputs(), f"{placeholders}.out"),
            "parameters": _connected(draw, parameters - {"parameters"}, f"{placeholders}.option"),
        },
    )


def _filled(connections: Connections, **values: str) -> Connections:
    return {
        argument: {old: new.format(**values) for old, new in names.items()}
        if isinstance(names, dict)
        else names
        for argument, names in connections.items()
    }


def _everything(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return [_facts(one) for one in pipeline.nodes]


def _facts(one: Node) -> tuple[Any, ...]:
    names = (one._inputs, one._outputs, one._confirms)
    return (one.name, one.short_name, one.namespace, *names, one.tags, one.func, type(one))


def _outcome(make: Callable[[], Pipeline]) -> list[tuple[Any, ...]] | None:
    """Give the made pipeline's facts, or None where it cannot be made."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _everything(make())
        except Exception:  # noqa: BLE001  whatever Kedro raises, we must not make a pipeline
            return None


SLOW_TO_DRAW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW_TO_DRAW
@given(cases("{namespace}.{variant}"))
def test_per_variant_makes_what_kedro_makes(case: Case) -> None:
    """For any skeleton and connections, every node is the same as in the sum of Kedro's pipelines."""
    skeleton, mapping, connections = case

    def make_by_kedro() -> Pipeline:
        return sum(
            Pipeline(
                skeleton,
                namespace=f"{namespace}.{variant}",
                tags=[variant, namespace],
                **_filled(connections, namespace=namespace, variant=variant),
            )
            for namespace, variants in mapping.items()
            for variant in variants
        )  # type: ignore[return-value]  # sum() starts at 0, which Kedro allows

    assert _outcome(lambda: per_variant(skeleton, mapping, **connections)) == _outcome(make_by_kedro)


@SLOW_TO_DRAW
@given(cases("{namespace}"))
def test_per_namespace_makes_what_kedro_makes(case: Case) -> None:
    """For any skeleton and connections, every node is the same as in the sum of Kedro's pipelines."""
    skeleton, mapping, connections = case

    def make_by_kedro() -> Pipeline:
        return sum(
            Pipeline(
                skeleton, namespace=namespace, tags=variants, **_filled(connections, namespace=namespace)
            )
            for namespace, variants in mapping.items()
        )  # type: ignore[return-value]  # sum() starts at 0, which Kedro allows

    assert _outcome(lambda: per_namespace(skeleton, mapping, **connections)) == _outcome(make_by_kedro)


@SLOW_TO_DRAW
@given(st.lists(skeletons(), max_size=4))
def test_sum_pipelines_makes_what_sum_makes(pipelines: list[Pipeline]) -> None:
    """For any pipelines, alike or clashing, the sum is Kedro's, or both refuse."""
    assert _outcome(lambda: sum_pipelines(pipelines)) == _outcome(lambda: sum(pipelines, Pipeline([])))

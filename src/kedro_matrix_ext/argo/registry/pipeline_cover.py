"""Which registered pipelines a task must load to find its nodes."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, islice
from math import comb
from typing import TYPE_CHECKING

from kedro.pipeline import Pipeline

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kedro.pipeline import Node

__all__ = ["DEFAULT_PIPELINE", "PipelineChoice"]

DEFAULT_PIPELINE = "__default__"

_MOST_COMBINATIONS = 10_000  # above that, a cover is built greedily
_MOST_SUMS = 100  # covers whose sum is tried
_MOST_TRIALS = 8  # each runs the project's register_pipelines

Signature = frozenset[str]


class PipelineChoice:
    """The registered pipelines, and the nodes that each of them holds.

    Args:
        registry: All registered pipelines by name.
        load: Loads only the named pipelines, as a task does, and returns the registry then. It returns none
            where that fails, and raises ``KeyError`` where a pipeline that is not named is missing. Without
            it, every set of pipelines counts as loadable.
    """

    def __init__(
        self,
        registry: Mapping[str, Pipeline],
        load: Callable[[tuple[str, ...]], Mapping[str, Pipeline] | None] | None = None,
    ) -> None:
        holders: dict[Node, list[str]] = defaultdict(list)
        for name, pipeline in sorted(registry.items()):
            for node in pipeline.nodes:
                holders[node].append(name)
        self._signatures = {node: frozenset(names) for node, names in holders.items()}
        self._nodes: dict[Signature, list[Node]] = defaultdict(list)
        for node, signature in self._signatures.items():
            self._nodes[signature].append(node)
        self._registry = registry
        self._sizes = {name: len(pipeline.nodes) for name, pipeline in registry.items()}
        self._load = load
        self._chosen: dict[frozenset[Signature], tuple[str, ...]] = {}
        self._loaded: dict[tuple[str, ...], frozenset[Node] | str] = {}
        self._clashes: dict[tuple[str, ...], str] = {}

    def choose(self, nodes: Iterable[Node]) -> tuple[str, ...]:
        """Return the smallest set of pipelines that holds a task's nodes and loads without the others.

        Kedro adds the pipelines of a run, so only sets are chosen whose sum is a pipeline.

        Raises:
            ArgoError: If no pipelines with these nodes can be added: they hold different nodes of one name,
                or two nodes that write one dataset.
        """
        signatures = frozenset(self._signatures.get(node, frozenset()) for node in nodes)
        if not signatures or not all(signatures):
            return ()
        if signatures not in self._chosen:
            self._chosen[signatures] = self._choose(signatures)
        return self._chosen[signatures]

    def narrowest(self, node: Node) -> str | None:
        """Return the smallest pipeline that holds a node; ``__default__`` only where no other one does."""
        names = _without_default(self._signatures.get(node, frozenset()))
        return min(names, key=lambda name: (self._sizes[name], name), default=None)

    def _choose(self, signatures: frozenset[Signature]) -> tuple[str, ...]:
        covers = self._summable_covers(signatures)
        first = next(covers, None)
        if first is None:
            raise self._refuse(signatures)
        if self._load is None:
            return first
        trials = [first, *islice(covers, _MOST_TRIALS - 1)]
        whole = tuple(sorted({*first, DEFAULT_PIPELINE}))
        if all(DEFAULT_PIPELINE in signature for signature in signatures):
            whole = (DEFAULT_PIPELINE,)
        grown = (self._grow(names, signatures) for names in trials)
        return next((names for names in (*grown, whole) if names and not self._find_clash(names)), first)

    def _summable_covers(self, signatures: frozenset[Signature]) -> Iterator[tuple[str, ...]]:
        """Yield the covers that can be added, those with ``__default__`` after all others."""
        narrow = frozenset(map(_without_default, signatures))
        seen: set[tuple[str, ...]] = set()
        for covers in (self._covers(narrow), self._covers(signatures)):
            for names in islice(covers, _MOST_SUMS):
                if names not in seen and not self._find_clash(names):
                    yield names
                seen.add(names)

    def _find_clash(self, names: tuple[str, ...]) -> str:
        """Return why the sum of some pipelines is not a pipeline; an empty text where it is one."""
        if names not in self._clashes:
            added = _add([self._registry[name] for name in names])
            self._clashes[names] = added if isinstance(added, str) else ""
        return self._clashes[names]

    def _refuse(self, signatures: frozenset[Signature]) -> ArgoError:
        names = next(self._covers(frozenset(map(_without_default, signatures))))
        return ArgoError(
            f"nodes of one task are in pipelines that cannot run together, {', '.join(map(repr, names))}: "
            f"{self._find_clash(names)}",
            hint="Register a pipeline that holds all nodes of the task, or choose another '--group-by'.",
        )

    def _covers(self, signatures: frozenset[Signature]) -> Iterator[tuple[str, ...]]:
        """Yield sets of pipelines that hold all the nodes: fewest pipelines first, then fewest nodes."""
        names = sorted(frozenset().union(*signatures))
        for count in range(1, len(names) + 1):
            if comb(len(names), count) > _MOST_COMBINATIONS:
                yield self._cover_greedily(signatures)
                return
            covers = [
                chosen
                for chosen in combinations(names, count)
                if all(not signature.isdisjoint(chosen) for signature in signatures)
            ]
            yield from sorted(covers, key=lambda chosen: (sum(self._sizes[name] for name in chosen), chosen))

    def _cover_greedily(self, signatures: frozenset[Signature]) -> tuple[str, ...]:
        """Add the pipeline that holds most of the remaining nodes until none remain."""
        left, chosen = set(signatures), []
        while left:
            names = sorted(frozenset().union(*left))
            best = max(
                names, key=lambda name: (sum(name in signature for signature in left), -self._sizes[name])
            )
            chosen.append(best)
            left = {signature for signature in left if best not in signature}
        return tuple(sorted(chosen))

    def _grow(self, names: tuple[str, ...], signatures: frozenset[Signature]) -> tuple[str, ...] | None:
        """Add the pipelines that loading the named ones asks for; return none where that loses the nodes."""
        held = self._load_once(names)
        while isinstance(held, str) and held in self._sizes and held not in names:
            names = tuple(sorted({*names, held}))
            held = self._load_once(names)
        if isinstance(held, str):
            return None
        return names if all(held.issuperset(self._nodes[signature]) for signature in signatures) else None

    def _load_once(self, names: tuple[str, ...]) -> frozenset[Node] | str:
        """Return the nodes of the named pipelines when only these load, or the name of a missing one."""
        if names not in self._loaded:
            self._loaded[names] = self._load_alone(names)
        return self._loaded[names]

    def _load_alone(self, names: tuple[str, ...]) -> frozenset[Node] | str:
        if self._load is None:
            return frozenset(self._signatures)
        try:
            loaded = self._load(names)
        except KeyError as error:
            return str(error.args[0])
        found = (
            []
            if loaded is None
            else [loaded[name] for name in names if isinstance(loaded.get(name), Pipeline)]
        )
        added = _add(found)
        return frozenset() if isinstance(added, str) else frozenset(added.nodes)


def _add(pipelines: list[Pipeline]) -> Pipeline | str:
    """Add pipelines as a run of them does; return why they cannot be added where they cannot."""
    if len(pipelines) == 1:
        return pipelines[0]
    try:
        return sum(pipelines, Pipeline([]))
    except Exception as error:  # noqa: BLE001  Kedro raises various errors
        return " ".join(str(error).split())


def _without_default(signature: Signature) -> Signature:
    """Leave out ``__default__`` where a node is in another pipeline too."""
    return signature - {DEFAULT_PIPELINE} or signature

"""Which registered pipelines a task has to load to find its nodes."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, islice
from math import comb
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kedro.pipeline import Node, Pipeline

__all__ = ["DEFAULT_PIPELINE", "PipelineChoice"]

DEFAULT_PIPELINE = "__default__"

_MOST_COMBINATIONS = 10_000  # beyond that a cover is built greedily
_MOST_TRIALS = 8  # each runs the project's register_pipelines

Signature = frozenset[str]


class PipelineChoice:
    """The registered pipelines, and which of them hold which nodes.

    Args:
        registry: All registered pipelines by name.
        load: Loads only the named pipelines, as a task will, and gives what is then registered; nothing where
            the registry cannot do that. Without it, every set of pipelines is taken to load.
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
        self._sizes = {name: len(pipeline.nodes) for name, pipeline in registry.items()}
        self._load = load
        self._chosen: dict[frozenset[Signature], tuple[str, ...]] = {}
        self._loaded: dict[tuple[str, ...], frozenset[Node] | None] = {}

    def choose(self, nodes: Iterable[Node]) -> tuple[str, ...]:
        """Choose the smallest set of pipelines that holds nodes and can be loaded on its own.

        Args:
            nodes: The nodes of a task.

        Returns:
            Names, sorted; ``__default__`` only where nothing smaller will do; none where no registered
            pipelines hold the nodes.
        """
        signatures = frozenset(self._signatures.get(node, frozenset()) for node in nodes)
        if not all(signatures):
            return ()
        if signatures not in self._chosen:
            self._chosen[signatures] = self._choose(signatures)
        return self._chosen[signatures]

    def narrowest(self, node: Node) -> str | None:
        """Find the smallest pipeline that holds a node.

        Args:
            node: Any node.

        Returns:
            Its name; ``__default__`` only where no other holds it; nothing where none does.
        """
        names = _without_default(self._signatures.get(node, frozenset()))
        return min(names, key=lambda name: (self._sizes[name], name), default=None)

    def _choose(self, signatures: frozenset[Signature]) -> tuple[str, ...]:
        covers = self._covers(frozenset(map(_without_default, signatures)))
        first = next(covers)
        if self._load is None:
            return first
        trials = [first, *islice(covers, _MOST_TRIALS - 1)]
        whole = tuple(sorted({*first, DEFAULT_PIPELINE}))
        if all(DEFAULT_PIPELINE in signature for signature in signatures):
            whole = (DEFAULT_PIPELINE,)
        return next((names for names in trials if self._loads(names, signatures)), whole)

    def _covers(self, signatures: frozenset[Signature]) -> Iterator[tuple[str, ...]]:
        """Give sets of pipelines that hold all the nodes, fewest pipelines first, then fewest nodes."""
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
        """Take the pipeline that holds most of what is left, until nothing is."""
        left, chosen = set(signatures), []
        while left:
            names = sorted(frozenset().union(*left))
            best = max(
                names, key=lambda name: (sum(name in signature for signature in left), -self._sizes[name])
            )
            chosen.append(best)
            left = {signature for signature in left if best not in signature}
        return tuple(sorted(chosen))

    def _loads(self, names: tuple[str, ...], signatures: frozenset[Signature]) -> bool:
        """Tell whether the named pipelines, loaded alone, still hold the nodes."""
        if self._load is None:
            return True
        if names not in self._loaded:
            loaded = self._load(names)
            self._loaded[names] = (
                None
                if loaded is None or any(name not in loaded for name in names)
                else frozenset(node for name in names for node in loaded[name].nodes)
            )
        held = self._loaded[names]
        return held is not None and all(held.issuperset(self._nodes[signature]) for signature in signatures)


def _without_default(signature: Signature) -> Signature:
    """Leave out the pipeline that stands for all, where a node is in another one too."""
    return signature - {DEFAULT_PIPELINE} or signature

"""Which datasets a task keeps in memory instead of saving and loading them."""

from __future__ import annotations

import inspect
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.engine_names import strip_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

__all__ = ["DatasetUse", "MemoryRules", "is_promised", "yields_chunks"]


class DatasetUse:
    """Which nodes make and use each dataset; names are compared without ``@engine``.

    Args:
        nodes: All nodes of the pipeline, including those outside the selection.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._users: dict[str, set[str]] = defaultdict(set)
        self._transcoded: set[str] = set()
        for node in nodes:
            name = node.name
            for dataset in node.inputs:
                self._users[strip_engine(dataset)].add(name)
            self._transcoded.update(
                strip_engine(data) for data in (*node.inputs, *node.outputs) if strip_engine(data) != data
            )

    def is_used_only_by(self, dataset: str, names: Collection[str]) -> bool:
        """Return whether a dataset is used, and only by nodes of these names."""
        users = self._users.get(strip_engine(dataset))
        return users is not None and users.issubset(names)

    def is_transcoded(self, dataset: str) -> bool:
        """Return whether any node uses the dataset with an ``@engine``."""
        return strip_engine(dataset) in self._transcoded


@dataclass(frozen=True, kw_only=True)
class MemoryRules:
    """Decides which datasets a task keeps in memory.

    Attributes:
        use: Which nodes use each dataset, in the whole pipeline.
        view: The catalog.
        persist: Names, or shell-style patterns of names, to save anyway.
    """

    use: DatasetUse
    view: CatalogView
    persist: Sequence[str]

    def keeps(self, dataset: str, maker: Node, *, task: Collection[str], fused: Collection[str]) -> bool:
        """Return whether a task keeps in memory what one of its nodes makes.

        Only nodes of the task may use the dataset. One that the catalog declares is saved, unless only nodes
        of one fused pipeline make and use it. Never kept are datasets that memory would change (engines,
        chunks), versions, MLflow's artifacts, and those that ``persist`` names.
        """
        users = fused if is_promised(dataset, self.view) else task
        return (
            self.use.is_used_only_by(dataset, users)
            and not self.use.is_transcoded(dataset)
            and not any(fnmatchcase(dataset, pattern) for pattern in self.persist)
            and not yields_chunks(maker.func)
            and not self.view.is_chunked(dataset)
            and not self.view.is_versioned(dataset)
            and not self.view.is_tracked(dataset)
        )


def is_promised(dataset: str, view: CatalogView) -> bool:
    """Return whether the catalog promises to store a dataset: it is declared, and not in memory."""
    return view.is_declared(dataset) and not view.is_in_memory(dataset)


def yields_chunks(func: Callable[..., Any]) -> bool:
    """Return whether a function is a generator function, under decorators and partials.

    Examples:
        >>> def chunks():
        ...     yield 1
        >>> yields_chunks(partial(chunks))
        True
    """
    while True:
        if inspect.isgeneratorfunction(func):
            return True
        if isinstance(func, partial):
            func = func.func
        elif hasattr(func, "__wrapped__"):
            func = func.__wrapped__
        else:
            return inspect.isgeneratorfunction(getattr(func, "__call__", None))  # noqa: B004  an object's method

"""Which datasets a task keeps in memory instead of saving and loading them."""

from __future__ import annotations

import inspect
from collections import defaultdict
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.engine_names import strip_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

__all__ = ["DatasetUse", "is_kept_in_memory", "yields_chunks"]


class DatasetUse:
    """Which nodes use each dataset; names are compared without ``@engine``.

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

    def is_used_only_by(self, dataset: str, names: frozenset[str]) -> bool:
        """Return whether a dataset is used, and only by nodes of these names."""
        users = self._users.get(strip_engine(dataset))
        return users is not None and users <= names

    def is_transcoded(self, dataset: str) -> bool:
        """Return whether any node uses the dataset with an ``@engine``."""
        return strip_engine(dataset) in self._transcoded


def is_kept_in_memory(  # noqa: PLR0913  each argument is a rule's
    dataset: str,
    maker: Node,
    *,
    task: frozenset[str],
    use: DatasetUse,
    view: CatalogView,
    persist: Sequence[str],
) -> bool:
    """Return whether a task may keep in memory what one of its nodes makes.

    It may where the dataset is used only inside the task, and memory passes on the same value as a file
    would: not for transcoded data, chunks that a generator yields, and partitioned or incremental datasets.

    Args:
        dataset: An output of the node.
        maker: The node.
        task: The names of all nodes of its task.
        use: Which nodes use each dataset, in the whole pipeline.
        view: The catalog.
        persist: Names, or shell-style patterns of names, to save anyway.
    """
    return (
        use.is_used_only_by(dataset, task)
        and not use.is_transcoded(dataset)
        and not any(fnmatchcase(dataset, pattern) for pattern in persist)
        and not yields_chunks(maker.func)
        and not view.is_chunked(dataset)
    )


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

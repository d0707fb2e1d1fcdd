"""Which datasets a task keeps in memory instead of writing them down."""

from __future__ import annotations

import inspect
from collections import defaultdict
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.plan.node_graph import base_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kedro.pipeline import Node

    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

__all__ = ["DatasetUse", "is_kept_in_memory", "yields_chunks"]


class DatasetUse:
    """Who makes and who uses each dataset, judged on names without ``@engine``.

    Args:
        nodes: All nodes of the pipeline, those outside the selection too.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._users: dict[str, set[str]] = defaultdict(set)
        self._flavoured: set[str] = set()
        for node in nodes:
            name = node.name
            for dataset in node.inputs:
                self._users[base_name(dataset)].add(name)
            self._flavoured.update(base_name(data) for data in (*node.inputs, *node.outputs) if "@" in data)

    def is_used_only_by(self, dataset: str, names: frozenset[str]) -> bool:
        """Tell whether a dataset is used, and by none but these nodes.

        Args:
            dataset: Its name.
            names: Names of nodes.

        Returns:
            True where it has a user and all of them are among the nodes.
        """
        users = self._users.get(base_name(dataset))
        return users is not None and users <= names

    def is_transcoded(self, dataset: str) -> bool:
        """Tell whether any node uses a dataset with a ``@engine``.

        Args:
            dataset: Its name.

        Returns:
            True where one does.
        """
        return base_name(dataset) in self._flavoured


def is_kept_in_memory(  # noqa: PLR0913  each argument is a rule's
    dataset: str,
    maker: Node,
    *,
    task: frozenset[str],
    use: DatasetUse,
    view: CatalogView,
    persist: Sequence[str],
) -> bool:
    """Tell whether a task may keep in memory what one of its nodes makes.

    Args:
        dataset: What the node makes.
        maker: The node.
        task: The names of all nodes of its task.
        use: Who uses what in the whole pipeline.
        view: The catalog.
        persist: Names, or shell-style patterns of names, to be written all the same.

    Returns:
        True where it is used only inside the task and memory hands over what a file would: not for transcoded
        data, chunks that a generator yields, partitioned or incremental datasets.
    """
    return (
        use.is_used_only_by(dataset, task)
        and not use.is_transcoded(dataset)
        and not any(fnmatchcase(dataset, pattern) for pattern in persist)
        and not yields_chunks(maker.func)
        and not view.is_chunked(dataset)
    )


def yields_chunks(func: Callable[..., Any]) -> bool:
    """Tell whether a function is a generator, under decorators and partials.

    Args:
        func: A node's function.

    Returns:
        True where calling it gives a generator.

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

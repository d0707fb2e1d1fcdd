"""State that a run's catalog carries from the main process into the workers of a ``ParallelRunner``.

A worker makes its hooks anew from ``settings.py`` and hears nothing of the session, whichever way processes
are started; what it does get, pickled, is the node and the catalog. So a hook in the main process packs what
its twins in the workers must know into an attribute of the catalog.

Where workers are not forked (macOS, Windows, Python 3.14), Kedro leaves them without the project's settings,
so without hooks: it looks up the package's name in the worker itself, where it is not known yet (Kedro 1.3 to
1.7, ``Task.execute``). The luggage knows the name and loads the settings on arrival. It leaves
``PACKAGE_NAME`` alone, as with it Kedro's own set-up of a worker recurses in its logging at the second task.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro.framework import project

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol

__all__ = ["attach_state", "read_state"]

_ATTRIBUTE = "_kedro_matrix_luggage"


@dataclass(frozen=True)
class WorkerState:
    package_name: str | None
    items: dict[str, Any]

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _arrive, (self.package_name, self.items)


def _arrive(package_name: str | None, items: dict[str, Any]) -> WorkerState:
    if package_name and project.PACKAGE_NAME is None and not project.settings.configured:
        project.settings.configure(f"{package_name}.settings")
    return WorkerState(package_name, items)


def attach_state(catalog: CatalogProtocol[Any, Any], name: str, item: object) -> None:
    """Give the catalog something to carry.

    Args:
        catalog: The run's catalog.
        name: Whose it is: the hook class's name.
        item: What to carry; it must pickle.

    Examples:
        >>> from kedro.io import DataCatalog
        >>> catalog = DataCatalog()
        >>> attach_state(catalog, "MyHooks", 3)
        >>> read_state(catalog, "MyHooks")
        3
    """
    setattr(catalog, _ATTRIBUTE, WorkerState(project.PACKAGE_NAME, {**_items(catalog), name: item}))


def read_state(catalog: CatalogProtocol[Any, Any], name: str) -> Any:
    """Look at what the catalog carries.

    Args:
        catalog: The run's catalog, as a node's hook gets it.
        name: Whose item.

    Returns:
        The item; ``None`` where nothing was packed under the name.
    """
    return _items(catalog).get(name)


def _items(catalog: CatalogProtocol[Any, Any]) -> dict[str, Any]:
    luggage = getattr(catalog, _ATTRIBUTE, None)
    return luggage.items if isinstance(luggage, WorkerState) else {}

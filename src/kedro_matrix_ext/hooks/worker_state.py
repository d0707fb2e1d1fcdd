"""State that a run's catalog carries from the main process into the workers of a ``ParallelRunner``.

A worker creates its hooks from ``settings.py`` and has no access to the session, whatever the start method.
It receives only the node and the catalog, pickled. So a hook in the main process stores the state that its
copies in the workers need in an attribute of the catalog.

If workers are not forked (macOS, Windows, Python 3.14), Kedro does not load the project's settings in them,
so they have no hooks: it reads the package's name in the worker, where it is not set yet (Kedro 1.3 to 1.7,
``Task.execute``). The state includes the name and loads the settings when it is unpickled. It does not set
``PACKAGE_NAME``: with it, Kedro's set-up of a worker recurses in its logging at the second task.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro.framework import project

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol

__all__ = ["attach_state", "read_state"]

_ATTRIBUTE = "_kedro_matrix_state"


@dataclass(frozen=True)
class WorkerState:
    package_name: str | None
    items: dict[str, Any]

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _restore, (self.package_name, self.items)


def _restore(package_name: str | None, items: dict[str, Any]) -> WorkerState:
    if package_name and project.PACKAGE_NAME is None and not project.settings.configured:
        project.settings.configure(f"{package_name}.settings")
    return WorkerState(package_name, items)


def attach_state(catalog: CatalogProtocol[Any, Any], name: str, item: object) -> None:
    """Attach an item that pickles to the catalog, by the hook class's name.

    Examples:
        >>> from kedro.io import DataCatalog
        >>> catalog = DataCatalog()
        >>> attach_state(catalog, "MyHooks", 3)
        >>> read_state(catalog, "MyHooks")
        3
    """
    setattr(catalog, _ATTRIBUTE, WorkerState(project.PACKAGE_NAME, {**_items(catalog), name: item}))


def read_state(catalog: CatalogProtocol[Any, Any], name: str) -> Any:
    """Return the item that was attached under a name, or None."""
    return _items(catalog).get(name)


def _items(catalog: CatalogProtocol[Any, Any]) -> dict[str, Any]:
    state = getattr(catalog, _ATTRIBUTE, None)
    return state.items if isinstance(state, WorkerState) else {}

"""The import system's lock of a module; the only place that knows CPython's private name for it.

It recognises threads that wait for each other's modules, directly or through modules that are imported in the
usual way: one of them goes on with a module that is not complete, as in a circular import.
"""

from __future__ import annotations

import importlib
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hold_module_lock"]

_bootstrap: Any = getattr(importlib, "_bootstrap", None)
_own_lock = threading.RLock()


@contextmanager
def hold_module_lock(name: str) -> Iterator[bool]:
    """Hold the lock of a module; the same thread may hold it more than once.

    Args:
        name: The module's name.

    Yields:
        Whether it is held: False where waiting for it would never end.

    Examples:
        >>> with hold_module_lock("shop.nodes") as held:
        ...     print(held)
        True
    """
    manager = getattr(_bootstrap, "_ModuleLockManager", None)
    if manager is None:
        with _own_lock:
            yield True
        return
    lock = manager(name)
    try:
        lock.__enter__()
    except _bootstrap._DeadlockError:  # noqa: SLF001  see above
        yield False
        return
    try:
        yield True
    finally:
        lock.__exit__(None, None, None)

"""OmegaConf's table of resolvers, which is global to the process; the only module that touches it.

OmegaConf registers a wrapper around each function. There is no public way to read a
registration or to put one back, so this module uses ``BaseContainer._resolvers``, alike in 2.3 and 2.4.
"""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from omegaconf import OmegaConf
from omegaconf.basecontainer import BaseContainer

__all__ = ["ResolverClashWarning", "offer_resolvers", "registered_resolvers"]

Resolver = Callable[..., Any]
Registration = Callable[..., Any]

# OmegaConf 2.4 deprecates register_new_resolver for a name that in 2.3 is the deprecated legacy way.
_HAS_REGISTER_RESOLVER = "annotation_validation" in inspect.signature(OmegaConf.register_resolver).parameters

_LOCK = threading.RLock()

# Every function that offer_resolvers was given: what an earlier loader left in the table is known by it.
_OFFERED: dict[str, list[Resolver]] = {}

# What the registered_resolvers blocks that are open at the moment hold, the outermost first.
_OPEN_BLOCKS: list[Mapping[str, Resolver]] = []

# Registrations by these are intended: OmegaConf's defaults, Kedro's own resolvers, and ours.
_EXPECTED_PACKAGES = frozenset({"omegaconf", "kedro", "kedro_matrix_ext"})


class ResolverClashWarning(UserWarning):
    """Two parties of one process use the same resolver name for different functions.

    Examples:
        >>> warnings.filterwarnings("error", category=ResolverClashWarning)  # to be told at once
    """


@contextmanager
def registered_resolvers(resolvers: Mapping[str, Resolver]) -> Iterator[None]:
    """Have resolvers in OmegaConf's table for the time of a ``with`` block, and no longer.

    One block at a time in a process: another thread waits until the table is as it was.

    Args:
        resolvers: Per name the function; it takes the place of what is registered under that name.

    Yields:
        Nothing.

    Warns:
        ResolverClashWarning: If someone else has registered another function under one of the names.

    Examples:
        >>> with registered_resolvers({"double": lambda x: 2 * x}):
        ...     OmegaConf.create({"a": "${double:21}"}).a
        42
        >>> OmegaConf.has_resolver("double")
        False
    """
    with _LOCK:
        _report_clashes(resolvers, "this configuration uses the loader's own")
        before = {name: _table().get(name) for name in resolvers}
        _OPEN_BLOCKS.append(resolvers)
        try:
            for name, resolver in resolvers.items():
                _register(name, resolver)
            yield
        finally:
            _OPEN_BLOCKS.pop()
            _restore(before)


def offer_resolvers(resolvers: Mapping[str, Resolver]) -> None:
    """Make way in OmegaConf's table for resolvers that Kedro's OmegaConfigLoader will be given.

    That loader keeps a name that is already there, silently. So what an earlier loader registered of those
    offered before is taken out, and the next loader registers its own.

    Args:
        resolvers: Per name the function, as in ``CONFIG_LOADER_ARGS["custom_resolvers"]``.

    Warns:
        ResolverClashWarning: If someone else has registered another function under one of the names, which
            Kedro's loader would keep.

    Examples:
        >>> offer_resolvers({"double": lambda x: 2 * x})
    """
    with _LOCK:
        for name in {*_OFFERED, *resolvers}:
            if _function_behind(name) in _OFFERED.get(name, ()):
                OmegaConf.clear_resolver(name)
        _report_clashes(resolvers, "Kedro's OmegaConfigLoader keeps that one")
        for name, resolver in resolvers.items():
            if resolver not in _OFFERED.setdefault(name, []):
                _OFFERED[name].append(resolver)


def _register(name: str, resolver: Resolver) -> None:
    """Register under a name, taken or not; neither OmegaConf warns of the way, nor of annotations."""
    if _HAS_REGISTER_RESOLVER:
        OmegaConf.register_resolver(name, resolver, replace=True, annotation_validation="off")
    else:
        OmegaConf.register_new_resolver(name, resolver, replace=True)


def _restore(before: Mapping[str, Registration | None]) -> None:
    for name, registration in before.items():
        if registration is None:
            OmegaConf.clear_resolver(name)
        else:
            _table()[name] = registration


def _report_clashes(resolvers: Mapping[str, Resolver], consequence: str) -> None:
    for name, resolver in resolvers.items():
        registered = _function_behind(name)
        if registered is None or registered == resolver or _is_expected(name, registered):
            continue
        warnings.warn(
            f"resolver {name!r} is already registered in this process, by {_described(registered)}; "
            f"{consequence}",
            ResolverClashWarning,
            stacklevel=4,
        )


def _is_expected(name: str, registered: Resolver) -> bool:
    package = str(getattr(registered, "__module__", None)).partition(".")[0]
    ours = [*_OFFERED.get(name, ()), *(block.get(name) for block in _OPEN_BLOCKS)]
    return package in _EXPECTED_PACKAGES or registered in ours


def _function_behind(name: str) -> Resolver | None:
    """Give the function that was registered under a name: OmegaConf's wrapper closes over it."""
    registration = _table().get(name)
    if registration is None:
        return None
    function: Resolver = inspect.getclosurevars(registration).nonlocals.get("resolver", registration)
    return function


def _table() -> dict[str, Registration]:
    return BaseContainer._resolvers  # noqa: SLF001  see above


def _described(function: Resolver) -> str:
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", None)
    return f"{module}.{name}" if module and name else repr(function)

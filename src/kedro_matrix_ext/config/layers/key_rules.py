"""How the installed OmegaConf reads keys and indices, where 2.3 and 2.4 differ, and which keys are equal."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf
from omegaconf._utils import split_key

from kedro_matrix_ext.config.layers.yaml_nodes import read_plain_scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "as_integer",
    "find_key",
    "reads_numbers_as_keys",
    "refuses_equal_keys",
    "split_path",
    "split_reference",
]

_FIRST_CHARACTERS = frozenset("-.0123456789TtFf")  # of numbers and truth values, as Python writes them


@lru_cache(maxsize=1)
def reads_numbers_as_keys() -> bool:
    """Check whether ``${m.1}`` finds the number 1 in a mapping, and ``${l.-1}`` the last item: since 2.4."""
    return OmegaConf.select(OmegaConf.create([0]), "[-1]") is not None


def as_integer(key: str) -> int | None:
    """Return the index or number key that a text stands for.

    Examples:
        >>> as_integer("1_0"), as_integer("-1"), as_integer("1.5")
        (10, -1, None)
    """
    try:
        return int(key)
    except ValueError:
        return None


def find_key(mapping: Mapping[Any, Any], key: Any) -> Any:
    """Return the key of a mapping that is the same as one of another layer, in quotes or not.

    A number is the same as its text (``2024``, ``1.5``), not as another spelling of it: ``1.10`` may be a
    version.

    Examples:
        >>> find_key({2024: "a"}, "2024"), find_key({"1.5": "a"}, 1.5), find_key({1.1: "a"}, "1.10")
        (2024, '1.5', None)
    """
    if key in mapping:
        return key
    if not isinstance(key, str):
        return next((text for text in _spell(key) if text in mapping), None)
    value = _read_spelt(key) if key[:1] in _FIRST_CHARACTERS else None
    if value is None or value not in mapping:
        return None
    return next((name for name in mapping if type(name) is type(value) and name == value), None)


def _spell(key: Any) -> tuple[str, ...]:
    """Return the texts that are the same key as a number or truth value."""
    return (str(key), str(key).lower()) if isinstance(key, bool) else (str(key),)


def _read_spelt(text: str) -> Any:
    """Return the number or truth value that a text is the same key as; None for other texts."""
    value = read_plain_scalar(text)
    return None if isinstance(value, str) or text not in _spell(value) else value


@lru_cache(maxsize=1)
def refuses_equal_keys() -> bool:
    """Check whether OmegaConf refuses ``1`` and ``'1'`` in one mapping: since 2.4."""
    try:
        OmegaConf.create({1: 0, "1": 0})
    except ValueError:
        return True
    return False


def split_reference(text: str) -> tuple[int, tuple[str, ...]]:
    """Split what a reference consists of after its inner interpolations: its leading dots, its keys.

    Examples:
        >>> split_reference("..a.b[c.d]")
        (2, ('a', 'b', 'c.d'))
    """
    path = text.lstrip(".")
    return len(text) - len(path), tuple(split_key(path))


def split_path(path: Any) -> tuple[str, ...] | None:
    """Split a path that a resolver is given, as ``OmegaConf.select`` does.

    Returns:
        The keys; None if the path leads above the top, where nothing is found.

    Raises:
        TypeError: If the path is not text.

    Examples:
        >>> split_path("paths.base[0]"), split_path("..a")
        (('paths', 'base', '0'), None)
    """
    if not isinstance(path, str):
        raise TypeError(f"the path is {path!r}, not text")
    path = path.removeprefix(".")
    if path.startswith("."):
        return None
    return tuple(split_key(path)) if path else ()

"""How the installed OmegaConf reads keys and indices, where 2.3 and 2.4 differ, and which keys are equal."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf
from omegaconf._utils import split_key

from kedro_matrix_ext.config.layers.yaml_nodes import read_plain_scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["as_integer", "find_key", "reads_numbers_as_keys", "split_path", "split_reference"]


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

    Examples:
        >>> find_key({2024: "a"}, "2024"), find_key({"1.5": "a"}, 1.5), find_key({"a": 1}, "b")
        (2024, '1.5', None)
    """
    if key in mapping:
        return key
    if isinstance(key, str):
        value = read_plain_scalar(key)
        same = value is not None and not isinstance(value, str) and value in mapping
        return value if same else None
    texts = (name for name in mapping if isinstance(name, str))
    return next((name for name in texts if _is_same(read_plain_scalar(name), key)), None)


def _is_same(first: Any, second: Any) -> bool:
    return type(first) is type(second) and bool(first == second)


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

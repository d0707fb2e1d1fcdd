"""The reserved YAML keys of a block that declares an object, and how such a block is read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext._tainted_text import TaintedStr
from kedro_matrix_ext.errors import InjectionError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ARGS",
    "INSTANTIATE",
    "OBJECT",
    "PARTIAL",
    "RESERVED_KEYS",
    "TARGET_KEYS",
    "UNPACK",
    "Block",
    "container_types",
    "holds_block",
    "is_block",
    "read_block",
    "read_key",
    "read_plainly",
]

OBJECT = "object"
INSTANTIATE = "instantiate"
ARGS = "args"
UNPACK = "unpack"
PARTIAL = "partial"

_MARKED = {name: f"_{name}" for name in (OBJECT, INSTANTIATE, ARGS)}
TARGET_KEYS = (OBJECT, _MARKED[OBJECT])
RESERVED_KEYS = frozenset({*_MARKED, *_MARKED.values()})


@dataclass(frozen=True)
class Block:
    """One declared object, as written.

    Attributes:
        key: The key its import path is written under.
        path: The import path of its target.
        instantiate: True, False, ``"partial"``, or None where the block does not say.
        args: Positional arguments, not built yet.
        kwargs: Keyword arguments, not built yet.
    """

    key: str
    path: str
    instantiate: bool | str | None
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def has_arguments(self) -> bool:
        """Whether the block gives any argument."""
        return bool(self.args or self.kwargs)


_ABSENT = object()


def container_types() -> frozenset[type]:
    """List the types that are walked, by exact type; OmegaConf's only where OmegaConf is loaded already.

    Returns:
        dict, list, tuple, and OmegaConf's two containers.
    """
    omegaconf = sys.modules.get("omegaconf")
    if omegaconf is None:
        return frozenset({dict, list, tuple})
    return frozenset({dict, list, tuple, omegaconf.DictConfig, omegaconf.ListConfig})


def read_plainly(value: Any) -> Any:
    """Turn an OmegaConf container into plain ones, interpolations resolved; leave anything else alone.

    Args:
        value: Any value.

    Returns:
        Plain dicts and lists, or the value itself.

    Raises:
        InjectionError: If an interpolation cannot be resolved.
    """
    kind = type(value)
    if kind is dict or kind is list or kind is tuple:
        return value
    omegaconf = sys.modules.get("omegaconf")
    if omegaconf is not None and kind in (omegaconf.DictConfig, omegaconf.ListConfig):
        try:
            return omegaconf.OmegaConf.to_container(value, resolve=True)
        except omegaconf.errors.OmegaConfBaseException as error:
            raise InjectionError(
                f"a configuration cannot be resolved: {error}", hint="Correct the interpolation it names."
            ) from error
    return value


def is_block(mapping: dict[Any, Any], key: str | None = None) -> bool:
    """Return whether a dictionary declares an object.

    Args:
        mapping: A plain dictionary.
        key: The only key that declares one; by default ``object`` and ``_object`` do.

    Returns:
        True where it has the key, and a caller who is not trusted did not write it.

    Examples:
        >>> is_block({"object": "decimal.Decimal"}), is_block({"objects": []})
        (True, False)
        >>> is_block({"object": "a word"}, "_object")
        False
    """
    path = mapping.get(key or _spelling(mapping, OBJECT), _ABSENT)
    return path is not _ABSENT and not isinstance(path, TaintedStr)


def read_key(key: str | None) -> str | None:
    """Read the option that says which key declares objects.

    Raises:
        InjectionError: If it is another key than ``_object``.

    Examples:
        >>> read_key("_object")
        '_object'
    """
    if key is None or key == _MARKED[OBJECT]:
        return key
    raise InjectionError(
        f"key={key!r} is not a key that declares objects",
        hint="Write key='_object', or leave it out: then 'object' and '_object' both declare objects.",
    )


def holds_block(value: Any, exclude: frozenset[str] = frozenset(), key: str | None = None) -> bool:
    """Return whether a value is or contains a block that declares an object.

    Args:
        value: Any value; only plain containers are looked into.
        exclude: Keys whose values are not looked into.
        key: As of ``is_block``.

    Returns:
        True at the first block found. A container that holds itself is looked into once.
    """
    containers = container_types()
    pending = [value] if type(value) in containers else []
    seen: dict[int, Any] = {}  # with the containers themselves, so that none is gone and its id another's
    while pending:
        container = pending.pop()
        if id(container) in seen:
            continue
        seen[id(container)] = container
        found = read_plainly(container)
        if type(found) is dict:
            if is_block(found, key):
                return True
            items: Iterable[Any] = _keep_included(found, exclude) if exclude else found.values()
        else:
            items = found or ()
        if not containers.isdisjoint(map(type, items)):  # most dictionaries hold scalars alone
            pending += [item for item in items if type(item) in containers]
    return False


def _keep_included(mapping: dict[Any, Any], exclude: frozenset[str]) -> list[Any]:
    return [item for key, item in mapping.items() if key not in exclude]


def read_block(mapping: dict[Any, Any], config_path: str) -> Block:
    """Read a dictionary that declares an object.

    Each reserved key has a second spelling with an underscore. Where both are in one block, the one with
    the underscore is ours and the plain one is an ordinary argument.

    Args:
        mapping: A dictionary for which ``is_block`` holds.
        config_path: Where it is, for messages.

    Returns:
        The block.

    Raises:
        InjectionError: If a reserved key has a value it does not take, or an argument's name is not a string.

    Examples:
        >>> read_block({"object": "math.pow", "args": [2, 3]}, "parameters: power")
        Block(key='object', path='math.pow', instantiate=None, args=(2, 3), kwargs={})
    """
    rest = dict(mapping)
    key = _spelling(rest, OBJECT)
    path, instantiate, args = (_take(rest, name) for name in (OBJECT, INSTANTIATE, ARGS))
    _require_path(path, config_path)
    _require_choice(instantiate, config_path)
    _require_sequence(args, path, config_path)
    _require_names(rest, path, config_path)
    return Block(key=key, path=path, instantiate=instantiate, args=tuple(args or ()), kwargs=rest)


def _take(rest: dict[Any, Any], name: str) -> Any:
    """Remove and return a reserved key's value; None where the block does not have it."""
    return rest.pop(_spelling(rest, name), None)


def _spelling(mapping: dict[Any, Any], name: str) -> str:
    return _MARKED[name] if _MARKED[name] in mapping else name


def _require_path(path: object, config_path: str) -> None:
    if not isinstance(path, str):
        raise InjectionError(
            f"'object' is {path!r}, which is not an import path",
            config_path=config_path,
            hint="Write 'package.module.Name'. Where this is data, name its argument in exclude_kwargs.",
        )


def _require_choice(instantiate: object, config_path: str) -> None:
    if not (instantiate is None or isinstance(instantiate, bool) or instantiate == PARTIAL):
        question = did_you_mean(str(instantiate), ["true", "false", PARTIAL])
        raise InjectionError(
            f"'instantiate' is {instantiate!r}",
            config_path=config_path,
            hint=f"It takes true, false or 'partial'. {question}".strip(),
        )


def _require_sequence(args: object, path: str, config_path: str) -> None:
    if not (args is None or type(args) is list or type(args) is tuple):
        raise InjectionError(
            f"'args' of {path!r} is {args!r}, which is not a list",
            config_path=config_path,
            target=path,
            hint="It lists positional arguments. For an argument that is called 'args', add '_args: []'.",
        )


def _require_names(rest: dict[Any, Any], path: str, config_path: str) -> None:
    for key in rest:
        if not isinstance(key, str):
            raise InjectionError(
                f"{key!r} is not a name for an argument of {path!r}",
                config_path=config_path,
                target=path,
                hint="Arguments are named by strings; positional ones are listed under 'args'.",
            )

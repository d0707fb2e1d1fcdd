"""Key paths as a person writes them on the command line: ``price_predictor.base.features[0]``.

Names of datasets hold dots themselves, so a path is read against the mapping that it leads into.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext._config_path import Keys

__all__ = ["find_keys", "no_such_key", "rest_of"]

_BRACKET = re.compile(r"\[(?:(?P<index>\d+)|(?P<quote>['\"])(?P<name>.*?)(?P=quote))\]")


def find_keys(text: str, tree: Any) -> Keys | None:
    """Read a key path against what it leads into.

    Examples:
        >>> find_keys("a.b.file[0]", {"a.b": {"file": ["x"]}})
        ('a.b', 'file', 0)
        >>> find_keys("['a.b'].file", {"a.b": {"file": ["x"]}})
        ('a.b', 'file')
        >>> find_keys("a.c", {"a": {"b": 1}}) is None
        True
    """
    if not text:
        return ()
    for key, rest in _first_keys(text, tree):
        below = find_keys(rest, tree[key])
        if below is not None:
            return (key, *below)
    return None


def no_such_key(config_type: str, text: str, tree: Any, env: str | None = None) -> ConfigurationError:
    """Make the error of a path that leads nowhere: how far it leads, and the nearest name there."""
    keys, node, rest = _longest(text, tree)
    known = [str(key) for key in node] if isinstance(node, dict) else []
    wanted = rest.lstrip(".")
    nearest = did_you_mean(re.split(r"[.\[]", wanted)[0], known) or did_you_mean(wanted, known)
    inside = f" in '{render_config_path(config_type, keys)}'" if keys else f" in the {config_type}"
    where = f" of environment {env!r}" if env else ""
    return ConfigurationError(
        f"there is no key {wanted!r}{inside}{where}",
        hint=nearest or (f"The keys there are {_listed(known)}." if known else "There are no keys there."),
    )


def rest_of(text: str, tree: Any) -> str:
    """Give the part of a path that leads nowhere; all of it where not even the first key is there."""
    return _longest(text, tree)[2]


def _longest(text: str, tree: Any) -> tuple[Keys, Any, str]:
    """The part of a path that leads somewhere, what is there, and the rest of the text."""
    best: tuple[Keys, Any, str] = ((), tree, text)
    for key, rest in _first_keys(text, tree):
        keys, node, left = _longest(rest, tree[key]) if rest else ((), tree[key], "")
        if len(left) < len(best[2]):
            best = ((key, *keys), node, left)
    return best


def _first_keys(text: str, node: Any) -> Iterator[tuple[Any, str]]:
    """What the first key of a path may be, the longest first, and the text behind it."""
    bracket = _BRACKET.match(text)
    if bracket and bracket["index"] is not None and isinstance(node, list):
        if int(bracket["index"]) < len(node):
            yield int(bracket["index"]), _behind(text, bracket.end())
    elif bracket and bracket["name"] is not None and isinstance(node, dict) and bracket["name"] in node:
        yield bracket["name"], _behind(text, bracket.end())
    if isinstance(node, dict):
        for key in sorted(node, key=lambda key: -len(str(key))):
            name = str(key)
            if text == name or text.startswith((f"{name}.", f"{name}[")):
                yield key, _behind(text, len(name))
    elif isinstance(node, list):
        digits = re.match(r"\d+(?=$|\.|\[)", text)
        if digits and int(digits[0]) < len(node):
            yield int(digits[0]), _behind(text, digits.end())


def _behind(text: str, at: int) -> str:
    return text[at:].removeprefix(".")


def _listed(names: list[str], limit: int = 12) -> str:
    shown = ", ".join(map(repr, names[:limit]))
    return f"{shown}, ..." if len(names) > limit else shown

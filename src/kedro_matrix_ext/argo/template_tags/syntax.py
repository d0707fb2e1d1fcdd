"""Argo's tags, ``{{inputs.parameters.nodes}}``: the text in double braces is replaced, once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["fill_tags", "find_tags"]

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def fill_tags(text: str, lookup: Callable[[str], str | None]) -> str:
    """Replace tags by values.

    Examples:
        >>> fill_tags("{{ a }} {{b}}", {"a": "{{b}}"}.get)
        '{{b}} {{b}}'
    """

    def replace(match: re.Match[str]) -> str:
        value = lookup(match[1].strip())
        return match[0] if value is None else value

    return _TAG.sub(replace, text)


def find_tags(text: str) -> Iterator[str]:
    """Find the tags in a text.

    Yields:
        The text in double braces.

    Examples:
        >>> list(find_tags("{{ a }} {{b}}"))
        ['a', 'b']
    """
    return (match.strip() for match in _TAG.findall(text))

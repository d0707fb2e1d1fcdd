"""Kubernetes' own replacement, ``$(NAME)``, in commands, arguments and the values of variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["expand_variables"]

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


def expand_variables(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``$(NAME)`` where the container has such a variable, and ``$$`` by ``$``.

    Examples:
        >>> expand_variables("$(A) $$(A) $(B) $A", {"A": "1"})
        '1 $(A) $(B) $A'
    """

    def replace(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return variables.get(match[1], match[0])

    return _REFERENCE.sub(replace, text)

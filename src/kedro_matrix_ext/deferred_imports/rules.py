"""Which modules are deferred, and what is known of their decorators and libraries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from kedro_matrix_ext.errors import SettingsError

__all__ = ["DeferralRule"]

_PART = re.compile(r"\*\*|\*|[^\W\d]\w*")


@dataclass(frozen=True)
class DeferralRule:
    """What one call of ``defer_node_imports`` asks for.

    Attributes:
        patterns: Names of modules; ``*`` stands for one part, ``**`` for any number of parts.
        decorators: Import paths of decorators that keep the signature.
        libraries: Import paths whose types are neither pydantic models nor dataclasses.

    Examples:
        >>> rule = DeferralRule(("shop.**.nodes",))
        >>> [rule.matches(name) for name in ("shop.nodes", "shop.a.b.nodes.clean", "shop.nodes_old")]
        [True, True, False]
    """

    patterns: tuple[str, ...]
    decorators: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for pattern in self.patterns:
            if not isinstance(pattern, str) or not all(map(_PART.fullmatch, pattern.split("."))):
                raise SettingsError(
                    f"defer_node_imports: {pattern!r} is not a pattern for the names of modules",
                    hint="Write dotted names with '*' for one part and '**' for any number: 'shop.**.nodes'.",
                )

    def matches(self, module: str) -> bool:
        """Return whether a pattern names a module or a package that holds it."""
        return self.find_pattern(module) is not None

    def find_pattern(self, module: str) -> str | None:
        """Return the pattern that names a module."""
        return next((pattern for pattern, regex in self._regexes if regex.fullmatch(f".{module}")), None)

    @cached_property
    def _regexes(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(pattern, re.compile(_translate(pattern))) for pattern in self.patterns]


def _translate(pattern: str) -> str:
    parts = {"*": r"\.[^.]+", "**": r"(?:\.[^.]+)*"}
    translated = "".join(parts.get(part, rf"\.{re.escape(part)}") for part in pattern.split("."))
    return rf"{translated}(?:\..+)?"

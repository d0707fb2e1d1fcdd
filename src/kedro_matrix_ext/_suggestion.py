"""The likely typo: which known name a mistyped one is nearest to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest_names"]


def nearest_names(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """List the known names most like a mistyped one, the nearest first.

    Examples:
        >>> nearest_names("clod", ["base", "cloud", "local"])
        ['cloud']
    """
    from difflib import get_close_matches

    return get_close_matches(name, sorted({str(candidate) for candidate in known}), n=limit, cutoff=0.6)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Phrase the nearest known names as a question to put behind an error; never the name that was given.

    Examples:
        >>> did_you_mean("clod", ["base", "cloud", "local"])
        "Did you mean 'cloud'?"
        >>> did_you_mean("zzz", ["base"]), did_you_mean("base", ["base"])
        ('', '')
    """
    names = nearest_names(name, (candidate for candidate in known if str(candidate) != name))
    return f"Did you mean {' or '.join(repr(candidate) for candidate in names)}?" if names else ""

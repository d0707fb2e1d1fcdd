"""Secret values that this process has read, and the net that keeps them out of what it prints and writes."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote

from kedro_matrix_ext._secrets import REDACTED, list_secret_parts, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["forget_secrets", "holds_known_secret", "remember_secrets", "scrub"]

_SHORTEST = 8
_NUMBER = re.compile(r"[-+]?[\d_.,]+(e[-+]?\d+)?", re.IGNORECASE)
_SPLIT = re.compile(r"[/@#?:&\s]+")

_FORMS: set[str] = set()


def remember_secrets(values: Iterable[object]) -> None:
    """Keep secret values out of every text that ``scrub`` is given from now on.

    Texts of eight characters or more count, and of an address or connection string its secret parts too.
    Booleans and numbers do not, or ordinary words of a text would disappear.

    Examples:
        >>> remember_secrets(["postgresql://me:open+sesame@db/shop", 12345678, "short"])
        >>> scrub("cannot log in with 'open%2Bsesame' on port 12345678, shortly")
        "cannot log in with '********' on port 12345678, shortly"
        >>> forget_secrets()
    """
    for value in values:
        if isinstance(value, str):
            for line in (value, *value.splitlines()):
                _FORMS.update(form for form in _spellings(line) if not _NUMBER.fullmatch(form))
            for part in list_secret_parts(value):
                for piece in (part, unquote(part), *_SPLIT.split(part)):
                    _FORMS.update(_spellings(piece))


def forget_secrets() -> None:
    """Forget what was remembered, for a process that goes on to another project."""
    _FORMS.clear()


def holds_known_secret(text: str) -> bool:
    """Return whether a text contains a value that was remembered.

    Examples:
        >>> holds_known_secret("nothing of this is known")
        False
    """
    return any(form in text for form in _FORMS)


def scrub(text: str) -> str:
    """Replace secrets in a text: values that were remembered, and what looks like a secret.

    Examples:
        >>> scrub("no answer from redis://:hidden@cache.example.com/0")
        'no answer from redis://********@cache.example.com/0'
    """
    for form in sorted(_FORMS, key=len, reverse=True):
        if form in text:
            text = text.replace(form, REDACTED)
    return redact_text(text)


def _spellings(part: str) -> Iterator[str]:
    """The forms in which a value appears in a text."""
    for value in (part, part.strip()):
        if len(value) >= _SHORTEST:
            yield value
            yield from (quote(value), quote(value, safe=""), quote_plus(value), html.escape(value))
            yield from (repr(value)[1:-1], json.dumps(value)[1:-1], value.replace("'", "''"))
            yield json.dumps(value, ensure_ascii=False)[1:-1]

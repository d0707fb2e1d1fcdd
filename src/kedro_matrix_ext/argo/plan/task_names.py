"""Names that Argo accepts for tasks and templates, made from any text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EXPRESSION_WORDS", "LONGEST_NAME", "name_task", "name_tasks"]

LONGEST_NAME = 63
"""Argo accepts 128 characters for a task; 63 is also the limit of a label value."""

EXPRESSION_WORDS = frozenset(
    {"and", "contains", "else", "endswith", "false", "if", "in", "let", "matches", "nil", "not", "or"}
    | {"startswith", "true"}
)
"""Argo evaluates dependencies as an expression with task names as variables; these words are reserved."""

_NOT_ALLOWED = re.compile(r"[^a-z0-9]+")
_HASH_DIGITS = (8, 16, 32)


def name_tasks(labels: Sequence[tuple[str, str]]) -> list[str]:
    """Return a valid, unique name for each task, independent of other tasks where possible.

    Examples:
        >>> name_tasks([("load_x", "node load_x"), ("train", "node train")])
        ['load-x', 'train']
    """
    reduced = [_reduce(text) for text, _ in labels]
    names = [
        slug if whole else _with_hash(slug, identity, _HASH_DIGITS[0])
        for (slug, whole), (_, identity) in zip(reduced, labels, strict=True)
    ]
    for digits in _HASH_DIGITS:
        taken = Counter(names)
        if len(taken) == len(names):
            break
        names = [
            name if taken[name] == 1 else _with_hash(slug, identity, digits)
            for name, (slug, _), (_, identity) in zip(names, reduced, labels, strict=True)
        ]
    return names


def name_task(text: str) -> str:
    """Return a valid name for one task or template.

    Examples:
        >>> name_task("kedro"), name_task("1st"), name_task("not")
        ('kedro', 't-1st', 't-not')
    """
    (name,) = name_tasks([(text, text)])
    return name


def _reduce(text: str) -> tuple[str, bool]:
    """Return the slug, and whether it keeps all letters and digits of the text."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = _NOT_ALLOWED.sub("-", plain.lower()).strip("-")
    if not slug[:1].isalpha() or slug in EXPRESSION_WORDS:
        slug = f"t-{slug}".strip("-")
    return slug, len(slug) <= LONGEST_NAME and (text.isascii() or _count(plain) >= _count(text))


def _count(text: str) -> int:
    return sum(character.isalnum() for character in text)


def _with_hash(slug: str, identity: str, digits: int) -> str:
    fingerprint = hashlib.sha256(identity.encode()).hexdigest()[:digits]
    return f"{slug[: LONGEST_NAME - digits - 1].rstrip('-')}-{fingerprint}"

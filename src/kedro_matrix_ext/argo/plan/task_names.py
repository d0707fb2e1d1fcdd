"""Names that Argo takes: of tasks and templates, made from any text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EXPRESSION_WORDS", "LONGEST_NAME", "name_tasks"]

LONGEST_NAME = 63
"""Argo takes 128 characters for a task; 63 is also a valid label value."""

EXPRESSION_WORDS = frozenset(
    {"and", "contains", "else", "endswith", "false", "if", "in", "let", "matches", "nil", "not", "or"}
    | {"startswith", "true"}
)
"""Argo evaluates dependencies as an expression with task names for variables; these words are none there."""

_NOT_ALLOWED = re.compile(r"[^a-z0-9]+")
_HASH_DIGITS = (8, 16, 32)


def name_tasks(labels: Sequence[tuple[str, str]]) -> list[str]:
    """Name tasks so that every name is valid, unique, and depends on no other task where it can.

    Args:
        labels: Per task the text to be recognised in its name, and its identity: unique, for the hash.

    Returns:
        The names, in the same order; where several would be the same, each has a hash of its identity.

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


def _reduce(text: str) -> tuple[str, bool]:
    """Give the slug, and whether it still has all letters and digits of the text."""
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

"""Random streams: each column has its own, so that a new column does not change the others."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["open_stream", "stable_hash"]


def open_stream(seed: int, *names: str) -> np.random.Generator:
    """Return a random generator that depends on the seed and names only, in any process.

    Examples:
        >>> one, other = open_stream(7, "cars", "price"), open_stream(7, "cars", "price")
        >>> bool(one.random() == other.random())
        True
    """
    import numpy as np

    return np.random.default_rng([seed, *(stable_hash(name) for name in names)])


def stable_hash(text: str) -> int:
    """Return a 64-bit hash of a text that is the same in any process, unlike ``hash``.

    Examples:
        >>> stable_hash("a") == stable_hash("a") != stable_hash("b")
        True
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

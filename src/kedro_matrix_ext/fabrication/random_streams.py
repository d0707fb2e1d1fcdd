"""Random streams: one for each column, so that a new column leaves the others as they were."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["open_stream", "stable_hash"]


def open_stream(seed: int, *names: str) -> np.random.Generator:
    """Make the generator of one column.

    Args:
        seed: The seed of the whole fabrication, 0 or more.
        *names: Table, column and what the draws are for.

    Returns:
        A generator that depends on these alone, the same in any process.

    Examples:
        >>> one, other = open_stream(7, "cars", "price"), open_stream(7, "cars", "price")
        >>> bool(one.random() == other.random())
        True
    """
    import numpy as np

    return np.random.default_rng([seed, *(stable_hash(name) for name in names)])


def stable_hash(text: str) -> int:
    """Turn a text into a number that is the same in any process, as ``hash`` is not.

    Args:
        text: Any text.

    Returns:
        A whole number from 0 to 2**64 - 1.

    Examples:
        >>> stable_hash("a") == stable_hash("a") != stable_hash("b")
        True
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

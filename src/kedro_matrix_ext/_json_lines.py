"""Read files of JSON records, one per line, which any program may have written."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["is_measure", "read_json_lines"]

logger = logging.getLogger(__name__)

_LARGEST = 1e18  # a year is 3e7 seconds, a petabyte 1e15 bytes


def read_json_lines(file: Path) -> Iterator[tuple[int, str, Any]]:
    r"""Yield the number, the text and the value of each line that is whole.

    A line that is not JSON is left out with a warning: a process was killed, or the disk was full, while it
    wrote. Empty lines are left out.

    Raises:
        OSError: If the file cannot be read.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> file = Path(tempfile.mkdtemp()) / "tasks.jsonl"
        >>> _ = file.write_text('{"task": "a"}\n\n')
        >>> list(read_json_lines(file))
        [(1, '{"task": "a"}', {'task': 'a'})]
    """
    text = file.read_bytes().decode(errors="replace")
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            logger.warning("%s:%d cannot be read and is left out: it is not a whole record", file, number)
            continue
        yield number, line, value


def is_measure(value: object) -> bool:
    """Check that a value is a number of seconds or bytes, or None: not negative, and not endless.

    Examples:
        >>> is_measure(1.5), is_measure(None), is_measure(-1), is_measure(float("nan")), is_measure(True)
        (True, True, False, False, False)
    """
    return value is None or (type(value) in (int, float) and 0 <= value < _LARGEST)  # type: ignore[operator]

"""Lists of names as one string: what a task's command and a custom template are given.

Names are joined by commas, as ``kedro run --nodes`` takes them. What could be misread by Argo, Kubernetes,
a shell in double quotes, or as the comma itself is percent-encoded: any name comes back whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["decode_names", "encode_names"]

# Word characters of any script, and what names of datasets and unnamed nodes are made of.
_UNSAFE = re.compile(r"[^\w .:;@()\[\]<>/+=~-]|^\s|\s$")
_PLAIN = re.compile(r"[\w.:@-]+").fullmatch


def encode_names(names: Iterable[str]) -> str:
    """Join names into one string that ``decode_names`` takes apart again.

    Examples:
        >>> encode_names(["train", "f([a;b]) -> [c]", "odd,{{name}}"])
        'train,f([a;b]) -> [c],odd%2C%7B%7Bname%7D%7D'
    """
    return ",".join(name if _PLAIN(name) else _UNSAFE.sub(_encode, name) for name in names)


def decode_names(text: str) -> tuple[str, ...]:
    """Take a list of names apart.

    Examples:
        >>> decode_names("train,odd%2C%7B%7Bname%7D%7D"), decode_names("")
        (('train', 'odd,{{name}}'), ())
    """
    return tuple(unquote(name, errors="surrogatepass") for name in text.split(",")) if text else ()


def _encode(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))

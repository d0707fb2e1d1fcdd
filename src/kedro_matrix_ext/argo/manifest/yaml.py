"""A manifest as YAML that a person reads in review."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["dump_manifest"]

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH = 120
# Numbers, dates and marks of YAML 1.1 and 1.2 begin otherwise.
_BEGINS_AS_TEXT = re.compile(r"[A-Za-z_/]")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"})


class _Dumper(_Base):  # type: ignore[misc]
    """Text of several lines in blocks; no anchors, which few can read and some tools refuse."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  PyYAML's signature
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    # YAML takes no block for text with spaces before a line's end; the dumper falls back to quotes then.
    style = "|" if "\n" in text else None if _is_plain(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_plain(text: str) -> bool:
    return _BEGINS_AS_TEXT.match(text) is not None and text.lower() not in _WORDS


_Dumper.add_representer(str, _represent_text)


def dump_manifest(manifest: Mapping[str, Any]) -> str:
    """Write a manifest as YAML.

    Args:
        manifest: Plain data.

    Returns:
        YAML in the order of the data. Text is quoted if any reader of YAML, 1.1 or 1.2, might take it for
        something else: PyYAML writes and reads ``y`` and ``1e3`` as text, kubectl and Argo do not.

    Examples:
        >>> print(dump_manifest({"kind": "Workflow", "values": ["on", "y", "1e3", "a: b"]}), end="")
        kind: Workflow
        values:
        - 'on'
        - 'y'
        - '1e3'
        - 'a: b'
    """
    text: str = yaml.dump(
        dict(manifest),
        Dumper=_Dumper,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=_WIDTH,
    )
    return text

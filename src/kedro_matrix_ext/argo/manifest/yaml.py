"""A manifest as YAML that a person reads in review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["dump_manifest"]

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH = 120


class _Dumper(_Base):  # type: ignore[misc]
    """Text of several lines in blocks; no anchors, which few can read and some tools refuse."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  PyYAML's signature
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    # YAML takes no block for text with spaces before a line's end; the dumper falls back to quotes then.
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump_manifest(manifest: Mapping[str, Any]) -> str:
    """Write a manifest as YAML.

    Args:
        manifest: Plain data.

    Returns:
        YAML in the order of the data; text that YAML would read as something else is quoted.

    Examples:
        >>> print(dump_manifest({"kind": "Workflow", "values": ["on", "1", "a: b"]}), end="")
        kind: Workflow
        values:
        - 'on'
        - '1'
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

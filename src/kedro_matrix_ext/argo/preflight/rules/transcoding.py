"""Engines of one dataset, ``name@engine``, that do not agree or are not declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog import check_transcoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_transcoding_mismatches"]


def find_transcoding_mismatches(context: CheckContext) -> Iterator[Finding]:
    """Report engines that would not work as one dataset; patterns are resolved first."""
    if context.catalog is None:
        return
    declared: dict[str, Any] = context.catalog.config_resolver.config
    registered = set(context.catalog.keys()) - declared.keys()
    used = {name for node in context.nodes for name in (*node.inputs, *node.outputs) if "@" in name}
    matched = {name: context.view.entry_name(name) or "" for name in sorted(used - declared.keys())}
    resolved = {name: context.view.entry(name) for name, pattern in matched.items() if "@" in pattern}
    swallowing = {pattern: dict[str, Any]() for pattern in matched.values() if pattern and "@" not in pattern}
    yield from check_transcoding(
        {**declared, **swallowing, **resolved}, used=used - registered, locate=context.catalog_place
    )

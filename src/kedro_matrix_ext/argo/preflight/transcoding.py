"""Flavours of one dataset, ``name@engine``, that do not agree or are declared nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.graph import base_name
from kedro_matrix_ext.catalog import check_transcoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.preflight.subject import Subject
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_transcoding_mismatches"]


def find_transcoding_mismatches(subject: Subject) -> Iterator[Finding]:
    """Report flavours that would not work as one dataset, those of patterns as they are resolved."""
    if subject.catalog is None:
        return
    declared: dict[str, Any] = subject.catalog.config_resolver.config
    used = {name for node in subject.nodes for name in (*node.inputs, *node.outputs) if "@" in name}
    registered = set(subject.catalog.keys())
    entries = {subject.view.entry_name(name) for name in used}
    patterns = {name: dict[str, Any]() for name in entries if name is not None and name not in declared}
    locate = subject.catalog_place
    yield from check_transcoding(
        {**declared, **patterns}, used=used - (registered - declared.keys()), locate=locate
    )
    yield from check_transcoding(_resolve(subject, used, declared), locate=locate)


def _resolve(subject: Subject, used: set[str], declared: Mapping[str, Any]) -> dict[str, Any]:
    """Give the entries of flavours of which at least one comes from a pattern with the ``@`` in it."""
    entries = {name: subject.view.entry(name) for name in sorted(used)}
    resolved = {base_name(name) for name, entry in entries.items() if name not in declared and entry}
    return {
        name: entry
        for name, entry in entries.items()
        if base_name(name) in resolved and isinstance(entry, Mapping)
    }

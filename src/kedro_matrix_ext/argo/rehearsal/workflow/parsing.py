"""Parse a manifest: read it as Argo does, and report everything that a rehearsal does not support."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kedro_matrix_ext._config_path import render_key_path
from kedro_matrix_ext._section import ModelError, read_errors
from kedro_matrix_ext.argo.rehearsal.workflow.model import CronSpec, Manifest, WorkflowSpec
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Sequence


__all__ = ["parse_manifest"]

_SHOWN = 20


def parse_manifest(data: object, *, source: str) -> Manifest:
    """Read a manifest.

    Raises:
        ArgoError: If it is not a manifest, or has parts that a rehearsal would not run as Argo does; all are
            named.
    """
    model = _CronManifest if isinstance(data, dict) and data.get("kind") == "CronWorkflow" else _FlatManifest
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [f"  {_place(data, each.keys)}: {_explain(each)}" for each in read_errors(error)]
        more = [f"  and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
        raise ArgoError(
            "\n".join([f"{source} cannot be rehearsed:", *lines[:_SHOWN], *more]),
            hint="A rehearsal runs containers in DAGs, as 'kedro argo submit --dry-run' writes them.",
        ) from error


class _FlatManifest(Manifest):
    spec: WorkflowSpec


class _CronManifest(Manifest):
    spec: CronSpec


def _explain(error: ModelError) -> str:
    return "this is not rehearsed" if error.kind in {"extra_forbidden", "none_required"} else error.message


def _place(data: Any, path: Sequence[Any]) -> str:
    """Write where something is, templates and tasks by name."""
    keys: list[Any] = []
    for key in path:
        data = data[key] if _has(data, key) else None
        named = isinstance(key, int) and isinstance(data, dict) and isinstance(data.get("name"), str)
        keys.append(data["name"] if named else key)
    return render_key_path(keys) or "manifest"


def _has(data: Any, key: Any) -> bool:
    if isinstance(data, list):
        return isinstance(key, int) and key < len(data)
    return isinstance(data, dict) and key in data

"""The run id of a workflow, made by Argo from its creation time."""

from __future__ import annotations

import re
import zlib

from kedro_matrix_ext.argo.template_tags.syntax import render_tag

__all__ = ["CREATION_TIME", "run_id_from_creation_time"]

CREATION_TIME = re.compile(r"\{\{workflow\.creationTimestamp\.([YmdHMS])\}\}")
"""Matches the tags of a run id that Argo has yet to fill."""


def _creation_time(directive: str) -> str:
    return render_tag(f"workflow.creationTimestamp.{directive}")


def run_id_from_creation_time(workflow: str) -> str:
    """Refer to a workflow's creation time in Kedro's own format of save versions, in which they sort as made.

    Examples:
        >>> run_id_from_creation_time("jobs/nightly")[-37:]
        '{{workflow.creationTimestamp.S}}.539Z'
    """
    thousandths = zlib.crc32(workflow.encode()) % 1000
    return (
        f"{_creation_time('Y')}-{_creation_time('m')}-{_creation_time('d')}"
        f"T{_creation_time('H')}.{_creation_time('M')}.{_creation_time('S')}.{thousandths:03d}Z"
    )

"""The names that a manifest, the task command and a rehearsal share."""

from __future__ import annotations

import zlib
from typing import Any

__all__ = [
    "API_VERSION",
    "DAG_LIMIT",
    "ENTRYPOINT",
    "HOOKS_EXIT_TEMPLATE",
    "HOOKS_INIT_TEMPLATE",
    "MLFLOW_EXIT_TEMPLATE",
    "MLFLOW_INIT_TEMPLATE",
    "MLFLOW_RUN_ID",
    "MLFLOW_RUN_ID_FILE",
    "NODES",
    "PREFIX",
    "RUN_ID",
    "TEMPLATE_LIMIT",
    "Manifest",
    "run_id_from_creation_time",
    "workflow_parameter",
]

Manifest = dict[str, Any]

API_VERSION = "argoproj.io/v1alpha1"
PREFIX = "kedro-matrix-ext"
ENTRYPOINT = "pipeline"

# What the v4 custom resource definitions take at most.
DAG_LIMIT = 200
TEMPLATE_LIMIT = 200

RUN_ID = "run-id"
NODES = "nodes"

HOOKS_INIT_TEMPLATE = "start-workflow-hooks"
HOOKS_EXIT_TEMPLATE = "end-workflow-hooks"
MLFLOW_INIT_TEMPLATE = "init-mlflow-run"
MLFLOW_EXIT_TEMPLATE = "end-mlflow-run"
MLFLOW_RUN_ID = "mlflow_run_id"
MLFLOW_RUN_ID_FILE = "/tmp/mlflow_run_id"  # noqa: S108  a file in a separate container


def workflow_parameter(name: str) -> str:
    """Refer to a parameter of the workflow.

    Examples:
        >>> workflow_parameter("image")
        '{{workflow.parameters.image}}'
    """
    return f"{{{{workflow.parameters.{name}}}}}"


def _creation_time(directive: str) -> str:
    return f"{{{{workflow.creationTimestamp.{directive}}}}}"


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

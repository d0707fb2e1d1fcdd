"""The names that a manifest, the task command and a rehearsal share."""

from __future__ import annotations

from typing import Any

__all__ = [
    "API_VERSION",
    "CODE",
    "CODE_DIGEST",
    "CODE_MODULE",
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
    "RESOURCE_INPUTS",
    "RUN_ID",
    "SCRATCH_VOLUME",
    "TEMPLATE_LIMIT",
    "WORTH_RETRYING",
    "Manifest",
]

Manifest = dict[str, Any]

API_VERSION = "argoproj.io/v1alpha1"
PREFIX = "kedro-matrix-ext"
ENTRYPOINT = "pipeline"

# What the v4 custom resource definitions take at most.
DAG_LIMIT = 200
TEMPLATE_LIMIT = 200

WORTH_RETRYING = 75
"""The exit status of a task that may work later: ``EX_TEMPFAIL`` of ``sysexits.h``."""

RUN_ID = "run-id"
CODE_MODULE = "kedro_matrix_ext.argo.code"
CODE = "code"
CODE_DIGEST = "code-digest"
NODES = "nodes"
RESOURCE_INPUTS = ("command", "args", "image", "env")
"""The inputs of a resource template that are a task's container; lists are JSON."""
SCRATCH_VOLUME = "kedro-scratch"

HOOKS_INIT_TEMPLATE = "start-workflow-hooks"
HOOKS_EXIT_TEMPLATE = "end-workflow-hooks"
MLFLOW_INIT_TEMPLATE = "init-mlflow-run"
MLFLOW_EXIT_TEMPLATE = "end-mlflow-run"
EXIT_TEMPLATE = "exit-handlers"
MLFLOW_RUN_ID = "mlflow_run_id"
MLFLOW_RUN_ID_FILE = "/tmp/mlflow_run_id"  # noqa: S108  a file in a separate container

"""Environment variables of this package that more than one feature reads, importable from every layer."""

from __future__ import annotations

__all__ = [
    "ALLOWLIST_VARIABLE",
    "CODE_DIGEST_VARIABLE",
    "CODE_VARIABLE",
    "CREDENTIALS_VARIABLE",
    "CREDENTIAL_KEY",
    "PARAMETERS_VARIABLE",
    "PIPELINE_VARIABLE",
    "REHEARSAL_VARIABLE",
    "RUN_ID_VARIABLE",
    "TASK_VARIABLE",
]

ALLOWLIST_VARIABLE = "KEDRO_MATRIX_INJECT_ALLOWLIST"
"""Import paths and ``package.*`` stars that declared objects may use, joined by commas."""

CODE_VARIABLE = "KEDRO_MATRIX_CODE"
"""The address of the code package that a task runs; not set where the code is in the image."""

CODE_DIGEST_VARIABLE = "KEDRO_MATRIX_CODE_DIGEST"
"""The SHA-256 of the code package."""

CREDENTIALS_VARIABLE = "KEDRO_MATRIX_CREDENTIALS"
"""The credentials of ``argo.yml`` as JSON, with the names of variables in place of secrets."""

CREDENTIAL_KEY = "from_variable"
"""The key that names a secret's variable in that JSON."""

PARAMETERS_VARIABLE = "KEDRO_MATRIX_PARAMS"
"""The parameters that a workflow was submitted with, as JSON; set in every task."""

PIPELINE_VARIABLE = "KEDRO_MATRIX_PIPELINE"
"""The pipeline that a workflow was submitted with; set in tasks that share an MLflow run."""

REHEARSAL_VARIABLE = "KEDRO_MATRIX_REHEARSAL"
"""Set in every process of a rehearsal; credentials files, which the image leaves out, do not count there."""

RUN_ID_VARIABLE = "KEDRO_MATRIX_RUN_ID"
"""The run id that all tasks of a workflow share."""

TASK_VARIABLE = "KEDRO_MATRIX_TASK"
"""The name of the workflow's task; set in every task, and nowhere else."""

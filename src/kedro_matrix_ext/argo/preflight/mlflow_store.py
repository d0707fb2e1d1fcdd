"""MLflow's store: one that every task reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kedro_matrix_ext.argo.preflight.storage import is_local
from kedro_matrix_ext.findings import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.preflight.subject import Subject
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_local_mlflow_store"]

_VARIABLE = "MLFLOW_TRACKING_URI"
_MANAGED = ("databricks", "uc", "azureml")  # names of services, not of folders
_OWN_HOSTS = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104  an address to recognise, not to bind


def find_local_mlflow_store(subject: Subject) -> Iterator[Finding]:
    """Report a store on each task's own machine, where MLflow is used at all."""
    declared = _declared_uri(subject.tracking)
    variable = next(
        (each for each in reversed(subject.config.template.environment) if each.name == _VARIABLE), None
    )
    if declared is None and variable is not None and variable.secret_ref is not None:
        return
    uri = declared or (variable.value if variable is not None else None)
    used = subject.config.mlflow or bool(subject.tracking) or uri is not None
    if used and (uri is None or _is_on_own_machine(uri)):
        yield finding(
            "local-mlflow-store",
            f"MLflow's store {uri!r} is on each task's own machine"
            if uri
            else "nothing names MLflow's store, so each task has one of its own",
            location=subject.argo_place("template.environment") if declared is None else None,
        )


def _declared_uri(tracking: Mapping[str, Any]) -> str | None:
    """Read the store off ``tracking.yml``, or off kedro-mlflow's ``mlflow.yml``."""
    server = tracking.get("server")
    found = tracking.get("tracking_uri") or (
        server.get("mlflow_tracking_uri") if isinstance(server, Mapping) else None
    )
    return str(found) if found else None


def _is_on_own_machine(uri: str) -> bool:
    if uri.partition(":")[0] in _MANAGED:
        return False
    return is_local(uri) or urlsplit(uri).hostname in _OWN_HOSTS

"""MLflow's store, which every task must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kedro_matrix_ext._secrets import show_address
from kedro_matrix_ext.catalog.lookup.storage import is_local
from kedro_matrix_ext.findings import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.configuration.templates import EnvironmentVariable
    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_declared_store", "find_local_mlflow_store", "is_on_disk"]

_VARIABLE = "MLFLOW_TRACKING_URI"
_MANAGED = ("databricks", "uc", "azureml")  # names of services, not of folders
_Place = tuple[str, tuple[str, ...]]
_UNDECLARED: _Place = ("argo", ("template", "environment"))
_OWN_HOSTS = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104  an address to recognise, not to bind


def find_local_mlflow_store(context: CheckContext) -> Iterator[Finding]:
    """Report a store on each task's machine, where MLflow is used at all."""
    declared, place = find_declared_store(context.tracking)
    variable = next(
        (each for each in reversed(context.config.template.environment) if each.name == _VARIABLE), None
    )
    if declared is None and (_is_of_cluster(variable) or (variable is None and _is_filled(context))):
        return
    uri = declared or (variable.value if variable is not None else None)
    if context.placeholders.find(uri):
        return
    used = context.config.mlflow or bool(context.tracking) or uri is not None
    if used and (uri is None or _is_on_own_machine(uri)):
        yield finding(
            "local-mlflow-store",
            f"MLflow's store {show_address(uri)!r} is on each task's own machine"
            if uri
            else "nothing names MLflow's store, so each task has its own",
            location=context.place(*(place or _UNDECLARED)),
        )


def _is_of_cluster(variable: EnvironmentVariable | None) -> bool:
    """Check whether a variable gets its value in the cluster, so that it is not known here."""
    return variable is not None and (variable.secret_ref is not None or variable.value_from is not None)


def _is_filled(context: CheckContext) -> bool:
    """Check whether containers of all tasks take variables from config maps or secrets as a whole."""
    return any(container.get("envFrom") for container in context.config.pod.get("containers") or ())


def find_declared_store(tracking: Mapping[str, Any]) -> tuple[str | None, _Place | None]:
    """Return the tracking URI of ``tracking.yml`` or kedro-mlflow's ``mlflow.yml``, and its key path."""
    if uri := tracking.get("tracking_uri"):
        return str(uri), ("tracking", ("tracking_uri",))
    server = tracking.get("server")
    if isinstance(server, Mapping) and (uri := server.get("mlflow_tracking_uri")):
        return str(uri), ("mlflow", ("server", "mlflow_tracking_uri"))
    return None, None


def is_on_disk(uri: str) -> bool:
    """Return whether a tracking URI is a file or folder of the process that opens it.

    Examples:
        >>> uris = ("mlruns", "sqlite:///mlruns.db", "databricks", "http://localhost:5000")
        >>> [is_on_disk(uri) for uri in uris]
        [True, True, False, False]
    """
    return uri.partition(":")[0] not in _MANAGED and is_local(uri)


def _is_on_own_machine(uri: str) -> bool:
    return is_on_disk(uri) or urlsplit(uri).hostname in _OWN_HOSTS

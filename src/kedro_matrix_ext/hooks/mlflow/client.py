"""Talking to an MLflow store: whether it answers, how long to wait, and our words before its errors."""

from __future__ import annotations

import math
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks.mlflow.sqlite_file import count_entries, exclusive_lock, make_database
from kedro_matrix_ext.hooks.mlflow.tracking_uri import (
    GO_ON,
    check_answers,
    database_file,
    hide_credentials,
    is_on_this_machine,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from mlflow import MlflowClient

    from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

_HALF_MADE = re.compile(r"already exists|duplicate column|no such (?:table|column|index)")

__all__ = ["asking", "connect", "explained", "find_experiment", "import_mlflow", "limited"]


def connect(config: TrackingConfig, tracking_uri: str) -> MlflowClient:
    """Make sure the store answers, and return a client of it; ``mlflow`` itself does not use it yet.

    MLflow makes the tables of a new store when a client of it is made. In a file that fails where another
    process does so at the same time, so processes that share a file take turns.

    Raises:
        HookError: If the store does not answer in time, or its tables cannot be made or are not complete;
            if MLflow is not installed.
    """
    mlflow = import_mlflow()
    file = database_file(tracking_uri)
    with exclusive_lock(file):
        check_answers(tracking_uri, config.timeout)
        with asking(config, f"the MLflow store at {hide_credentials(tracking_uri)!r} cannot be opened"):
            make_database(tracking_uri, config.timeout)
            with _naming_half_made(file):
                client: MlflowClient = mlflow.MlflowClient(tracking_uri)
    return client


def find_experiment(
    client: MlflowClient, name: str, config: TrackingConfig, tracking_uri: str, project_path: Path
) -> str:
    """Find an experiment by name, or make it.

    Raises:
        HookError: If it is deleted.
    """
    return _find_experiment(client, name, _artifact_location(config, tracking_uri, project_path))


@contextmanager
def asking(config: TrackingConfig, what: str) -> Iterator[None]:
    """Ask the store with the patience that ``tracking.yml`` allows, and put our words before its errors.

    Raises:
        HookError: If the store refuses or does not answer.
    """
    with _short_patience(config.timeout, retries=1), explained(what):
        yield


@contextmanager
def limited(tracking_uri: str, timeout: float) -> Iterator[None]:
    """Make sure the store still answers, and let what follows wait no longer than this.

    Raises:
        HookError: If the store does not answer.
    """
    check_answers(tracking_uri, timeout)
    with _short_patience(timeout, retries=0):
        yield


def import_mlflow() -> ModuleType:
    """Import mlflow, or say how to get it.

    Raises:
        HookError: If it is not installed.
    """
    try:
        import mlflow
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mlflow":
            raise
        raise HookError(
            "MLflowHooks is in HOOKS, but mlflow is not installed",
            hint="Run: pip install mlflow; or take the hook out.",
        ) from error
    return mlflow


def _find_experiment(client: MlflowClient, name: str, artifact_location: str | None) -> str:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return str(client.create_experiment(name, artifact_location))
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
            return _find_experiment(client, name, artifact_location)  # another process was quicker
    if found.lifecycle_stage == "deleted":
        raise HookError(
            f"the MLflow experiment {name!r} is deleted",
            config_path="tracking: experiment",
            hint=f"Run 'mlflow experiments restore -x {found.experiment_id}', or use another name.",
        )
    return str(found.experiment_id)


def _artifact_location(config: TrackingConfig, tracking_uri: str, project_path: Path) -> str | None:
    if config.artifact_location is None:
        return (project_path / "mlartifacts").as_uri() if is_on_this_machine(tracking_uri) else None
    if "://" in config.artifact_location:
        return config.artifact_location
    return (project_path / config.artifact_location).as_uri()


@contextmanager
def _naming_half_made(file: Path | None) -> Iterator[None]:
    """Say what MLflow's error about tables means: somebody was interrupted while making them."""
    from alembic.util import CommandError
    from sqlalchemy.exc import OperationalError

    try:
        yield
    except (OperationalError, CommandError) as error:
        reason = str(error).partition("\n")[0]
        if file is None or not _HALF_MADE.search(reason):
            raise
        entries = count_entries(file)
        remedy = "put back a copy of it, or move it away" if entries else "delete it"
        raise HookError(
            f"the MLflow store {str(file)!r} is half-made: a process was interrupted while it made or "
            f"upgraded the tables ({reason}). It holds {entries or 'no'} runs, traces or models",
            config_path="tracking: tracking_uri",
            hint=f"If no process is at it now, {remedy}; the next run makes a new one. {GO_ON}",
        ) from error


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Put our words before an error of MLflow or of what it talks through.

    Raises:
        HookError: In place of the error, which is its cause.
    """
    from alembic.util import CommandError
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, CommandError, OSError) as error:
        raise HookError(
            f"{what}: {hide_credentials(str(error))[:1000]}",
            config_path="tracking",
            hint=GO_ON,
        ) from error


@contextmanager
def _short_patience(timeout: float, *, retries: int) -> Iterator[None]:
    """Let MLflow give up soon, unless its variables are set; by default it retries for minutes."""
    wanted = {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(math.ceil(timeout)),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": str(retries),
    }
    ours = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)

"""Opening, filling and ending runs in an MLflow store; mlflow is imported by what is called, never before."""

from __future__ import annotations

import getpass
import logging
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.hooks.mlflow.client import (
    asking,
    connect,
    explained,
    find_experiment,
    import_mlflow,
)
from kedro_matrix_ext.hooks.mlflow.flattening import fit_keys, fit_value
from kedro_matrix_ext.hooks.mlflow.tracking_uri import hide_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mlflow.entities import Run

    from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

__all__ = [
    "RUN_ID_TAG",
    "describe_run",
    "end_run",
    "log_numbers",
    "log_parameters",
    "log_tags",
    "open_run",
]

RUN_ID_TAG = "kedro_run_id"
logger = logging.getLogger(__name__)

_ATTEMPTS = 10
_CHARACTERS_PER_BATCH = (
    100_000  # MLflow refuses requests over 1 MB, and escapes may take six bytes a character
)


def open_run(
    config: TrackingConfig, tracking_uri: str, project_path: Path, *, run_name: str, experiment: str
) -> tuple[Run, bool]:
    """Attach to the run that is there, or create one.

    There is one where ``MLFLOW_RUN_ID`` names it (an empty value and ``None`` as a word count as unset), or
    where a run is active on this thread, as in a notebook.

    Raises:
        HookError: If the store does not answer in time, or has no such run; if MLflow is not installed.
    """
    client = connect(config, tracking_uri)
    place = hide_credentials(tracking_uri)
    named = os.environ.get("MLFLOW_RUN_ID", "").strip()
    active = import_mlflow().active_run()
    if named in {"", "None"} and active is None:
        with asking(config, f"the MLflow store at {place!r} gives no run"):
            experiment_id = find_experiment(client, experiment, config, tracking_uri, project_path)
            return client.create_run(experiment_id, run_name=run_name), True
    is_named = named not in {"", "None"}
    joined = named if is_named else active.info.run_id
    source = "MLFLOW_RUN_ID names it" if is_named else _find_owner()
    with asking(config, f"the MLflow store at {place!r} gives no run {joined!r} to join ({source})"):
        run = client.get_run(joined)
        present = client.get_experiment(run.info.experiment_id).name if config.experiment else None
    if present != config.experiment:
        logger.warning(
            "MLflow run %s is joined (%s): it is in experiment %r, and 'experiment: %s' of tracking.yml "
            "has no effect",
            *(joined, source, present, config.experiment),
        )
    return run, False


def _find_owner() -> str:
    """Say who started the active run, and what a user may do about it."""
    if "kedro_mlflow" not in sys.modules:
        return "it was active already"
    return (
        "kedro-mlflow opened it, as mlflow.yml says; with 'kedro-mlflow' in DISABLE_HOOKS_FOR_PLUGINS "
        "tracking.yml decides"
    )


def describe_run(project_path: Path, run_params: Mapping[str, Any], package: str) -> dict[str, str]:
    """Say in tags what code and configuration a run is of."""
    tags = {
        "kedro_version": str(run_params.get("kedro_version")),
        "kedro_env": str(run_params.get("env")),
        "kedro_pipeline": ",".join(run_params.get("pipeline_names") or ["__default__"]),
        RUN_ID_TAG: str(run_params["run_id"]),
        "mlflow.source.name": package,
        "mlflow.source.type": "PROJECT",
        "mlflow.user": _find_user(),
    }
    sha = _find_commit(project_path)
    return {**tags, **({"git_sha": sha, "mlflow.source.git.commit": sha} if sha else {})}


def log_tags(tracking_uri: str, run: Run, tags: Mapping[str, object]) -> None:
    """Set the tags that a run does not have yet, so that tasks that share it do not undo each other's.

    Raises:
        HookError: If the store refuses or does not answer.
    """
    from mlflow import MlflowClient
    from mlflow.entities import RunTag
    from mlflow.utils.validation import (
        MAX_ENTITY_KEY_LENGTH,
        MAX_PARAMS_TAGS_PER_BATCH,
        MAX_TAG_VAL_LENGTH,
    )

    fitting = fit_keys(tags, MAX_ENTITY_KEY_LENGTH)
    missing = [
        RunTag(key, fit_value(str(value), MAX_TAG_VAL_LENGTH))
        for key, value in fitting.items()
        if key not in run.data.tags
    ]
    with explained("tags cannot be logged to MLflow"):
        for batch in _batches(missing, MAX_PARAMS_TAGS_PER_BATCH):
            MlflowClient(tracking_uri).log_batch(run.info.run_id, tags=batch)


def log_parameters(tracking_uri: str, run_id: str, parameters: Mapping[str, str]) -> None:
    """Log the parameters that a run does not have yet; MLflow refuses to change one.

    Several processes may do so at the same time: the second finds some of them there and logs the rest.

    Raises:
        HookError: If the store refuses or does not answer.
    """
    from mlflow import MlflowClient
    from mlflow.entities import Param
    from mlflow.exceptions import MlflowException
    from mlflow.utils.validation import (
        MAX_ENTITY_KEY_LENGTH,
        MAX_PARAM_VAL_LENGTH,
        MAX_PARAMS_TAGS_PER_BATCH,
    )

    fitting = fit_keys(parameters, MAX_ENTITY_KEY_LENGTH)
    client = MlflowClient(tracking_uri)
    with explained("parameters cannot be logged to MLflow"):
        for attempt in range(_ATTEMPTS):
            present = client.get_run(run_id).data.params
            missing = [
                Param(key, fit_value(text, MAX_PARAM_VAL_LENGTH))
                for key, text in fitting.items()
                if key not in present
            ]
            try:
                for batch in _batches(missing, MAX_PARAMS_TAGS_PER_BATCH):
                    client.log_batch(run_id, params=batch)
            except MlflowException:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return


def log_numbers(tracking_uri: str, run_id: str, values: Mapping[str, float]) -> None:
    """Log metrics, all with the same time.

    Raises:
        HookError: If the store refuses or does not answer.
    """
    from mlflow import MlflowClient
    from mlflow.entities import Metric
    from mlflow.utils.validation import MAX_ENTITY_KEY_LENGTH, MAX_METRICS_PER_BATCH

    now = int(time.time() * 1000)
    fitting = fit_keys(values, MAX_ENTITY_KEY_LENGTH)
    metrics = [Metric(key, value, now, 0) for key, value in fitting.items()]
    with explained("metrics cannot be logged to MLflow"):
        for start in range(0, len(metrics), MAX_METRICS_PER_BATCH):
            batch = metrics[start : start + MAX_METRICS_PER_BATCH]
            MlflowClient(tracking_uri).log_batch(run_id, metrics=batch)


def end_run(tracking_uri: str, run_id: str, status: str) -> None:
    """End a run.

    Raises:
        HookError: If the store refuses or does not answer.
    """
    from mlflow import MlflowClient

    with explained(f"the MLflow run {run_id!r} cannot be ended"):
        MlflowClient(tracking_uri).set_terminated(run_id, status)


def _batches(items: list[Any], most: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    size = 0
    for item in items:
        if batch and (len(batch) == most or size + len(item.value) > _CHARACTERS_PER_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.value)
    if batch:
        yield batch


def _find_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"


def _find_commit(project_path: Path) -> str | None:
    command = ["git", "rev-parse", "HEAD"]
    try:
        found = subprocess.run(  # noqa: S603  a fixed command
            command, cwd=project_path, capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):  # no git here, or no repository
        return None
    return found.stdout.strip()

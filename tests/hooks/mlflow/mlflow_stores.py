"""What a store under the test's project holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow.entities import Run


__all__ = ["client_of", "list_runs", "make_run"]


def client_of(tmp_path: Path) -> Any:
    """Open the store of the project ``shop``."""
    import mlflow

    return mlflow.MlflowClient(f"sqlite:///{tmp_path}/shop/mlruns.db")


def list_runs(tmp_path: Path, experiment: str = "shop") -> list[Run]:
    """List the runs of an experiment."""
    client = client_of(tmp_path)
    return list(client.search_runs([client.get_experiment_by_name(experiment).experiment_id]))


def make_run(tmp_path: Path, **params: str) -> str:
    """Make a run that is going on, as a workflow does before its tasks, and give its id."""
    client = client_of(tmp_path)
    run = client.create_run(client.create_experiment("workflow"), tags={"kedro_pipeline": "whole"})
    for name, value in params.items():
        client.log_param(run.info.run_id, name, value)
    return str(run.info.run_id)

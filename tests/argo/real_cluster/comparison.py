"""Compare what a workflow left in its stores with what a local run left."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["list_differences", "list_metrics", "read_results"]


def list_differences(local: Any, cluster: Any, place: str = "") -> list[str]:
    """List where two results differ; machines may calculate the last digits of numbers differently."""
    if isinstance(local, dict) and isinstance(cluster, dict):
        missing = [
            f"{place}/{key}: only of the {'local run' if key in local else 'workflow'}"
            for key in sorted(local.keys() ^ cluster.keys())
        ]
        shared = sorted(local.keys() & cluster.keys())
        return missing + [
            line for key in shared for line in list_differences(local[key], cluster[key], f"{place}/{key}")
        ]
    numbers = all(isinstance(each, (int, float)) for each in (local, cluster))
    same = math.isclose(local, cluster, rel_tol=1e-9) if numbers else local == cluster
    return [] if same else [f"{place}: {local!r} of the local run, {cluster!r} of the workflow"]


def read_results(client: Any, bucket: str, prefix: str) -> dict[str, Any]:
    """Read the JSON results below a prefix; of the others only that they are there, without their version."""
    results: dict[str, Any] = {}
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    for key in [each["Key"] for page in pages for each in page.get("Contents", ())]:
        name = key.removeprefix(f"{prefix}/")
        if name.endswith(".json"):
            results[name] = json.loads(client.get_object(Bucket=bucket, Key=key)["Body"].read())
        elif "/undeclared/" not in name:  # `kedro run` keeps some in memory
            folders = name.split("/")
            versioned = len(folders) > 2 and folders[-3] == folders[-1]
            results["/".join(folders[:-2]) if versioned else name] = "stored"
    return results


def list_metrics(store: str, experiment: str) -> list[tuple[str, Mapping[str, float]]]:
    """List status and metrics of each MLflow run of an experiment."""
    from mlflow import MlflowClient

    client = MlflowClient(store)
    found = client.get_experiment_by_name(experiment)
    runs = client.search_runs([found.experiment_id]) if found else []
    return [(run.info.status, dict(run.data.metrics)) for run in runs]

"""Kedro's IncrementalDataset over files of our datasets, compared with one over Kedro's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from tests.catalog.frames import pd

from kedro_matrix_ext.argo import ArgoNode

pytest.importorskip("kedro_datasets", reason="needs the extra 'datasets'")
pytest.importorskip("s3fs", reason="s3fs is not installed")
pytest.importorskip("polars", reason="polars is not installed")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.object_storage import ObjectStorage

OURS = "kedro_matrix_ext.catalog.datasets"
PARTS: dict[str, dict[str, Any]] = {
    "kedro": {"type": "pandas.CSVDataset"},
    "pandas": {"type": f"{OURS}.PandasFrameDataset", "file_format": "csv"},
    "polars": {"type": f"{OURS}.PolarsFrameDataset", "file_format": "csv"},
}


@pytest.mark.parametrize("protocol", ["file", "s3"])
@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("make_node", [node, ArgoNode])
def test_a_run_gets_what_came_after_the_last_confirmed_part(
    object_storage: ObjectStorage, tmp_path: Path, make_node: Callable[..., Any], parts: str, protocol: str
) -> None:
    """In the next run, and in the same catalog once the dataset is released."""
    place, login = str(tmp_path), {}
    if protocol == "s3":
        bucket = object_storage.create_bucket(f"parts-{parts}-{make_node.__name__.lower()}")
        place = f"s3://{bucket}/days"
        endpoint = {"endpoint_url": object_storage.url}
        login = {"key": "testing", "secret": "testing", "client_kwargs": endpoint}
    entry = {"type": "partitions.IncrementalDataset", "path": place, "dataset": PARTS[parts]}
    seen: list[list[str]] = []
    pipeline = Pipeline([make_node(lambda days: seen.append(sorted(days)), "days", None, confirms="days")])

    def run_after(*days: str) -> DataCatalog:
        for day in days:
            pd.DataFrame({"a": [1]}).to_csv(f"{place}/{day}.csv", index=False, storage_options=login or None)
        catalog = DataCatalog.from_config(
            {"days": {**entry, **({"credentials": "login"} if login else {})}}, {"login": login}
        )
        SequentialRunner().run(pipeline, catalog)
        return catalog

    run_after("1", "2")
    run_after()
    catalog = run_after("3")
    assert seen == [["1.csv", "2.csv"], [], ["3.csv"]]
    catalog.release("days")
    assert catalog.load("days") == {}

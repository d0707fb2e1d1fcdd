"""The example project runs in each of its environments."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kedro_project import KedroProject
    from tests.object_storage import ObjectStorage

pytestmark = pytest.mark.project

VARIANTS = {
    "reviews_predictor": ["base", "test1"],
    "price_predictor": ["base", "candidate1", "candidate2", "candidate3"],
}
MODELS = {
    "base": "LinearRegression",
    "candidate1": "RandomForestRegressor",
    "candidate2": "RandomForestRegressor",
    "candidate3": "LinearRegression",
    "test1": "RandomForestRegressor",
}
RAW = ("companies.csv", "reviews.csv", "shuttles.xlsx")


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _raw_table(file: Path) -> pd.DataFrame:
    return pd.read_excel(file) if file.suffix == ".xlsx" else pd.read_csv(file)


def _r2(project: KedroProject, namespace: str, variant: str, base: str = "data") -> float:
    metrics = json.loads(project.read(f"{base}/08_reporting/{namespace}/{variant}/metrics.json"))
    return float(metrics["r2"])


def _trained_model(project: KedroProject, namespace: str, variant: str) -> Any:
    (file,) = (project.path / "data/06_models" / namespace / variant).rglob("*/*/regressor.pickle")
    return pickle.loads(file.read_bytes())


def test_base_trains_every_variant_on_its_own_parameters(
    spaceflights: KedroProject, received: Callable[[], dict[str, Any]]
) -> None:
    """A plain `kedro run` gives each variant its parameters, its model and a place in the report."""
    spaceflights.kedro("run")
    nodes = received()
    options = {
        f"{namespace}.{variant}": nodes[f"{namespace}.{variant}.split_data"][
            f"params:{namespace}.{variant}.model_options"
        ]
        for namespace, variants in VARIANTS.items()
        for variant in variants
    }
    forest = {"n_estimators": 50, "min_samples_leaf": 5, "random_state": 3}
    assert options["price_predictor.base"]["target"] == "price"
    assert options["price_predictor.base"]["model"] == {"object": "sklearn.linear_model.LinearRegression"}
    assert options["price_predictor.candidate1"] == {
        **options["price_predictor.base"],
        "model": {"object": "sklearn.ensemble.RandomForestRegressor", **forest},
    }
    assert options["price_predictor.candidate2"]["model"]["n_estimators"] == 10
    assert options["price_predictor.candidate2"]["model"]["min_samples_leaf"] == 5
    assert options["price_predictor.candidate3"] == {
        **options["price_predictor.base"],
        "features": ["engines", "passenger_capacity", "crew"],
    }
    assert options["reviews_predictor.base"]["target"] == "review_scores_rating"
    assert options["reviews_predictor.test1"] == {
        **options["reviews_predictor.base"],
        "test_size": 0.3,
        "model": options["price_predictor.candidate1"]["model"],
    }
    for namespace, variants in VARIANTS.items():
        report = spaceflights.read(f"data/08_reporting/{namespace}/report.html")
        assert report.count("<svg") == len(variants)
        assert all(0.5 < _r2(spaceflights, namespace, variant) < 1 for variant in variants)
        for variant in variants:
            model = _trained_model(spaceflights, namespace, variant)
            assert type(model).__name__ == MODELS[variant]
    assert _trained_model(spaceflights, "price_predictor", "candidate2").n_estimators == 10


def test_test_environment_keeps_to_its_own_folder(spaceflights: KedroProject) -> None:
    """`-e test` fabricates its raw tables, the same by `-p` and by `--pipelines`, and runs on them alone."""
    data = spaceflights.path / "data"
    before, made = _files(data), []
    for option in ("-p", "--pipelines"):
        spaceflights.kedro("run", "-e", "test", option, "test", "--nodes", "fabricate_datasets")
        assert _files(data) - before == {f"test/01_raw/{name}" for name in RAW}
        made.append([_raw_table(data / "test/01_raw" / name) for name in RAW])
    assert all(one.equals(other) for one, other in zip(*made, strict=True))
    spaceflights.kedro("run", "-e", "test")
    written = _files(data) - before
    assert all(name.startswith("test/") for name in written)
    assert "test/08_reporting/price_predictor/report.html" in written


def test_raw_tables_of_other_environments_are_not_fabricated(spaceflights: KedroProject) -> None:
    """`kedro run -p test` without `-e test` is refused before anything is written."""
    before = {path: path.read_bytes() for path in (spaceflights.path / "data/01_raw").iterdir()}
    refused = spaceflights.kedro("run", "-p", "test", check=False)
    assert refused.returncode == 1
    assert "would write fabricated data in environment 'local'" in refused.stdout + refused.stderr
    assert {path: path.read_bytes() for path in (spaceflights.path / "data/01_raw").iterdir()} == before


def test_cloud_environment_reads_and_writes_object_storage(
    spaceflights: KedroProject, object_storage: ObjectStorage
) -> None:
    """`kedro run -e cloud` writes under the bucket what a base run writes on disk, and nothing on disk."""
    bucket, client = object_storage.create_bucket("example-flights"), object_storage.client()
    for name in RAW:
        client.upload_file(
            str(spaceflights.path / "data/01_raw" / name), bucket, f"spaceflights/01_raw/{name}"
        )
    before = _files(spaceflights.path / "data")
    variables = {**object_storage.variables, "SPACEFLIGHTS_BUCKET": bucket}
    spaceflights.kedro("run", "-e", "cloud", env=variables)
    keys = {item["Key"] for item in client.list_objects_v2(Bucket=bucket)["Contents"]}
    assert _files(spaceflights.path / "data") == before
    assert "spaceflights/03_primary/price_predictor/model_input_table.parquet" in keys
    for namespace, variants in VARIANTS.items():
        assert f"spaceflights/08_reporting/{namespace}/report.html" in keys
        for variant in variants:
            models = f"spaceflights/06_models/{namespace}/{variant}/regressor.pickle/"
            assert sum(key.startswith(models) for key in keys) == 1

"""Where tasks write beyond this machine is reported by server and folder, without passwords."""

from __future__ import annotations

from typing import Any

import pytest
from kedro.io import DataCatalog

from kedro_matrix_ext.argo.rehearsal.local.write_targets import list_destinations, name_store
from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

SQL = {"type": "pandas.SQLTableDataset", "table_name": "t"}
ENTRIES: dict[str, dict[str, Any]] = {
    "a": {"type": "pickle.PickleDataset", "filepath": "s3://bucket/run/models/a.pkl"},
    "b": {"type": "pandas.CSVDataset", "filepath": "simplecache::s3://bucket/run/tables/b.csv"},
    "c": {"type": "pickle.PickleDataset", "filepath": "gs://other/c.pkl"},
    "local": {"type": "pickle.PickleDataset", "filepath": "data/local.pkl"},
    "kept": {"type": "MemoryDataset"},
    "table": {**SQL, "credentials": {"con": "postgresql://me:secret@db.example/shop"}},
    "secret": {"type": "api.APIDataset", "url": "https://me:secret@api.example"},
}


def test_places_are_listed_once() -> None:
    """The folder above all that goes to one bucket; nothing for what stays here; no credentials."""
    pytest.importorskip("sqlalchemy", reason="one of the tables is in a database")
    places = list_destinations(["undeclared", *ENTRIES], CatalogView(DataCatalog.from_config(ENTRIES)))
    assert places == [
        "s3://bucket/run (2 datasets)",
        "gs://other/ (1 dataset)",
        "postgresql://db.example/ (1 dataset)",
        "wherever api.APIDataset keeps its data (1 dataset)",
    ]


@pytest.mark.parametrize(
    ("tracking", "variable", "told"),
    [
        ({"tracking_uri": "http://mlflow:5000"}, "sqlite:///own.db", "http://mlflow:5000"),
        (
            {"server": {"mlflow_tracking_uri": "https://me:secret@mlflow.example"}},
            None,
            "https://mlflow.example",
        ),
        ({}, "postgresql://me:secret@db.example/mlflow?password=x", "postgresql://db.example"),
        ({}, "databricks", "databricks"),
        ({"tracking_uri": "mlruns"}, "http://mlflow:5000", None),
        ({}, None, None),
    ],
)
def test_the_store_of_mlflow_is_named(
    tracking: dict[str, Any], variable: str | None, told: str | None
) -> None:
    """Whichever file or variable names it; not on this machine's disk, and no credentials."""
    assert name_store(tracking, variable) == (f"MLflow's store {told}" if told else None)

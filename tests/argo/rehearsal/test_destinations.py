"""Where tasks write beyond this machine is told by server and folder, and without passwords."""

from __future__ import annotations

from typing import Any

from kedro.io import DataCatalog

from kedro_matrix_ext.argo.catalog_view import CatalogView
from kedro_matrix_ext.argo.rehearsal.destinations import list_destinations

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
    places = list_destinations(["undeclared", *ENTRIES], CatalogView(DataCatalog.from_config(ENTRIES)))
    assert places == [
        "s3://bucket/run (2 datasets)",
        "gs://other/ (1 dataset)",
        "postgresql://db.example/ (1 dataset)",
        "wherever api.APIDataset keeps its data (1 dataset)",
    ]

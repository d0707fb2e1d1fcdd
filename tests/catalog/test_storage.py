"""Where a dataset keeps its data, and who else sees it there."""

from __future__ import annotations

import pytest
from kedro.io import MemoryDataset

from kedro_matrix_ext.catalog.lookup.storage import find_storage, is_local


@pytest.mark.parametrize(
    ("entry", "storage"),
    [
        ({"con": "sqlite:///a.db"}, "sqlite:///a.db"),
        ({"credentials": {"con": "postgresql://db"}}, "postgresql://db"),
        ({"path": "s3://b", "dataset": "pandas.CSVDataset"}, "s3://b"),
        ({"dataset": "pandas.CSVDataset"}, None),
        (MemoryDataset(1), None),
        (None, None),
    ],
)
def test_where_a_dataset_is_stored(entry: object, storage: str | None) -> None:
    """Path, database or wrapped dataset, whichever the entry names."""
    assert find_storage(entry) == storage


def test_chained_addresses() -> None:
    """A cache before shared storage does not make it local."""
    assert not is_local("simplecache::s3://b/a")
    assert is_local("sqlite+pysqlite:///a.db")

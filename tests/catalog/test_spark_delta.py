"""One delta table for Spark, pandas and polars, by Delta Lake's package; run by `nox -s spark_servers`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import DataCatalog
from tests.catalog.frames import (
    COLUMNS,
    NAMES,
    ROWS,
    expected_rows,
    expected_types,
    make_frame,
    rows_of,
    types_of,
)

from kedro_matrix_ext.catalog import expand_transcoding

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.skipif(
        os.environ.get("TEST_SPARK_ON") != "delta",
        reason="Delta Lake's package is for one version of Spark; 'nox -s spark_servers' installs both",
    ),
]


@pytest.fixture
def catalog(tmp_path: Path, spark_session: Any) -> DataCatalog:
    """Give ``table@spark``, ``table@pandas`` and ``table@polars``, of one entry."""
    assert spark_session
    entry = {"transcode": list(NAMES), "format": "delta", "filepath": str(tmp_path / "day 1#a")}
    more = {"transcode": list(NAMES), "format": "delta", "filepath": str(tmp_path / "more")}
    appending = {engine: {"save_args": {"mode": "append"}} for engine in NAMES}
    return DataCatalog.from_config(expand_transcoding({"table": entry, "more": {**more, **appending}}))


@pytest.mark.parametrize("writer", NAMES)
def test_what_one_engine_saves_every_engine_loads(catalog: DataCatalog, writer: str) -> None:
    """The same values, of the same types; then each engine replaces the table, with other columns."""
    catalog.save(f"table@{writer}", make_frame(writer, ROWS, COLUMNS))
    for reader in NAMES:
        loaded = catalog.load(f"table@{reader}")
        assert rows_of(loaded) == expected_rows(COLUMNS)
        assert types_of(loaded) == expected_types(reader, COLUMNS)
    for count, other in enumerate(NAMES, start=1):
        catalog.save(f"table@{other}", make_frame(other, ROWS[:count], ["id", "text"]))
        for reader in NAMES:
            loaded = catalog.load(f"table@{reader}")
            assert rows_of(loaded) == expected_rows(["id", "text"], ROWS[:count])


def test_engines_append_to_one_log(catalog: DataCatalog, tmp_path: Path) -> None:
    """Each save is a version of the table, whoever made it."""
    for engine, row in zip(NAMES, ROWS, strict=False):
        catalog.save(f"more@{engine}", make_frame(engine, [row], ["id", "count"]))
    for reader in NAMES:
        assert rows_of(catalog.load(f"more@{reader}")) == expected_rows(["id", "count"], ROWS[: len(NAMES)])
    log = sorted(one.name for one in (tmp_path / "more/_delta_log").glob("*.json"))
    assert log == [f"{version:020}.json" for version in range(len(NAMES))]

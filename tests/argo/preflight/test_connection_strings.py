"""Findings about a dataset or a store name scheme and host of its address, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from kedro.pipeline import Node, Pipeline
from tests.argo.preflight.checked_pipelines import chain, check, stored, take

from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.findings import render_findings

PASSWORD = "S3CRET@open/sesame#42"  # noqa: S105  no secret: it is there to be hidden
TABLE = {"type": "kedro.io.core.AbstractDataset", "table_name": "cars"}
ADDRESSES = [
    f"postgresql://me:{PASSWORD}@db.example.com:5432/shop",
    f"sqlite:///data/shop.db?password={PASSWORD}",
    f"Driver={{ODBC Driver 18}};Server=db;Uid=me;Pwd={PASSWORD}",
    f"DUCKDB:///data/{PASSWORD}.duckdb",
    f"host=db user=me password='{PASSWORD}'",
    f"jdbc:sqlserver://db;user=me;password={PASSWORD}",
]


def read_con(address: str) -> dict[str, Any]:
    """Write a table of a database whose address is under credentials."""
    return {**TABLE, "credentials": {"con": address}}


def assert_hidden(text: str) -> None:
    """Check that no eight characters of the password are in a text."""
    assert not [PASSWORD[at : at + 8] for at in range(len(PASSWORD) - 7) if PASSWORD[at : at + 8] in text]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("wrap", [read_con, lambda address: {**TABLE, "con": address}])
def test_no_finding_shows_a_connection_string(address: str, wrap: Any) -> None:
    """Read by a task, passed between tasks, written twice, and used by none."""
    entry = wrap(address)
    writers = Pipeline([Node(take, "raw", "a", name="one"), Node(take, "raw", "b", name="two")])
    found = [
        *check(catalog={"raw": entry}),
        *check(catalog={"a": entry}),
        *check(writers, catalog={"a": entry, "b": {**entry}}),
        *check(catalog={"b": entry}),
    ]
    assert "dataset-written-twice" in {each.code for each in found}
    assert_hidden(render_findings(found))


def test_the_host_stays_visible() -> None:
    """It helps to find out which of two databases is meant."""
    writers = Pipeline([Node(take, "raw", "a", name="one"), Node(take, "raw", "b", name="two")])
    (found,) = check(writers, catalog={"a": read_con(ADDRESSES[0]), "b": read_con(ADDRESSES[0])})
    assert found.code == "dataset-written-twice"
    assert "'postgresql://db.example.com:5432'" in found.message


@pytest.mark.parametrize(
    "path", ["data/cars.csv", "s3://bucket/cars.csv", "abfss://raw@shop.dfs.core.windows.net/a"]
)
def test_paths_stay_visible(path: str) -> None:
    """What holds no secret is shown as it is written."""
    writers = Pipeline([Node(take, "raw", "a", name="one"), Node(take, "raw", "b", name="two")])
    found = check(writers, catalog={"a": stored(path), "b": stored(path)})
    (twice,) = [each for each in found if each.code == "dataset-written-twice"]
    assert path in twice.message
    assert scrub(twice.message) == twice.message


@pytest.mark.parametrize(
    "uri",
    [
        f"sqlite:///mlruns.db?key={PASSWORD}",
        f"http://localhost:5000/?key={PASSWORD}",
        f"file:///x?token={PASSWORD}",
    ],
)
def test_a_local_store_is_named_without_its_password(uri: str) -> None:
    """From tracking.yml or from the environment of tasks."""
    variable = {"name": "MLFLOW_TRACKING_URI", "value": uri}
    for found in (
        check(tracking={"tracking_uri": uri}),
        check(tracking={"server": {"mlflow_tracking_uri": uri}}),
        check(argo={"template": {"environment": [variable]}}, tracking={"experiment": "shop"}),
    ):
        assert "local-mlflow-store" in {each.code for each in found}
        assert_hidden(render_findings(found))


def test_a_chain_without_secrets_has_no_findings() -> None:
    """The tests above fail for no other reason."""
    assert check(chain()) == []

"""Engines that disagree, or that nobody declares, are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kedro_matrix_ext.catalog import check_transcoding, expand_transcoding

SPARK: dict[str, Any] = {"type": "spark.SparkDataset", "filepath": "t.parquet", "file_format": "parquet"}
PANDAS: dict[str, Any] = {"type": "pandas.ParquetDataset", "filepath": "t.parquet"}


def _messages(catalog: dict[str, Any], **arguments: Any) -> list[str]:
    found = check_transcoding(catalog, **arguments)
    assert {one.code for one in found} <= {"transcoding-mismatch"}
    return [one.message for one in found]


def test_a_pair_that_agrees_is_no_finding() -> None:
    """Same path, same format, versioned on none: nothing to report; so for what is expanded."""
    assert _messages({"t@spark": SPARK, "t@pandas": PANDAS}, used={"t@spark", "t@pandas"}) == []
    made = expand_transcoding({"t": {"transcode": ["spark", "polars"], "format": "csv", "filepath": "x"}})
    assert _messages(made, used=made) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"filepath": "other.parquet"}, "different paths"),
        ({"type": "pandas.CSVDataset"}, "different formats"),
        ({"versioned": True}, "different 'versioned' settings"),
    ],
)
def test_a_pair_that_disagrees_is_found(change: dict[str, Any], what: str) -> None:
    """Each of path, format and versioning must be the same, in patterns too."""
    for name in ("t", "{namespace}.t"):
        (message,) = _messages({f"{name}@spark": SPARK, f"{name}@pandas": {**PANDAS, **change}})
        assert what in message
        assert repr(name) in message


def test_a_flavour_that_is_used_and_not_declared_is_found() -> None:
    """A name that pipelines use and no entry or pattern with its engine matches."""
    catalog = {"t@spark": SPARK, "{n}.p@pandas": PANDAS}
    assert _messages(catalog, used={"t@pandas", "x.p@pandas", "plain"}) == [
        "a pipeline uses 't@pandas', and no entry declares it"
    ]


def test_a_catch_all_that_would_swallow_a_flavour_is_found() -> None:
    """A pattern without a engine that matches the name hides that nobody declares it."""
    catalog = {"t@spark": SPARK, "{anything}": {"type": "pickle.PickleDataset", "filepath": "{anything}.pkl"}}
    assert _messages(catalog, used={"t@polars"}) == [
        "pattern '{anything}' would match 't@polars', which no entry declares"
    ]


def test_an_environment_that_overrides_one_flavour_is_named_where_engines_disagree() -> None:
    """An override of one engine leaves the other on the old path; what still agrees is not reported."""
    catalog = {"t@spark": SPARK, "t@pandas": PANDAS}
    moved = {"t@spark": {**SPARK, "filepath": "s3://b/t"}, "t@pandas": PANDAS}
    assert _messages(catalog, declared_in={"cloud": {"t@spark"}}) == []
    (found,) = check_transcoding(moved, declared_in={"cloud": {"t@spark"}})
    assert "different paths" in found.message
    assert "'cloud' overrides 't' for spark but not for pandas" in str(found.fix)
    (found,) = check_transcoding(moved, declared_in={"cloud": {"t@spark", "t@pandas"}})
    assert "cloud" not in str(found.fix)


@pytest.mark.parametrize(
    ("first", "second", "agree"),
    [
        ("./data//t.parquet", "data/t.parquet", True),
        ("s3a://bucket/t/", "s3://bucket/t", True),
        ("gcs://bucket/t", "gs://bucket/t", True),
        (Path("data/t.parquet"), "data/t.parquet", True),
        ("s3://bucket/t", "gs://bucket/t", False),
        ("s3://bucket/a//t", "s3://bucket/a/t", False),
        (["t.parquet"], "t.parquet", False),
    ],
)
def test_one_path_has_many_spellings(first: Any, second: Any, *, agree: bool) -> None:
    """Compared is the file that a path leads to; Spark and fsspec name storage differently."""
    catalog = {"t@spark": {**SPARK, "filepath": first}, "t@pandas": {**PANDAS, "filepath": second}}
    assert (_messages(catalog) == []) is agree

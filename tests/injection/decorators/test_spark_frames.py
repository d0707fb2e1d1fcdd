"""Spark data frames pass through untouched, and their columns can be selected by patterns."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from kedro_matrix_ext import inject_object, make_list_regexable


@pytest.mark.spark
@pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_frames_pass_by_identity_and_name_their_columns() -> None:
    """As pandas and polars frames do."""
    session = pytest.importorskip("pyspark.sql").SparkSession.builder.master("local[1]").getOrCreate()
    frame = session.createDataFrame([(1, 2, 3)], ["id", "f_1", "f_2"])

    @inject_object()
    @make_list_regexable(source_df="frame", make_regexable_kwarg="features")
    def select(frame: Any, features: Any) -> Any:
        return frame, features

    received, features = select(frame, [{"object": "builtins.str", "args": ["f_.*"]}])
    assert received is frame
    assert features == ["f_1", "f_2"]
    session.stop()

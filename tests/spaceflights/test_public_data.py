"""The example project on the data of Kedro's own tutorial."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project


def test_public_data_gives_the_known_table_and_sane_models(
    spaceflights: KedroProject, shared_folder: Path, tmp_path: Path
) -> None:
    """10,019 companies and 15,531 reviewed shuttles leave 6,027 complete rows; prices follow them in part."""
    import pandas as pd

    data = tmp_path / "public"
    shutil.copytree(shared_folder / "data/spaceflights", data / "01_raw")
    spaceflights.kedro("run", "--namespaces", "price_predictor", env={"SPACEFLIGHTS_DATA": str(data)})
    rows = {
        name: len(pd.read_parquet(data / f"{name}.parquet"))
        for name in (
            "02_intermediate/price_predictor/companies",
            "02_intermediate/price_predictor/shuttles",
            "03_primary/price_predictor/model_input_table",
        )
    }
    assert list(rows.values()) == [10_019, 15_531, 6_027]
    for variant in ("base", "candidate1", "candidate2", "candidate3"):
        metrics = json.loads((data / f"08_reporting/price_predictor/{variant}/metrics.json").read_text())
        assert 0.3 < metrics["r2"] < 0.6

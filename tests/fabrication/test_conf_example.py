"""The example makes the tables in its folder ``expected_tables``.

``pytest tests/fabrication/test_conf_example.py --regenerate`` rewrites them.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml

pd = pytest.importorskip("pandas")

from kedro_matrix_ext.fabrication import fabricate_datasets  # noqa: E402  after the skip

EXAMPLE = Path(__file__).parents[2] / "conf_examples/fabrication"


def test_the_example_makes_the_expected_tables(pytestconfig: pytest.Config) -> None:
    """Each table equals its file, value for value."""
    parameters = yaml.safe_load((EXAMPLE / "expected/test/parameters.yml").read_text())
    made = fabricate_datasets(parameters["fabricator"])
    texts = {name: frame.to_csv(index=False, lineterminator="\n") for name, frame in made.items()}
    if pytestconfig.getoption("--regenerate"):
        for name, text in texts.items():
            (EXAMPLE / f"expected_tables/{name}.csv").write_text(text)
        pytest.skip("regenerated")
    assert {file.stem for file in EXAMPLE.glob("expected_tables/*.csv")} == set(texts)
    for name, text in texts.items():
        expected = pd.read_csv(EXAMPLE / f"expected_tables/{name}.csv")
        pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(text)), expected)

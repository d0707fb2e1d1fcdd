"""Types of catalog entries: the class, or what is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.io import CatalogConfigResolver

from kedro_matrix_ext.catalog.dataset_types import find_dataset_class
from kedro_matrix_ext.catalog.lookup.entries import EntryLookup
from kedro_matrix_ext.errors import CatalogError


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("pandas.CSVDatset", "Did you mean 'CSVDataset'"),
        ("pandsa.CSVDataset", "Did you mean 'pandas.CSVDataset'"),
        ("MemoryDatset", "Did you mean 'MemoryDataset'"),
        ("nowhere.Dataset", "there is no module 'nowhere'"),
        ("os.path.join", "it is not a dataset"),
        (None, "has no 'type'"),
    ],
)
def test_what_is_wrong_with_a_type_is_told(kind: str | None, words: str) -> None:
    """A typo gets the nearest name and other classes are refused, at the entry's type."""
    pytest.importorskip("kedro_datasets")
    with pytest.raises(CatalogError) as caught:
        find_dataset_class("cars", {"type": kind})
    assert words in str(caught.value)
    assert caught.value.config_path == "catalog: cars.type"


PARTS = st.sampled_from(["{a}", "{b}", "x", "y", ".", "_x"])
PATTERNS = (
    st.lists(PARTS, min_size=2, max_size=4)
    .map("".join)
    .filter(
        lambda text: "}{" not in text and text.count("{a}") < 2 and text.count("{b}") < 2 and len(text) % 3
    )
)


@given(
    names=st.lists(PATTERNS, max_size=4, unique=True).filter(lambda names: any("x" in n for n in names)),
    dataset=st.text("xy._", min_size=1, max_size=6),
)
def test_a_dataset_gets_the_entry_that_kedro_gives_it(names: list[str], dataset: str) -> None:
    """Its own entry, else the pattern that Kedro ranks first."""
    entries = {name: {"type": "MemoryDataset"} for name in names if name.strip("{ab}")}
    kedro = CatalogConfigResolver(config=entries, default_runtime_patterns={})
    own = dataset if dataset in entries else None
    expected = own or kedro.match_dataset_pattern(dataset) or kedro.match_user_catch_all_pattern(dataset)
    assert EntryLookup(entries).find(dataset) == expected

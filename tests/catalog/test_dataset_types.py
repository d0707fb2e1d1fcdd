"""Types of catalog entries: the class, or what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.io import AbstractDataset, CatalogConfigResolver

from kedro_matrix_ext.catalog.dataset_types import find_dataset_class, find_unfit_arguments, find_wrapped
from kedro_matrix_ext.catalog.lookup.catalog_view import list_classes
from kedro_matrix_ext.catalog.lookup.entries import EntryLookup
from kedro_matrix_ext.errors import CatalogError


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("pandas.CSVDatset", "Did you mean 'CSVDataset'"),
        ("pandsa.CSVDataset", "Did you mean 'pandas.CSVDataset'"),
        ("MemoryDatset", "Did you mean 'MemoryDataset'"),
        ("CSVDataset", "Did you mean 'pandas.CSVDataset' or 'polars.CSVDataset'"),
        ("csvdataset", "Did you mean 'pandas.CSVDataset'"),
        ("PartitionedDataset", "Did you mean 'partitions.PartitionedDataset'?"),
        ("nomodule.Foo", "install the package that provides 'nomodule'"),
        ("DatasetError", "Write its import path"),
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


class TableDataset(AbstractDataset[Any, Any]):
    """A dataset with an argument called ``dataset`` that is not one, as pandas.GBQTableDataset."""

    def __init__(self, dataset: str, table_name: str, metadata: Any = None) -> None:
        self._table, self._metadata = f"{dataset}.{table_name}", metadata

    def load(self) -> Any:
        """Not called."""

    def save(self, data: Any) -> None:
        """Not called."""

    def _describe(self) -> dict[str, Any]:
        return {}


class OwnWrapper(TableDataset):
    """A dataset around another one."""

    def __init__(self, dataset: str | dict[str, Any] | type[AbstractDataset[Any, Any]]) -> None:
        self._inner = dataset


INNER = {"type": "MemoryDataset"}


@pytest.mark.parametrize(
    ("entry", "wrapped"),
    [
        ({"type": TableDataset, "dataset": "sales", "table_name": "t"}, None),
        ({"type": OwnWrapper, "dataset": "MemoryDataset"}, INNER),
        ({"type": OwnWrapper, "dataset": INNER}, INNER),
        ({"type": "CachedDataset", "dataset": "MemoryDataset"}, INNER),
        ({"type": "CachedDataset", "dataset": INNER}, INNER),
        ({"type": "not_here.PartitionedDataset", "dataset": "MemoryDataset"}, INNER),
        ({"type": "not_here.GBQTableDataset", "dataset": "sales"}, None),
        ({"type": "MemoryDataset"}, None),
    ],
)
def test_only_classes_that_wrap_have_a_dataset_inside(entry: dict[str, Any], wrapped: object) -> None:
    """An argument called ``dataset`` may be a plain text."""
    assert find_wrapped(entry) == wrapped
    assert len(list(list_classes("cars", entry))) == 1 + (wrapped is not None)


@pytest.mark.parametrize(
    ("entry", "unfit"),
    [
        ({"dataset": "sales", "table_name": "t", "metadata": {}}, ((), ())),
        ({"dataset": "sales", "table": "t"}, (("table",), ("table_name",))),
        ({"dataset": "sales", "table_name": "t", "versioned": True}, (("versioned",), ())),
    ],
)
def test_arguments_are_compared_with_the_class(entry: dict[str, Any], unfit: object) -> None:
    """Keys that Kedro takes out do not count; a versioned entry gives one more."""
    assert find_unfit_arguments(TableDataset, {"type": TableDataset, **entry}) == unfit

"""What ``transcode:`` entries expand to, and the errors of those that cannot be expanded."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader
from tests.config_folder import quiet_kedro

from kedro_matrix_ext import LayeredConfigLoader, TranscodingMixin, config_loader_args
from kedro_matrix_ext.catalog import EngineFormat, add_engine_format, expand_transcoding
from kedro_matrix_ext.catalog.engines import engines, formats_of
from kedro_matrix_ext.errors import CatalogError

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = {"transcode": ["spark", "pandas"], "format": "parquet", "filepath": "a/f.parquet"}


def test_each_engine_gets_an_entry_over_the_one_path() -> None:
    """An entry becomes one per engine, all with its path and the format."""
    made = expand_transcoding({"table": ENTRY})
    assert list(made) == ["table@spark", "table@pandas"]
    assert {entry["filepath"] for entry in made.values()} == {"a/f.parquet"}
    assert {entry["file_format"] for entry in made.values()} == {"parquet"}


def test_a_pattern_is_expanded_as_a_pattern() -> None:
    """Placeholders stay in name and path."""
    made = expand_transcoding({"{n}.{v}.f": {**ENTRY, "filepath": "{n}/{v}.parquet"}})
    assert made["{n}.{v}.f@pandas"]["filepath"] == "{n}/{v}.parquet"


def test_other_entries_and_the_order_stay() -> None:
    """What has no ``transcode`` is the same object, in its place."""
    other = {"type": "MemoryDataset"}
    made = expand_transcoding({"a": other, "table": ENTRY, "_template": other, "z": other})
    assert list(made) == ["a", "table@spark", "table@pandas", "_template", "z"]
    assert made["a"] is other


def test_an_engines_arguments_reach_that_engine_alone() -> None:
    """What is under an engine's name is merged over the defaults of its row."""
    entry = {
        **ENTRY,
        "spark": {"save_args": {"partitionBy": "day"}},
        "versioned": True,
        "metadata": {"layer": "x"},
    }
    made = expand_transcoding({"table": entry})
    assert made["table@spark"]["save_args"]["partitionBy"] == "day"
    assert "partitionBy" not in made["table@pandas"].get("save_args", {})
    assert all(one["versioned"] is True and one["metadata"] == {"layer": "x"} for one in made.values())


def test_a_project_can_add_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new engine is one row."""
    monkeypatch.setattr("kedro_matrix_ext.catalog.engines._ROWS", {})
    add_engine_format("ibis", "parquet", EngineFormat("ibis.FileDataset", {"file_format": "parquet"}))
    made = expand_transcoding({"t": {"transcode": "ibis", "format": "parquet", "filepath": "x"}})
    assert made == {"t@ibis": {"type": "ibis.FileDataset", "filepath": "x", "file_format": "parquet"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transcode": ["sparc"]}, "Did you mean 'spark'?"),
        ({"transcode": []}, "not a list of engines"),
        ({"transcode": ["spark", "spark"]}, "names an engine twice"),
        ({"transcode": {"spark": {}}}, "not a list of engines"),
        ({"format": "parkett"}, "there is no dataset for format 'parkett' in engine 'spark'"),
        ({"format": None}, "has no 'format'"),
        ({"filepath": None}, "has no 'filepath'"),
        ({"file_path": "x"}, "Did you mean 'filepath'?"),
        ({"polars": {}}, "'polars' is not among the engines"),
        ({"pandas": ["x"]}, "is not a mapping"),
    ],
)
def test_a_mistake_is_named_with_its_place(change: dict[str, Any], message: str) -> None:
    """Each mistake is one error with the entry's path and a remedy."""
    with pytest.raises(CatalogError) as caught:
        expand_transcoding({"table": {**ENTRY, **change}})
    assert message in str(caught.value)
    assert "catalog: table" in str(caught.value)


def test_an_engine_that_is_also_declared_by_hand_is_refused() -> None:
    """An entry that the expansion would overwrite is an error, whichever comes first."""
    for entries in ({"t": ENTRY, "t@spark": {}}, {"t@spark": {}, "t": ENTRY}):
        with pytest.raises(CatalogError, match="'t@spark' is declared, and 't' expands to"):
            expand_transcoding(entries)


class KedroLoader(TranscodingMixin, OmegaConfigLoader):
    """Kedro's loader with our entries."""


@pytest.mark.parametrize("loader", [LayeredConfigLoader, KedroLoader])
def test_a_loader_expands_and_tells_file_and_line(
    tmp_path: Path, loader: type[LayeredConfigLoader | KedroLoader]
) -> None:
    """Ours, and Kedro's with the mixin, give expanded entries, and errors say where the entry is."""
    (tmp_path / "base").mkdir()
    file = tmp_path / "base" / "catalog.yml"
    file.write_text(
        "a:\n  type: MemoryDataset\nt:\n  transcode: [pandas]\n  format: csv\n  filepath: x.csv\n"
    )
    arguments = {**config_loader_args(), "base_env": "base", "default_run_env": "base"}
    with quiet_kedro():
        assert "t@pandas" in loader(str(tmp_path), **arguments)["catalog"]
        file.write_text(file.read_text().replace("[pandas]", "[panda]"))
        with pytest.raises(CatalogError) as caught:
            _ = loader(str(tmp_path), **arguments)["catalog"]
    assert caught.value.line == 4
    assert str(caught.value.file).endswith("base/catalog.yml")


@given(st.sampled_from(engines()), st.data())
def test_expansion_changes_nothing_it_was_given(engine: str, data: st.DataObject) -> None:
    """The entries given are as before, and expanding the result again changes nothing."""
    file_format = data.draw(st.sampled_from(formats_of(engine)))
    arguments = data.draw(st.dictionaries(st.sampled_from(["load_args", "save_args"]), st.just({"x": 1})))
    entries = {"t": {"transcode": [engine], "format": file_format, "filepath": "p", engine: arguments}}
    before = copy.deepcopy(entries)
    made = expand_transcoding(entries)
    assert entries == before
    assert expand_transcoding(made) == made

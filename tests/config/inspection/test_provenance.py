"""Where values are written: file, line, environment, raw text, and what they override where."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.config import config_loader_args, find_provenance
from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader

if TYPE_CHECKING:
    from tests.config_folder import ConfFolder

# Kedro 1.7 registers its resolvers by what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\):UserWarning:kedro\.config")

FILES = {
    "base/parameters.yml": """
        # what all start from
        model:
          depth: 3
          eta: &eta 0.1  # slow
          features: [a, b]
        copied: ${model}
        other: *eta
        """,
    "base/parameters_more.yml": "more: {text: 'x y'}\n",
    "cloud/parameters.yml": "model:\n\n  depth: 9\n",
    "base/catalog.yml": """
        companies:
          type: pandas.CSVDataset
          filepath: a.csv
        features:
          transcode: [pandas, polars]
          format: csv
          filepath: f.csv
          pandas: {save_args: {index: false}}
        """,
    "cloud/catalog.yml": "companies:\n  type: pandas.ParquetDataset\n",
}


@pytest.fixture(params=["layered", "omegaconf"])
def load(request: pytest.FixtureRequest, conf: ConfFolder) -> Any:
    """Build either loader over the files."""
    return getattr(conf.write(FILES), request.param)


def test_a_value_has_the_file_line_and_text_it_is_written_in(load: Any) -> None:
    """Comments, flow style and several files do not matter."""
    reader = ProvenanceReader(load("local"))
    places = {
        ("model", "depth"): ("conf/base/parameters.yml", 3, "3"),
        ("model", "eta"): ("conf/base/parameters.yml", 4, "&eta 0.1"),
        ("model", "features", 1): ("conf/base/parameters.yml", 5, "b"),
        ("other",): ("conf/base/parameters.yml", 7, "*eta"),
        ("more", "text"): ("conf/base/parameters_more.yml", 1, "'x y'"),
    }
    for keys, expected in places.items():
        found = reader.find("parameters", keys)
        assert found.written is not None
        assert found.is_exact
        assert (found.written.file, found.written.line, found.written.text) == expected
        assert found.written.env == "base"


def test_an_environment_overrides_the_one_below(load: Any) -> None:
    """The place that counts is the topmost; the one below is named as overridden."""
    found = find_provenance(load("cloud"), "parameters", ("model", "depth"))
    assert found.written is not None
    assert (found.written.env, found.written.line, found.written.value) == ("cloud", 3, 9)
    assert [(place.env, place.line, place.value) for place in found.overridden] == [("base", 3, 3)]
    assert not found.merged


def test_merged_mappings_are_all_named(load: Any) -> None:
    """A soft merge leaves both environments' mappings active."""
    found = find_provenance(load("cloud"), "parameters", ("model",))
    assert found.written is not None
    assert (found.written.env, [place.env for place in found.merged]) == ("cloud", ["base"])
    assert not found.overridden


def test_a_destructive_merge_hides_what_the_upper_entry_lacks(load: Any) -> None:
    """A key that only the replaced entry has is written nowhere that counts."""
    loader = load("cloud")
    assert find_provenance(loader, "catalog", ("companies", "filepath")).written is None
    found = find_provenance(loader, "catalog", ("companies", "type"))
    assert str(found.written) == "conf/cloud/catalog.yml:2"
    assert [str(place) for place in found.overridden] == ["conf/base/catalog.yml:2"]


def test_what_an_interpolation_gives_is_written_where_the_interpolation_is(load: Any) -> None:
    """The rest of the key path is not exact."""
    found = find_provenance(load("local"), "parameters", ("copied", "depth"))
    assert found.written is not None
    assert not found.is_exact
    assert (found.written.keys, found.written.line, found.written.text) == (("copied",), 6, "${model}")


def test_parameters_of_the_run_are_on_top(load: Any) -> None:
    """They have no file."""
    found = find_provenance(load("cloud", {"model": {"depth": 1}}), "parameters", ("model", "depth"))
    assert found.written is not None
    assert (found.written.file, found.written.value, str(found.written)) == (None, 1, "--params")
    assert [place.env for place in found.overridden] == ["cloud", "base"]


def test_transcoded_entries_are_written_where_their_declaration_is(load: Any) -> None:
    """The engine's own arguments first, then what all engines share."""
    reader = ProvenanceReader(load("local"))
    lines = {
        ("features@pandas", "save_args", "index"): 8,
        ("features@polars", "filepath"): 7,
        ("features@polars", "type"): 4,
    }
    for keys, line in lines.items():
        assert reader.locate("catalog", keys).line == line


def test_a_place_for_a_finding_is_the_deepest_part_that_is_written(load: Any) -> None:
    """The path stays whole; nothing is made up where no file gives any of it."""
    reader = ProvenanceReader(load("cloud"))
    place = reader.locate("parameters", ("model", "features", 7), env="cloud")
    assert str(place) == "parameters: model.features[7] (conf/base/parameters.yml:5, env cloud)"
    assert reader.locate("parameters", ("absent",)).file is None


def test_a_changed_type_takes_nothing_from_below(conf: ConfFolder) -> None:
    """LayeredConfigLoader's rule for a soft catalog."""
    arguments = config_loader_args(merge_strategy={"catalog": "soft"})
    soft = conf.write(FILES).layered("cloud", **arguments)
    assert find_provenance(soft, "catalog", ("companies", "filepath")).written is None
    kedro = conf.omegaconf("cloud", **arguments)
    assert (
        str(find_provenance(kedro, "catalog", ("companies", "filepath")).written) == "conf/base/catalog.yml:3"
    )


def test_the_old_import_path_works_and_names_the_new_one() -> None:
    """``kedro_matrix_ext.config.provenance`` is deprecated; importing it alone does not warn."""
    old = importlib.import_module("kedro_matrix_ext.config.provenance")
    with pytest.warns(DeprecationWarning, match=r"0\.3\.0: import find_provenance from"):
        assert old.find_provenance is find_provenance
    assert not hasattr(old, "Definition")

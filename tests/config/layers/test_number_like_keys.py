"""No value is lost where keys look like numbers, whatever they are in and however they are written."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.config_folder import ConfFolder

from kedro_matrix_ext import config_loader_args
from kedro_matrix_ext.config.layers.key_rules import refuses_equal_keys

NUMBERS = ["1", "-1", "0", "10", "16", "90", "1000", "2024"]
DECIMALS = ["1.0", "1.1", "1.10", "-0.5", "1e3", "2024.0", "1000.0", ".5"]
OTHERS = ["01", "017", "1:30", "0x10", "1_0", "+1", "-0", "true", "True", "on", "no", "off", "yes", "x", "1a"]
WRITTEN = [*NUMBERS, *DECIMALS, *OTHERS, *(f"'{text}'" for text in (*NUMBERS, *DECIMALS, *OTHERS))]


def read(written: str) -> Any:
    """The key that YAML gives, by PyYAML with OmegaConf's floats."""
    value = yaml.safe_load(written)
    return float(value) if value == "1e3" and "'" not in written else value


def is_same(first: Any, second: Any) -> bool:
    """Whether two keys are one: equal to Python, or a number and the text that Python writes for it."""
    if isinstance(first, str) == isinstance(second, str):
        return bool(first == second)
    text, number = (first, second) if isinstance(first, str) else (second, first)
    return text in {str(number), str(number).lower()} and not (isinstance(number, float) and text == "1e3")


def collides(keys: list[Any]) -> bool:
    """Whether two keys of a mapping are equal to Python, which is an error of ours."""
    return len(set(keys)) < len(keys)


mappings = st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=3, unique=True).filter(
    lambda written: not collides(list(map(read, written)))
)


def write(conf: ConfFolder, files: dict[str, list[str]], *, top: bool) -> list[tuple[int, Any, int]]:
    """Write each key with a separate value; return the file's number, key and value of each."""
    given, count = [], 0
    for number, (name, keys) in enumerate(files.items()):
        lines = []
        for key in keys:
            count += 1
            lines.append(f"{key}: {count}")
            given.append((number, read(key), count))
        conf.write({name: "\n".join(lines) if top else f"m: {{{', '.join(lines)}}}\n"})
    return given


def load(conf: ConfFolder, loader: Any, *, top: bool) -> Any:
    """What a loader gives for the mapping, or its error."""
    try:
        parameters = loader("cloud", merge_strategy={"parameters": "soft"})["parameters"]
    except Exception as error:  # noqa: BLE001  any failure is an outcome
        return error
    return parameters if top else parameters["m"]


@settings(max_examples=250, deadline=None)
@given(base=mappings, cloud=mappings, second=mappings | st.none(), top=st.booleans())
def test_no_value_of_any_layer_is_lost(
    base: list[str], cloud: list[str], second: list[str] | None, *, top: bool
) -> None:
    """A value is there unless a later file gives its key; two files of one environment cannot."""
    files = {"base/parameters_a.yml": base}
    if second:
        files["base/parameters_b.yml"] = second
    files["cloud/parameters.yml"] = cloud
    with tempfile.TemporaryDirectory() as folder:
        conf = ConfFolder(Path(folder), config_loader_args())
        given = write(conf, files, top=top)
        ours, theirs = load(conf, conf.layered, top=top), load(conf, conf.omegaconf, top=top)
    one_mapping = any(
        first[0] == other[0] and first[2] < other[2] and is_same(first[1], other[1])
        for first in given
        for other in given
    )
    two_files = any(
        first[0] == 0 and other[0] == 1 and is_same(first[1], other[1])
        for first in given
        for other in given
        if second
    )
    if isinstance(ours, Exception):
        assert isinstance(ours, ValueError), ours
        assert two_files or (one_mapping and refuses_equal_keys()), (given, ours, theirs)
        return
    assert not two_files, (given, ours)
    keys = [key for _, key, _ in given]
    clear = not one_mapping and all(
        is_same(a, c) for a in keys for b in keys for c in keys if is_same(a, b) and is_same(b, c)
    )  # unlike '1', 1 and true
    for file, key, value in given:
        later = [other for number, other, _ in given if number > file and is_same(key, other)]
        if clear or not later:
            assert (value in ours.values()) is not bool(later), (given, ours)
    if isinstance(theirs, dict):
        overridden = [value for value in theirs.values() if value not in ours.values()]
        assert len(overridden) == len(theirs) - len(ours), (given, ours, theirs)


@settings(max_examples=150, deadline=None)
@given(keys=mappings, top=st.booleans())
def test_one_mapping_is_loaded_as_kedro_loads_it(keys: list[str], *, top: bool) -> None:
    """Two keys that only look alike are both there, or both loaders refuse them."""
    with tempfile.TemporaryDirectory() as folder:
        conf = ConfFolder(Path(folder), config_loader_args())
        write(conf, {"base/parameters.yml": keys}, top=top)
        conf.write({"cloud/catalog.yml": ""})
        ours, theirs = load(conf, conf.layered, top=top), load(conf, conf.omegaconf, top=top)
    if isinstance(theirs, Exception):
        assert isinstance(ours, type(theirs)), (theirs, ours)
    else:
        assert repr(ours) == repr(theirs)

"""Merge keys (`<<`) give what OmegaConf gives, whichever PyYAML is installed."""

from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from kedro_matrix_ext.config.layers.key_rules import refuses_equal_keys
from kedro_matrix_ext.config.layers.line_numbers import find_position
from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping
from kedro_matrix_ext.errors import ConfigurationError

# Keys of several characters, since PyYAML 6.0.4 compares the identity of texts, and one character is shared.
KEYS = ["key", "other", "third", "2024", "1.5"]
ALIKE = [*KEYS, "'2024'"]  # OmegaConf 2.4 refuses the number and the text in one mapping


@st.composite
def merging_texts(draw: Any, keys: list[str]) -> tuple[str, dict[str, dict[str, int]]]:
    """Draw a text with anchored mappings that later ones merge, and what each gives by YAML's rules."""
    lines: list[str] = []
    names: list[str] = []
    expected: dict[str, dict[str, int]] = {}
    for number in range(draw(st.integers(1, 5))):
        name = f"m{number}"
        lines.append(f"{name}: &{name}")
        value: dict[str, int] = {}
        merges = (
            draw(st.lists(st.lists(st.sampled_from(names), min_size=1, max_size=3), max_size=2))
            if names
            else []
        )
        own = draw(st.lists(st.sampled_from(keys), max_size=3, unique=True))
        body = [f"  {key}: {number * 10 + place}" for place, key in enumerate(own)]
        for merge in merges:
            single = len(merge) == 1 and draw(st.booleans())
            listed = ", ".join(f"*{each}" for each in merge)
            body.insert(
                draw(st.integers(0, len(body))), f"  <<: {f'*{merge[0]}' if single else f'[{listed}]'}"
            )
        for line in body:
            if line.startswith("  <<:"):
                for each in reversed(line.partition(":")[2].strip(" []").replace("*", "").split(", ")):
                    value |= expected[each]
        value |= {key: number * 10 + place for place, key in enumerate(own)}
        lines += body or ["  {}"]
        expected[name] = value
        names.append(name)
    return "\n".join(lines) + "\n", expected


@settings(max_examples=200, deadline=None)
@given(merging_texts(KEYS if refuses_equal_keys() else ALIKE))
def test_the_first_of_a_list_and_the_last_merge_key_count_most(drawn: tuple[str, Any]) -> None:
    """As by YAML's rules, and as OmegaConf reads it; the place of each value is the place that won."""
    text, expected = drawn
    ours = parse_mapping(text, "f.yml")
    for name, values in expected.items():
        read = {yaml.safe_load(key): value for key, value in values.items()}
        assert ours[name] == read
        for key, value in read.items():
            place = find_position(text, [name, key])
            assert place is not None
            assert text[place.start : place.end] == str(value)


@settings(max_examples=100, deadline=None)
@given(merging_texts(KEYS))
def test_merge_keys_are_read_as_omegaconf_reads_them(drawn: tuple[str, Any]) -> None:
    """With OmegaConf 2.4, which reads them itself, or with PyYAML up to 6.0.3 under 2.3."""
    if not _reads_by_the_rules():
        pytest.skip("this PyYAML under this OmegaConf lets the last mapping of a list count most")
    text, _ = drawn
    try:
        theirs = OmegaConf.to_container(OmegaConf.load(io.StringIO(text)))
    except yaml.YAMLError:  # OmegaConf 2.3 finds keys twice that it has merged itself
        return
    assert parse_mapping(text, "f.yml") == theirs


def _reads_by_the_rules() -> bool:
    text = "aa: &aa {key: 1}\nbb: &bb {key: 2}\ncc: {<<: [*aa, *bb]}\n"
    return bool(OmegaConf.select(OmegaConf.load(io.StringIO(text)), "cc.key") == 1)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("x: &x {key: 1}\ny: &y {key: 2}\nz: {<<: [*x, *y]}\n", "z", {"key": 1}),
        ("x: &x {key: 1}\ny: &y {key: 2}\nz: {<<: *x, <<: *y}\n", "z", {"key": 2}),
        ("x: &x {key: 1}\ny: &y {key: 2}\nz: {key: 3, <<: *x, <<: *y}\n", "z", {"key": 3}),
        ("x: &x {key: 1}\nz: &z {<<: *x, key: 3}\nw: *z\nv: {<<: *z}\n", "w", {"key": 3}),
        ("x: &x {2024: 1}\nz: {<<: *x, 2024: 3}\n", "z", {2024: 3}),
        ("z: {<<: &x {<<: {key: 1}, key: 2}}\nw: *x\n", "w", {"key": 2}),
    ],
)
def test_merged_mappings(text: str, key: str, value: Any) -> None:
    """Own keys count most, wherever `<<` is; an alias of a mapping that merges gives the same again."""
    assert parse_mapping(text, "f.yml")[key] == value


@pytest.mark.parametrize("value", ["1", "[1]", "text", "[[{a: 1}]]"])
def test_merging_what_is_not_a_mapping_is_an_error(value: str) -> None:
    """The error is at the line of the value."""
    with pytest.raises(ConfigurationError, match="merges mappings") as caught:
        parse_mapping(f"a: 1\nb:\n  <<: {value}\n", "f.yml")
    assert caught.value.line == 3

from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from kedro_matrix_ext.config.layers.line_numbers import find_line
from kedro_matrix_ext.config.layers.yaml_nodes import find_lost_text
from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping
from kedro_matrix_ext.errors import ConfigurationError

SCALARS = [
    "1e3",
    "1E+3",
    "1.5e3",
    ".5",
    "5.",
    "-.5",
    "+1",
    "-0",
    "0",
    "007",
    "0o17",
    "0x1F",
    "0b11",
    "1_000",
    "1_0.5",
    "12:30",
    "12:30.5",
    ".inf",
    "-.INF",
    ".nan",
    "1.2.3",
    "yes",
    "No",
    "on",
    "OFF",
    "true",
    "TRUE",
    "y",
    "n",
    "null",
    "~",
    "NULL",
    "Null",
    "2024-01-01",
    "2024-01-01T10:00:00",
    "abc",
    "1e",
    "1e+",
    "e3",
    "-",
]


def load_by_omegaconf(text: str) -> Any:
    """Read a file's text as Kedro does."""
    return OmegaConf.to_container(OmegaConf.load(io.StringIO(text)))


@pytest.mark.parametrize(
    "text",
    [f"a: {scalar}\n{scalar}: b\n" for scalar in SCALARS if scalar not in {"null", "~", "NULL", "Null", "-"}]
    + [
        "",
        "# only a comment\n",
        "null\n",
        "{}\n",
        '{"a": [1, 2.5, "x"], "b": {"c": null}}',
        "a: 'it''s'\nb: \"tab\\t\"\nc: |\n  text\n  more\nd: >\n  folded\n  text\n",
        "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc:\n  <<: [*x, {q: 4, r: 5}]\n  p: 0\n",
        "a: !!str 1\nb: !!int '2'\nc: !!float 3\nd: !!binary aGk=\n",
        "2: a\n1.5: b\ntrue: c\n",
        "a: *b\n".replace("*b", "&b [1]\nc: *b"),
        "\ufeffa: 1\n",
        "=: 1\n",
    ],
)
def test_values_are_what_omegaconf_reads(text: str) -> None:
    """Numbers, truth values, dates, quotes, blocks, merge keys and tags are read alike."""
    ours, theirs = parse_mapping(text, "f.yml"), load_by_omegaconf(text)
    assert repr(ours) == repr(theirs) or ours == theirs


@settings(max_examples=150, deadline=None)
@given(st.text("0123456789.eE+-_:xabnift~", min_size=1, max_size=7))
def test_any_plain_scalar_is_what_omegaconf_reads(scalar: str) -> None:
    """Whatever a plain scalar looks like, both give it the same value and type, or both refuse it."""
    text = f"a: {scalar}\n"
    try:
        theirs = load_by_omegaconf(text)
    except (yaml.YAMLError, ValueError):
        with pytest.raises((ConfigurationError, ValueError)):
            parse_mapping(text, "f.yml")
        return
    assert repr(parse_mapping(text, "f.yml")) == repr(theirs)


def test_paths_are_read_from_their_tag() -> None:
    """OmegaConf's tag for paths gives a path."""
    assert str(parse_mapping("a: !!python/object/apply:pathlib.Path [x, y]\n", "f.yml")["a"]) == "x/y"


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["a"], 1),
        (["a", "b"], 2),
        (["a", "b", 1], 4),
        (["a", "b", 1, "c"], 4),
        (["a", "x"], 1),
        (["x"], None),
        (["a", "b", 9], 2),
        ([1], 5),
    ],
)
def test_lines_are_found_by_key_path(keys: list[Any], line: int | None) -> None:
    """The line of the deepest key there is."""
    assert find_line("a:\n  b:\n    - 1\n    - c: 2\n1: x\n", keys) == line


def test_a_file_nested_too_deeply_is_an_error() -> None:
    """Depth beyond the interpreter's is reported, not a crash."""
    with pytest.raises(ConfigurationError, match="nested too deeply"):
        parse_mapping("a: " + "[" * 2000 + "]" * 2000, "f.yml")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("a:\n\tb: 1\n", "There is a tab"),
        ("a: 1\n\tb: 2\n", "There is a tab"),
        ("a: [${b}, c]\n", "'${b}', in quotes"),
        ("a: {x: ${b.c}/d}\n", "'${b.c}/d', in quotes"),
        ("a: [${oc.env:X, 1}]\n", "'${oc.env:X, 1}', in quotes"),
        ("a: [1, ${m:${b}}]\n", "'${m:${b}}', in quotes"),
        ("a: [\n  ${b},\n  2]\n", "'${b}', in quotes"),
        ("a: [x-${b} and ${c}/d, e]\n", "'x-${b} and ${c}/d', in quotes"),
        ("a: {x: 1, y: pre/${b}/c}\n", "'pre/${b}/c', in quotes"),
        ("a: {x: ${m:${b},{c: {d: 1}}}}\n", "'${m:${b},{c: {d: 1}}}', in quotes"),
        ("a: b: c\n", "'b: c'"),
        ("a: *.csv\n", "'*.csv'"),
        ("- *\n", "'*'"),
        ("{ns}.x: {type: a}\n", "'\"{namespace}.table\":'"),
        ("a: @b\n", "'@b'"),
        ("a: `it's`\n", "'`it''s`'"),
        ('a: "C:\\path"\n', "'C:\\path'"),
    ],
)
def test_an_error_of_yaml_says_what_to_do(text: str, remedy: str) -> None:
    """About a tab, an interpolation in brackets, and text that needs quotes, as it is written."""
    with pytest.raises(ConfigurationError) as raised:
        parse_mapping(text, "parameters.yml")
    assert remedy in str(raised.value.hint)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("m: ${merge:${a},{b: 2}}\n", "${merge:${a},{b: 2}}"),
        ("m: ${merge:${a},{b: 2}} # why\n", "${merge:${a},{b: 2}}"),
        ("m: x/${merge:${a},{b: {c: 2}}}/y: z\n", "x/${merge:${a},{b: {c: 2}}}/y: z"),
        ("'a: b': &x ${merge:${a},{b: it's}}\n", "${merge:${a},{b: it's}}"),
        ("m:\n  - n: ${m:{b: 2}}\n", "${m:{b: 2}}"),
        ("m:\n  - x: 1\n    n: ${m:{b: 2}}\n", "${m:{b: 2}}"),
        ("m: ${if_null: ${a}, b: c}\n", "${if_null: ${a}, b: c}"),
        ("m: ${merge:\n    ${a},  # why\n    {b: 2}}\nn: 1\n", "${merge: ${a}, {b: 2}}"),
        ("m: ${merge:${a},\n  {b: 2}}\n", "${merge:${a}, {b: 2}}"),
        ("m: ${merge:${a},{b: 2}\nn: 1\n", "${merge:${a},{b: 2}"),
        ('m: "${m:${a},{"b": 2}}"\n', '${m:${a},{"b": 2}}'),
        ("m: '${m:${a},{'b': 2}}'\n", "${m:${a},{'b': 2}}"),
    ],
)
def test_a_value_with_an_interpolation_is_shown_whole_in_quotes(text: str, value: str) -> None:
    """And what is shown is read as the text that was meant."""
    with pytest.raises(ConfigurationError) as raised:
        parse_mapping(text, "parameters.yml")
    hint = str(raised.value.hint)
    shown = hint.partition(": write ")[2].removesuffix(", in quotes.")
    assert parse_mapping(f"m: {shown}\n", "parameters.yml") == {"m": value}


@pytest.mark.parametrize(
    "text",
    [
        "m: ${merge:${a},{password: hunter22}}\n",
        "m: [${merge:${a},{'password': hunter22}}]\n",
        "m: ${merge:${a},\n  {password: hunter22}}\n",
        "password: ${merge:${a},\n  {b: hunter22}}\n",
    ],
)
def test_a_value_that_may_have_a_secret_is_not_shown(text: str) -> None:
    """The advice is the same."""
    with pytest.raises(ConfigurationError) as raised:
        parse_mapping(text, "parameters.yml")
    assert "hunter22" not in str(raised.value)
    assert "quotes" in str(raised.value.hint)


@pytest.mark.parametrize(
    "text", ["- a\nb: 1\n", "a: &\n", "a: 1\nb: [1\n", "a: 'it's'\n", "a: !x y\n", "a: {b: c: d}\n"]
)
def test_an_error_without_a_known_remedy_has_none(text: str) -> None:
    """YAML's words are all there is."""
    with pytest.raises(ConfigurationError) as raised:
        parse_mapping(text, "parameters.yml")
    assert "quotes" not in str(raised.value.hint)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no: 1\nx: {On: 2}\n", [(1, "no"), (2, "On")]),
        ("mode: 0755\nat: [22:30, '22:30']\n", [(1, "0755"), (2, "22:30")]),
        ("commit: 12e4567\nlist: [01, 02]\n", [(1, "12e4567"), (2, "01"), (2, "02")]),
        ("a: &x 010\nb: *x\n", [(1, "010")]),
        ("a: 0.10\nb: 1e3\nc: 10\nd: no\ne: '0755'\n'no': 08\nat: 2024-01-01\nf: 0\ng: 1.5e-3\n", []),
        ("image: shop:22\nt: 00:99\n", []),
        ("", []),
        ("a: ' 0755'\n# no: 1\n", []),
    ],
)
def test_text_that_yaml_reads_otherwise_is_found(text: str, found: list[tuple[int, str]]) -> None:
    """Booleans as keys, and numbers whose value does not show how they were written."""
    assert sorted((line, written) for line, written, _ in find_lost_text(text)) == sorted(found)

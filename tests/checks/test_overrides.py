"""Overrides without effect: what is stale, what is redundant, and what only looks so."""

from __future__ import annotations

from functools import reduce
from itertools import takewhile
from operator import getitem
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedro_matrix_ext.checks.overrides import KnownUses, check_overrides
from kedro_matrix_ext.config.layers.merging import merge_layers
from kedro_matrix_ext.config.layers.raw_config import RawConfiguration, RawLayer
from kedro_matrix_ext.config.layers.sources import SourceFile
from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping

if TYPE_CHECKING:
    from kedro_matrix_ext.findings import Finding


def _found(
    config_type: str, lower: dict[str, Any], upper: dict[str, Any], readers: KnownUses, **options: Any
) -> dict[str, str]:
    layers = (RawLayer("base", (), lower), RawLayer("cloud", (), upper))
    raw = RawConfiguration(config_type, layers, {})
    found = check_overrides(raw, readers, **{"strategy": "soft", **options})
    return {str(each.location.config_path).partition(": ")[2]: each.code for each in found}


KNOWN = KnownUses(parameters=frozenset(), entries=frozenset())
MERGED = KnownUses(words=frozenset({"o"}), parameters=frozenset())


@pytest.mark.parametrize(
    ("lower", "upper", "readers", "found"),
    [
        ({"m": {"depth": 1}}, {"m": {"max_depth": 2}}, KNOWN, {"m.max_depth": "stale-override"}),
        ({"a": 1}, {"b": 2}, KNOWN, {"b": "stale-override"}),
        ({"a": 1}, {"b": 2}, KnownUses(), {}),
        ({"m": {"depth": 1}}, {"m": {"max_depth": 2}}, KnownUses(), {}),
        ({"m": {"depth": 1}}, {"m": {"max_depth": 2}}, KnownUses(parameters=frozenset({"m"})), {}),
        ({"m": {"n": {"a": 1}}}, {"m": {"n": {"b": 2}}}, KnownUses(parameters=frozenset({"m"})), {}),
        ({"m": {"a": 1}}, {"m": {"b": 2}}, KnownUses(parameters=frozenset({"parameters"})), {}),
        (
            {"m": {"a": 1}},
            {"m": {"b": 2}},
            KnownUses(parameters=frozenset({"mm", "m.a"})),
            {"m.b": "stale-override"},
        ),
        ({"_m": {"a": 1}, "n": {"_o": 1}}, {"_m": {"a": 1, "b": 2}, "n": {"_o": 1, "_p": 2}}, KNOWN, {}),
        ({"a": 1}, {"b": {"c": 2}}, KnownUses(parameters=frozenset({"b.c"})), {}),
        ({"a": 1}, {"b": 2}, KnownUses(parameters=frozenset({"parameters"})), {}),
        ({"a": 1}, {"_b": 2}, KnownUses(words=frozenset({"_b"}), parameters=frozenset()), {}),
        ({"o": {"x": 1}, "d": {"y": 1}}, {"o": {"y": 2}}, MERGED, {}),
        (
            {"o": {"x": 1}, "d": {"y": 1}},
            {"o": {"z": 2}},
            KnownUses(frozenset({"o"}), frozenset()),
            {"o.z": "stale-override"},
        ),
        ({"m": {"object": "a.B"}}, {"m": {"n_jobs": 2}}, KNOWN, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, KNOWN, {"a.b": "redundant-override"}),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, KNOWN, {"a": "redundant-override"}),
        ({"a": "${b}", "b": 1}, {"a": "${b}"}, KNOWN, {"a": "redundant-override"}),
        ({"a": 1}, {"a": True}, KNOWN, {}),
    ],
)
def test_parameters(lower: Any, upper: Any, readers: KnownUses, found: dict[str, str]) -> None:
    """What nothing below has and nothing reads is stale; what says the same is redundant."""
    assert _found("parameters", lower, upper, readers) == found


def test_a_replaced_block_repeats_only_as_a_whole() -> None:
    """Merged destructively, a key next to a changed one has to be repeated."""
    lower, upper = {"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}
    assert _found("parameters", lower, upper, KNOWN, strategy="destructive") == {}


def test_an_environment_resolved_alone_repeats_what_it_refers_to() -> None:
    """Kedro's own loader knows in an environment nothing of base."""
    lower = {"bucket": "b", "raw": "${bucket}/raw", "day": 1}
    upper = {"bucket": "b", "raw": "${bucket}/raw", "day": 1}
    assert _found("globals", lower, upper, KNOWN, per_environment=True) == {"day": "redundant-override"}


def test_catalog_entries_are_stale_where_no_dataset_gets_them() -> None:
    """Entries and patterns that pipelines use are additions, a `transcode:` entry by its engines."""
    upper: dict[str, Any] = {"old": {}, "{n}.old": {}, "{n}.new": {}, "table": {}}
    readers = KnownUses(parameters=frozenset(), entries=frozenset({"{n}.new", "table@pandas"}))
    assert _found("catalog", {"cars": {}}, upper, readers) == {
        "old": "stale-override",
        "['{n}.old']": "stale-override",
    }


def _of_text(lower: str, upper: str, readers: KnownUses = KNOWN) -> list[Finding]:
    layers = []
    for env, text in (("base", lower), ("cloud", upper)):
        data = parse_mapping(text, f"{env}.yml")
        layers.append(RawLayer(env, (SourceFile(env, f"{env}.yml", text, data),), data))
    return list(check_overrides(RawConfiguration("parameters", tuple(layers), {}), readers, strategy="soft"))


@pytest.mark.parametrize(
    ("lower", "upper", "removable"),
    [
        ("a: 1", "defaults: &d {x: 1}\na: {<<: *d}", []),
        ("a: {x: 1}", "b: &d {x: 1}\na: *d", ["a"]),
        ("a: {x: 1, y: 2, z: 3}", "_d: &d {x: 1}\na: {<<: *d, y: 2}", ["a.y"]),
        ("a: {x: 1}", "a:\n  x: &one 1\n  y: *one\n", ["a.y"]),
        ("l: [1]", "l: [&one 1]\nm: *one\n", ["m"]),
        ("a: {x: 1}", "a: &d\n  x: 1\n  b: 2\nc: {<<: *d}\n", ["c"]),
    ],
)
def test_what_aliases_need_or_bring_is_left(lower: str, upper: str, removable: list[str]) -> None:
    """An anchor cannot be removed, nor what `<<` brings; an alias can."""
    found = [str(each.location.config_path).partition(": ")[2] for each in _of_text(lower, upper)]
    assert found == removable


@pytest.mark.parametrize(
    ("upper", "fixes"),
    [
        ("m:\n  x: 1\n", ["Remove it, and 'm' if nothing is left in it."]),
        ("m:\n  x: 1\n  y: 3\n", ["Remove it."]),
        ("m:\n  n:\n    o: 1\n", ["Remove it, and 'm' if nothing is left in it."]),
        ("m:\n  x: 1\n  n: {o: 1, p: 2}\n", ["Remove it.", "Remove it."]),
    ],
)
def test_a_mapping_that_would_be_left_empty_goes_too(upper: str, fixes: list[str]) -> None:
    """Left empty it would be null, which overrides the mapping below."""
    lower = "m: {x: 1, y: 2, z: 3, n: {o: 1, q: 2}}"
    found = _of_text(lower, upper, KnownUses(parameters=frozenset({"m"})))
    assert [each.fix for each in found] == fixes


_BEFORE = ["_one: &a0 1", "_part: &m0 {a: 1, b: 2}"]
_SCALARS = st.tuples(st.sampled_from(["", "&a"]), st.sampled_from(["1", "2", "*a", "*m"]))
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.tuples(
        st.sampled_from(["", "&m"]),
        st.dictionaries(st.sampled_from(["a", "b", "d"]), inner, min_size=1),
        st.sampled_from(["", "<<"]),
    ),
    max_leaves=12,
)
_FILES = st.dictionaries(st.sampled_from(["a", "b", "c", "_d"]), _TREES, min_size=1)


def _written(tree: dict[str, Any]) -> list[str]:
    """Write a tree as YAML in block style, with anchors that are numbered and aliases of the last ones."""
    last = {"a": 0, "m": 0}
    lines = [*_BEFORE]

    def write(tree: dict[str, Any], indent: str) -> None:
        for key, (anchor, value, *merge) in tree.items():
            named = f"&a{last['a'] + 1} " if anchor == "&a" else ""
            if isinstance(value, dict):
                number = len(lines)
                lines.append(f"{indent}{key}:{f' &m{number}' if anchor else ''}")
                lines.extend([f"{indent}  <<: *m{last['m']}"] if merge[0] else [])
                write(value, f"{indent}  ")
                last["m"] = number if anchor else last["m"]
            elif value.startswith("*"):
                lines.append(f"{indent}{key}: {value}{last[value[1]]}")
            else:
                lines.append(f"{indent}{key}: {named}{value}")
                last["a"] += bool(named)

    write(tree, "")
    return lines


def _without(lines: list[str], line: int) -> tuple[list[str], bool]:
    """Take out the key of a line, and mappings that it leaves empty; say whether there were."""
    at, depth = line - 1, _depth(lines[line - 1])
    inside = sum(1 for _ in takewhile(lambda text: _depth(text) > depth, lines[line:]))
    left, emptied = lines[:at] + lines[line + inside :], False
    while depth and _depth(left[at - 1]) < depth and (at == len(left) or _depth(left[at]) < depth):
        at, depth, emptied = at - 1, depth - 2, True
        del left[at]
    return left, emptied


def _merged(below: list[str], above: list[str]) -> dict[str, Any]:
    lower, upper = (parse_mapping("\n".join(lines), "a.yml") for lines in (below, above))
    return merge_layers(lower, upper, strategy="soft", config_type="parameters")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


@given(lower=_FILES, upper=_FILES)
def test_following_the_advice_breaks_nothing(lower: dict[str, Any], upper: dict[str, Any]) -> None:
    """A key that is reported can be taken out: the file loads, and only what is stale is gone."""
    below, above = _written(lower), _written(upper)
    before = _merged(below, above)
    for each in _of_text("\n".join(below), "\n".join(above)):
        assert each.location.line is not None
        left, emptied = _without(above, each.location.line)
        after, expected = _merged(below, left), before
        if each.code == "stale-override":
            expected = _merged(below, above)
            *parents, key = str(each.location.config_path).partition(": ")[2].split(".")
            del reduce(getitem, parents, expected)[key]
        assert emptied <= ("nothing is left" in str(each.fix))
        assert after == expected

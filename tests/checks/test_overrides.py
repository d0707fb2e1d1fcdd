"""Overrides without effect: what is stale, what is redundant, and what only looks so."""

from __future__ import annotations

from typing import Any

import pytest

from kedro_matrix_ext.checks.overrides import KnownUses, check_overrides
from kedro_matrix_ext.config.layers.raw_config import RawConfiguration, RawLayer


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

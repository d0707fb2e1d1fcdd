"""Text in a manifest is read back by Argo as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kedro_matrix_ext.argo import dump_manifest

if TYPE_CHECKING:
    from tests.argo.real.validator import ArgoValidator

# What one reader of YAML or another takes for a boolean, a number, a date, null or a merge.
AMBIGUOUS = [
    *("y", "n", "Y", "N", "yes", "No", "ON", "off", "true", "False", "null", "~", "", "none", "=", "<<"),
    *("1e3", "1e-3", "1E+3", "0X1F", "0x1f", "0o17", "017", "08", "0b11", "0B11", "1_000", "-0", "+1", "-1"),
    *(
        ".5",
        "-.5",
        "+.5e3",
        "1.",
        ".inf",
        "-.INF",
        ".nan",
        "NaN",
        "inf",
        "1:30",
        "190:20:30",
        "1.10",
        "1e400",
    ),
    *("2026-01-01", "2026-01-01T00:00:00Z", "- a", "a: b", "a #b", "?", "*a", "&a", "!a", "%a", "@a", "`a"),
    *(
        "a\nb",
        "a\nb\n",
        "\na",
        " a\nb",
        "a \nb",
        "a\tb",
        "\ta\nb",
        "a\r\nb",
        "a\x85b",
        "a\u2028b",
        "\ufeffa",
        "---",
        "...",
    ),
]
NUMERIC = st.from_regex(r"\A[-+]?[0-9._:]{0,4}[xXoObBeE]?[-+]?[0-9A-Fa-f_.:]{0,4}\Z")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.sampled_from(AMBIGUOUS), NUMERIC, TEXT))
def test_any_text_is_read_back_as_text(argo: list[ArgoValidator], text: str) -> None:
    """As a value, in a list and as a key; by Argo's reader and by PyYAML."""
    manifest = {"value": text, "list": [text], "mapping": {text: text}}
    written = dump_manifest(manifest)
    assert yaml.safe_load(written) == manifest
    for validator in argo:
        assert validator.read(written) == manifest


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_ambiguous_text_is_read_back_as_text(argo: list[ArgoValidator], text: str) -> None:
    """Each of the texts that readers of YAML disagree on."""
    for validator in argo:
        assert validator.read(dump_manifest({"value": text})) == {"value": text}

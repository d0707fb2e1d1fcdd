"""A placeholder for a value that only a pod has never leaves the command: the last net before a manifest."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.argo.written_plan import example_plan

from kedro_matrix_ext.argo.configuration import parse_argo_config
from kedro_matrix_ext.argo.manifest.options import ManifestOptions
from kedro_matrix_ext.cli.argo.plan_and_check import make_manifest
from kedro_matrix_ext.cli.argo.pod_values import PodValues
from kedro_matrix_ext.errors import ConfigurationError
from kedro_matrix_ext.findings import Location
from kedro_matrix_ext.resolvers.placeholders import Placeholders

POD = PodValues(Placeholders(("TOKEN", "OTHER")))
TEXT = st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)


@st.composite
def planted(draw: st.DrawFn) -> tuple[Any, str]:
    """Draw plain data with one placeholder somewhere in it: as a value, a key, or a part of either."""
    variable = draw(st.sampled_from(POD.placeholders.variables))
    text = draw(TEXT) + POD.placeholders.of(variable) + draw(TEXT)
    data = draw(st.sampled_from([text, {text: draw(DATA)}]))
    for _ in range(draw(st.integers(0, 4))):
        around = draw(st.lists(DATA, max_size=2))
        inside = st.sampled_from([[*around, data], {"k": data, "z": around}, [data, *around]])
        data = draw(inside)
    return data, variable


@given(planted())
def test_data_with_a_placeholder_is_refused(drawn: tuple[Any, str]) -> None:
    """At any depth; the error names the variable, and shows no placeholder."""
    data, variable = drawn
    with pytest.raises(ConfigurationError, match=variable) as in_manifest:
        POD.refuse(data, "the manifest")
    with pytest.raises(ConfigurationError, match=rf"argo\.yml:3\): .*{variable}") as in_argo:
        POD.refuse_in_argo(data, lambda _: Location(file="argo.yml", line=3))
    assert not POD.placeholders.find([str(in_manifest.value), str(in_argo.value)])
    assert not POD.placeholders.find(POD.placeholders.conceal(data))


@given(DATA)
def test_other_data_is_not(data: Any) -> None:
    """Data without a placeholder is not refused."""
    POD.refuse(data, "the manifest")
    POD.refuse_in_argo(data, lambda _: Location())


@pytest.mark.parametrize("where", ["label", "parameter", "image", "nothing"])
def test_no_manifest_contains_one(where: str) -> None:
    """Whatever brings it there: a label, ``--params``, an image."""
    text = f"a{POD.placeholders.of('TOKEN')}" if where != "nothing" else "a"
    config = parse_argo_config(
        {
            "deployment": {"image": "shop:1"},
            "machine_types": {"default": {"cpu": 1, "mem": 2}},
            "template": {"templates": [{"name": "t", "container": {"command": ["run"]}}]},
        }
    )
    options = ManifestOptions()
    if where == "label":
        options = replace(options, labels={"team": text})
    elif where == "parameter":
        options = replace(options, params={"nested": [{"x": text}]})
    else:
        options = replace(options, image=f"shop:{text}")
    project = cast("Any", SimpleNamespace(config=config, pod=POD))
    if where == "nothing":
        assert make_manifest(example_plan(), project, options)["kind"] == "Workflow"
        return
    with pytest.raises(ConfigurationError, match="'TOKEN'"):
        make_manifest(example_plan(), project, options)

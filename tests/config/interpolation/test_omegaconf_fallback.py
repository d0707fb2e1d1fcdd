from __future__ import annotations

from typing import Any

import pytest

from kedro_matrix_ext.errors import InterpolationError


def test_texts_outside_our_grammar_see_the_same_values(conf: Any) -> None:
    """OmegaConf resolves what is not ours, with references into what is."""
    conf.write(
        {
            "base/parameters.yml": """
                a: {x: 1, y: '${.x}'}
                merged: '${merge:${a},{z: 2}}'
                inside: ${oc.select:merged.z}
                whole: ${oc.create:${merged}}
                names: ${oc.dict.keys:a}
                escaped: '\\${a} ${a.x}'
                listed: ['\\${x}', '${oc.select:a.y}']
                printed: 'x ${a}'
            """
        }
    )
    parameters = conf.layered()["parameters"]
    assert parameters["merged"] == parameters["whole"] == {"x": 1, "y": 1, "z": 2}
    assert (parameters["inside"], parameters["names"]) == (2, ["x", "y"])
    assert (parameters["escaped"], parameters["listed"]) == ("${a} 1", ["${x}", 1])
    theirs = conf.omegaconf()["parameters"]
    assert theirs["inside"] is None  # Kedro's loader does not look into what a resolver gives
    assert parameters["printed"] == "x {'x': 1, 'y': 1}"  # Kedro's loader prints '${.x}'
    assert theirs | {"inside": 2, "printed": parameters["printed"]} == parameters


def test_texts_in_layers_that_are_merged_late(conf: Any) -> None:
    """OmegaConf resolves texts over, under and inside an interpolation that a mapping is merged over."""
    conf.write(
        {
            "base/parameters.yml": """
                a: {x: 1, '0': zero}
                over: ${a}
                under: ${oc.select:a}
                list: [{b: 1}]
            """,
            "cloud/parameters.yml": """
                over: {esc: '\\${x}', deep: ['\\${y}']}
                under: {more: 2}
            """,
        }
    )
    parameters = conf.layered("cloud")["parameters"]
    assert parameters["over"] == {"x": 1, "0": "zero", "esc": "${x}", "deep": ["${y}"]}
    assert parameters["under"] == {"x": 1, "0": "zero", "more": 2}


def test_final_text_is_not_interpolated_again(conf: Any) -> None:
    """A text that an escape gave stays as it is, also where OmegaConf sees it in a container."""
    conf.write({"base/parameters.yml": "a: {x: '\\${b}', y: ['\\${c}']}\nm: ${oc.create:${merge:${a}}}\n"})
    assert conf.layered()["parameters"]["m"] == {"x": "${b}", "y": ["${c}"]}


def test_resolvers_that_ask_for_the_configuration(conf: Any) -> None:
    """A resolver of the user's may take OmegaConf's `_parent_`, and is given containers as OmegaConf's."""

    def sibling(key: str, *, _parent_: Any) -> Any:
        return _parent_[key]

    resolvers = {**conf.arguments["custom_resolvers"], "sibling": sibling, "first": lambda mapping: mapping.x}
    conf.write(
        {"base/parameters.yml": "a: {x: 1, y: '${sibling:x}'}\nb: ${first:${a}}\nc: ['${first:${a}}']\n"}
    )
    loaded = conf.layered(custom_resolvers=resolvers)["parameters"]
    assert loaded == {"a": {"x": 1, "y": 1}, "b": 1, "c": [1]}


@pytest.mark.parametrize(
    "text",
    [
        "a: ${oc.select:}\n",
        "a: ${oc.dict.keys:nothing}\n",
        "a: ['${f:{a:']\n",
        "a: '${oc.select:b} ${b}'\nb: {c: '${d}'}\nd: 1\n",
    ],
)
def test_what_omegaconf_refuses_is_one_error_with_its_place(conf: Any, text: str) -> None:
    """OmegaConf's own errors carry the key path, file and line."""
    conf.write({"base/parameters.yml": text})
    with pytest.raises(InterpolationError, match=r"at parameters: a.* \(conf/base/parameters.yml:1\)"):
        conf.layered()["parameters"]

from __future__ import annotations

from typing import Any

import pytest
from kedro.config import MissingConfigException

from kedro_matrix_ext.errors import ConfigurationError


def test_an_override_in_the_globals_reaches_what_refers_to_it(conf: Any) -> None:
    """A cloud bucket reaches a path that base builds from it, in the globals and in the catalog."""
    conf.write(
        {
            "base/globals.yml": "bucket: a\nraw: ${bucket}/raw\n",
            "cloud/globals.yml": "bucket: b\n",
            "base/catalog.yml": "cars: {type: T, filepath: '${globals:raw}/cars.csv'}\n",
        }
    )
    loader = conf.layered("cloud")
    assert loader["globals"] == {"bucket": "b", "raw": "b/raw"}
    assert loader["catalog"]["cars"]["filepath"] == "b/raw/cars.csv"
    assert conf.layered()["catalog"]["cars"]["filepath"] == "a/raw/cars.csv"


def test_an_environment_may_refer_to_keys_that_only_base_has(conf: Any) -> None:
    """References in an environment's file find keys of the layers below, `_` keys too."""
    conf.write(
        {
            "base/parameters.yml": "defaults: {rate: 1, depth: 3}\n",
            "cloud/parameters.yml": """
                model: ${merge:${defaults},${.more}}
                more: {depth: 9}
                list: ['${defaults.rate}']
            """,
            "base/catalog.yml": "_csv: {type: T}\n",
            "cloud/catalog.yml": "cars: ${_csv}\n",
        }
    )
    loader = conf.layered("cloud")
    assert loader["parameters"]["model"] == {"rate": 1, "depth": 9}
    assert loader["parameters"]["list"] == [1]
    assert loader["catalog"] == {"cars": {"type": "T"}}


def test_a_plain_override_of_a_merge_keeps_the_inherited_keys(conf: Any) -> None:
    """A mapping merged over an interpolation is merged with what that resolves to, and the reverse."""
    conf.write(
        {
            "base/parameters.yml": """
                defaults: {rate: 1, deep: {a: 1}}
                over: {deep: {b: 2}}
                model: ${merge:${defaults},${over}}
                plain: {rate: 5, own: 6}
            """,
            "cloud/parameters.yml": "model: {deep: {b: 3}, size: '${.rate}'}\nplain: ${defaults}\n",
        }
    )
    parameters = conf.layered("cloud")["parameters"]
    assert parameters["model"] == {"rate": 1, "deep": {"a": 1, "b": 3}, "size": 1}
    assert parameters["plain"] == {"rate": 1, "own": 6, "deep": {"a": 1}}


def test_references_lead_into_layers_that_are_merged_late(conf: Any) -> None:
    """A reference finds keys of an interpolation below, of the mapping above it, and of both merged."""
    conf.write(
        {
            "base/parameters.yml": """
                defaults: {rate: 1, deep: {a: 1, b: 1}}
                model: ${defaults}
                rate: ${model.rate}
                size: ${model.size}
                deep: ${model.deep}
                b: ${model.deep.b}
            """,
            "cloud/parameters.yml": "model: {deep: {b: 3}, size: 7}\n",
        }
    )
    parameters = conf.layered("cloud")["parameters"]
    assert (parameters["rate"], parameters["size"], parameters["b"]) == (1, 7, 3)
    assert parameters["deep"] == {"a": 1, "b": 3}


def test_an_override_hides_what_it_replaces(conf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that an environment replaces is not resolved: its missing variable does not matter."""
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    conf.write(
        {
            "base/parameters.yml": "key: ${oc.env:NO_SUCH_KEY}\ndummy: x\n",
            "test/parameters.yml": "key: ${dummy}\n",
        }
    )
    assert conf.layered("test")["parameters"]["key"] == "x"


@pytest.mark.parametrize("env", [None, "test"])
def test_params_keep_the_other_keys_whichever_files_exist(conf: Any, env: str | None) -> None:
    """`--params t.a=9` changes one key, with and without files of the environment, over a merge too."""
    conf.write(
        {
            "base/parameters.yml": "t: {a: 1, b: 2}\nu: '${merge:${t}}'\n",
            "test/parameters.yml": "t: {c: 3}\n",
        }
    )
    parameters = conf.layered(env, {"t": {"a": 9}, "u": {"z": 1}})["parameters"]
    assert parameters["t"] == ({"a": 9, "b": 2} | ({"c": 3} if env else {}))
    assert parameters["u"] == parameters["t"] | {"z": 1}


def test_params_reach_what_refers_to_them(conf: Any) -> None:
    """A parameter given for the run changes values that refer to it."""
    conf.write({"base/parameters.yml": "a: 1\nb: ${a}\n"})
    assert conf.layered(None, {"a": 2})["parameters"] == {"a": 2, "b": 2}


def test_catalog_entries_are_replaced_whole_unless_soft(conf: Any) -> None:
    """Without a strategy an entry of the environment takes nothing from base; soft merges it."""
    conf.write(
        {
            "base/catalog.yml": "cars: {type: T, filepath: a, layer: raw}\n",
            "cloud/catalog.yml": "cars: {type: T, filepath: b}\n",
        }
    )
    assert conf.layered("cloud")["catalog"]["cars"] == {"type": "T", "filepath": "b"}
    soft = conf.layered("cloud", merge_strategy={"catalog": "soft"})
    assert soft["catalog"]["cars"] == {"type": "T", "filepath": "b", "layer": "raw"}


@pytest.mark.parametrize(
    ("base", "cloud", "expected"),
    [
        ("{type: A, x: 1}", "{type: B, y: 2}", {"type": "B", "y": 2}),
        ("{type: A, x: 1}", "{y: 2}", {"type": "A", "x": 1, "y": 2}),
        ("{type: '${_t}', x: 1}", "{type: A, y: 2}", {"type": "A", "x": 1, "y": 2}),
        ("{type: '${_t}', x: 1}", "{type: B, y: 2}", {"type": "B", "y": 2}),
        ("${_entry}", "{type: B, y: 2}", {"type": "B", "y": 2}),
        ("${_entry}", "{y: 2}", {"type": "A", "x": 1, "y": 2}),
        (
            "{type: P, dataset: {type: A, x: 1}}",
            "{type: P, dataset: {type: B, y: 2}}",
            {"type": "P", "dataset": {"type": "B", "y": 2}},
        ),
    ],
)
def test_an_entry_whose_type_changes_takes_no_old_arguments(
    conf: Any, base: str, cloud: str, expected: Any
) -> None:
    """Under soft, an entry with another `type` is replaced, whether the types are written or referred to."""
    conf.write(
        {
            "base/catalog.yml": f"_t: A\n_entry: {{type: A, x: 1}}\ncars: {base}\n",
            "cloud/catalog.yml": f"cars: {cloud}\n",
        }
    )
    assert conf.layered("cloud", merge_strategy={"catalog": "soft"})["catalog"] == {"cars": expected}


def test_underscore_keys_are_dropped_except_in_parameters(conf: Any) -> None:
    """Keys that start with `_` are for references; only parameters show them."""
    conf.write(
        {f"base/{kind}.yml": "_x: 1\ny: ${_x}\n" for kind in ("catalog", "globals", "spark", "parameters")}
    )
    loader = conf.layered()
    assert [loader[kind] for kind in ("catalog", "globals", "spark")] == [{"y": 1}] * 3
    assert loader["parameters"] == {"_x": 1, "y": 1}


def test_underscore_keys_repeated_in_one_environment_merge_in_the_order_of_files(conf: Any) -> None:
    """Kedro merges them in no order; here the file that sorts last wins."""
    conf.write({"base/catalog_a.yml": "_x: {p: 1, q: 1}\n", "base/catalog_b.yml": "_x: {q: 2}\ny: ${_x}\n"})
    assert conf.layered()["catalog"] == {"y": {"p": 1, "q": 2}}


def test_a_missing_value_overrides_nothing(conf: Any) -> None:
    """OmegaConf's mark of a missing value, `???`, leaves what is below; alone it stays."""
    conf.write(
        {"base/parameters.yml": "a: 1\nb: '???'\nc: ${a}\n", "cloud/parameters.yml": "a: '???'\nc: '???'\n"}
    )
    assert conf.layered("cloud")["parameters"] == {"a": 1, "b": "???", "c": 1}


def test_no_file_of_a_type_is_kedros_missing_config(conf: Any) -> None:
    """Kedro expects MissingConfigException where no file matches, and an empty mapping for globals."""
    loader = conf.layered()
    with pytest.raises(MissingConfigException, match=r"conf/base or conf/local .*catalog\*"):
        loader["catalog"]
    assert loader["globals"] == {}


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("base/catlog.yml", "conf/base/catlog.yml"),
        ("cloud/sub/Catalog.yaml", "conf/cloud/sub/Catalog.yaml"),
        ("base/tables.yml", "conf/base/catalog.yml"),
    ],
)
def test_no_file_of_a_type_is_an_error_with_the_file_that_may_be_meant(
    conf: Any, file: str, shown: str
) -> None:
    """In any layer; else with the file to write."""
    conf.write({file: "{}\n", "base/parameters.yml": "{}\n", "cloud/parameters.yml": "{}\n"})
    with pytest.raises(ConfigurationError) as raised:
        conf.layered("cloud")["catalog"]
    assert shown in str(raised.value.hint)


def test_results_share_nothing(conf: Any) -> None:
    """Changing one loaded value changes no other, and the next load is new."""
    conf.write({"base/parameters.yml": "a: {x: [1]}\nb: ${a}\nc: &c {y: {}}\nd: *c\n"})
    loader = conf.layered()
    parameters = loader["parameters"]
    parameters["a"]["x"].append(2)
    parameters["c"]["y"]["z"] = 1
    assert parameters["b"] == {"x": [1]}
    assert parameters["d"] == {"y": {}}
    assert loader["parameters"]["a"] == {"x": [1]}

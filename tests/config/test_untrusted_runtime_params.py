"""Where the callers are not trusted, what they send is plain text and builds nothing."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from kedro_matrix_ext import inject_object, instantiate
from kedro_matrix_ext.injection.objects.blocks import holds_block

SECRET = "S3CR3T-of-the-server"  # noqa: S105  what must not be read out
BASE = """
model: {object: fractions.Fraction, numerator: 1}
name: nobody
greeting: "hello ${name}"
kinds: {a: first, b: second}
kind: a
chosen: ${kinds.${kind}}
asked: "${runtime_params:asked, none}"
nested: {deep: [1, {x: "${runtime_params:asked, none}"}]}
merged: ${merge:${kinds},${extra}}
extra: {}
"""


@pytest.fixture
def load(conf: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load the parameters with what a caller sends."""
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    conf.write({"base/parameters.yml": BASE, "base/globals.yml": f"password: {SECRET}\n"})
    same = {"same": lambda value: value}
    arguments = {"custom_resolvers": {**conf.arguments["custom_resolvers"], **same}}

    def load(given: dict[str, Any], *, restricted: bool = True) -> dict[str, Any]:
        loader = conf.layered(None, given, restrict_runtime_params_type_selection=restricted, **arguments)
        return dict(loader["parameters"])

    return load


TEXTS = [
    "${oc.env:DB_PASSWORD}",
    "${oc.env:DB_PASSWORD,null}",
    "a ${oc.env:DB_PASSWORD} b",
    "${globals:password}",
    "${oc.decode:'${oc.env:DB_PASSWORD}'}",
    "${same:${oc.env:DB_PASSWORD}}",
    "${same:[${oc.env:DB_PASSWORD}]}",
    "${oc.select:kinds.a,${oc.env:DB_PASSWORD}}",
    "${merge:${kinds},{z: ${globals:password}}}",
    "${if_null:null,${globals:password},1}",
    "${.kinds}",
    "${nowhere}",
    "${",
    "\\${oc.env:DB_PASSWORD}",
    "???",
    "${oc.create:{object: os.getcwd}}",
]
PLACES: list[tuple[str, Any]] = [
    ("name", lambda sent: sent),
    ("kinds", lambda sent: {"a": sent}),
    ("extra", lambda sent: {"deep": [sent, {"x": sent}]}),
    ("asked", lambda sent: sent),
    ("new", lambda sent: [[sent]]),
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("key", "wrap"), PLACES, ids=[key for key, _ in PLACES])
def test_text_of_callers_is_not_interpolated(load: Any, key: str, wrap: Any, text: str) -> None:
    """Nowhere, also not through references and merges of the operator; an operator's text still is."""
    loaded = load({key: wrap(text)})
    assert SECRET not in repr(loaded)
    if text != "???":
        assert text in str(loaded[key]) or repr(text)[1:-1] in repr(loaded[key])
    assert loaded["greeting"].startswith("hello ")


def test_the_operator_interpolates(load: Any) -> None:
    """Without the restriction, as from the command line, the same text reads the variable."""
    assert load({"name": "${oc.env:DB_PASSWORD}"}, restricted=False)["greeting"] == f"hello {SECRET}"


BLOCKS: list[dict[str, Any]] = [
    {"new": {"object": "os.getcwd", "instantiate": True}},
    {"new": {"_object": "os.getcwd", "instantiate": True}},
    {"new": [{"deep": {"object": "os.getcwd", "instantiate": True}}]},
    {"model": {"object": "os.getcwd"}},
    {"model": {"_object": "os.getcwd"}},
    {"model": {"denominator": {"object": "os.getcwd", "instantiate": True}}},
    {"extra": {"object": "os.getcwd"}},
    {"asked": {"object": "os.getcwd", "instantiate": True}},
]


@inject_object()
def keep(value: Any) -> Any:
    """Return what the node gets."""
    return value


@pytest.mark.parametrize("given", BLOCKS, ids=map(str, BLOCKS))
def test_objects_of_callers_are_not_built(load: Any, given: dict[str, Any]) -> None:
    """Neither new ones nor those that replace an operator's path, and not after a copy or a pickle."""
    (key,) = given
    loaded = load(given)
    value = {"asked": loaded["nested"], "extra": loaded["merged"]}.get(key, loaded[key])
    for received in (value, copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        if key == "model" and "denominator" in given[key]:
            assert not holds_block(received["denominator"])
        else:
            assert keep(received) == value
    assert "os.getcwd" in str(value)


def test_callers_may_set_arguments_of_the_operators_objects(load: Any) -> None:
    """Plain values are what runtime parameters are for, and the rest of a parameter is plain text."""
    loaded = load({"model": {"numerator": 3}, "name": "x", "kind": "b"})
    assert str(instantiate(loaded["model"])) == "3"
    assert (loaded["chosen"], type(loaded["name"]), type(loaded["chosen"])) == ("second", str, str)

"""What is built from a block, decided from the target's kind and signature."""

from __future__ import annotations

import functools
from collections import OrderedDict, defaultdict, namedtuple
from copy import deepcopy
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf
from pydantic import BaseModel

from kedro_matrix_ext import instantiate
from kedro_matrix_ext.errors import InjectionError

T = "declared_targets"


class Depth(BaseModel):
    """A model that someone else built already."""

    object: str = "os.system"


def _outcome(built: Any, target: Any) -> str:
    if built is target:
        return "as it is"
    return "partial" if isinstance(built, functools.partial) else "called"


MISSING, COMPLETE, NONE = {"width": 2}, {"width": 2, "height": 3}, dict[str, Any]()


@pytest.mark.parametrize(
    ("name", "instantiate_key", "arguments", "expected"),
    [
        ("area", None, NONE, "as it is"),
        ("area", None, MISSING, "partial"),
        ("area", None, COMPLETE, "called"),
        ("area", None, {"args": [2, 3]}, "called"),
        ("area", None, {"args": [2]}, "partial"),
        ("area", False, NONE, "as it is"),
        ("area", True, COMPLETE, "called"),
        ("area", "partial", COMPLETE, "partial"),
        ("area", "partial", NONE, "partial"),
        ("greet", None, NONE, "as it is"),
        ("greet", True, NONE, "called"),
        ("greet", None, {"name": "me"}, "called"),
        ("keep", None, {"anything": 1}, "called"),
        ("Bare", None, NONE, "called"),
        ("Bare", False, NONE, "as it is"),
        ("Bare", "partial", NONE, "partial"),
        ("Strict", None, {"depth": 1}, "called"),
        ("Strict", "partial", {"seed": 1}, "partial"),
        ("increment", None, NONE, "as it is"),
        ("increment", None, {"value": 1}, "called"),
        ("LIMIT", None, NONE, "as it is"),
        ("LIMIT", False, NONE, "as it is"),
        ("Scaler.scale", None, {"value": 1}, "partial"),
        ("Scaler.double", None, {"value": 1}, "called"),
        ("Scaler.unit", None, {"offset": 1}, "called"),
    ],
)
def test_kind_signature_and_directive_decide(
    targets: Any, name: str, instantiate_key: Any, arguments: dict[str, Any], expected: str
) -> None:
    """What a class, a function and a constant become."""
    config: dict[str, Any] = {"object": f"{T}.{name}", **arguments}
    if instantiate_key is not None:
        config["instantiate"] = instantiate_key
    target = functools.reduce(getattr, name.split("."), targets)
    assert _outcome(instantiate(config), target) == expected


def test_a_function_without_arguments_is_not_called(targets: Any) -> None:
    """Nothing is tried: a target that counts its calls counts none unless one is due."""
    targets.CALLS.clear()
    assert instantiate({"object": f"{T}.record"}) is targets.record
    partial = instantiate({"object": f"{T}.record", "instantiate": "partial", "value": 1})
    assert targets.CALLS == []
    partial()
    assert targets.CALLS == [1]


def test_a_class_method_is_called_on_its_class(targets: Any) -> None:
    """A path may end in a method of a class."""
    scaler = instantiate({"object": f"{T}.Scaler.unit", "instantiate": True})
    assert (type(scaler), scaler.factor, scaler.offset) == (targets.Scaler, 1, 0)


def test_numpy_functions_are_called_once_their_inputs_are_given() -> None:
    """A ufunc's required inputs are those it says it takes; with fewer it becomes a partial."""
    assert instantiate({"object": "numpy.add", "args": [1, 2]}) == 3
    assert instantiate({"object": "numpy.add", "args": [1]})(2) == 3
    assert instantiate({"object": "numpy.log1p"}) is np.log1p
    assert instantiate({"object": "numpy.sqrt", "args": [4], "dtype": "float32"}).dtype == np.float32
    assert instantiate({"object": "numpy.maximum.reduce", "args": [[1, 4, 2]]}) == 4
    assert list(instantiate({"object": "numpy.array", "args": [[1, 2]], "dtype": "int8"})) == [1, 2]


def test_a_function_without_a_readable_signature_is_called_with_what_is_given() -> None:
    """Where nothing can be read, giving arguments means a call; without any it is passed."""
    assert instantiate({"object": "builtins.max", "args": [[1, 3, 2]]}) == 3
    assert instantiate({"object": "builtins.max"}) is max
    assert instantiate({"object": "builtins.max", "instantiate": "partial", "key": None})([1, 2]) == 2


@pytest.mark.usefixtures("targets")
def test_a_model_that_describes_its_fields_is_judged_by_its_own_validation() -> None:
    """Pydantic's signature is a description; its constructor says itself what is wrong, and is the cause."""
    assert instantiate({"object": f"{T}.Depth", "depth": "2"}).depth == 2
    assert instantiate({"object": f"{T}.Depth", "levels": "2"}).depth == 2
    with pytest.raises(InjectionError, match="ValidationError") as caught:
        instantiate({"object": f"{T}.Depth", "depth": "x"})
    assert type(caught.value.__cause__).__name__ == "ValidationError"


def test_objects_are_built_inside_arguments_lists_tuples_and_dictionaries(targets: Any) -> None:
    """Blocks may be anywhere in plain containers, and in the arguments of other blocks."""
    leaf = {"object": "decimal.Decimal", "args": ["1.5"]}
    built = instantiate(
        {
            "outer": {"object": f"{T}.Scaler", "factor": leaf, "offset": [leaf, (leaf, {"deep": leaf})]},
            "list": [leaf, 1],
            "tuple": (leaf, 2),
        }
    )
    decimal = Decimal("1.5")
    assert isinstance(built["outer"], targets.Scaler)
    assert built["outer"].factor == decimal
    assert built["outer"].offset == [decimal, (decimal, {"deep": decimal})]
    assert built["list"] == [decimal, 1]
    assert built["tuple"] == (decimal, 2)
    assert type(built["tuple"]) is tuple


def test_keys_that_are_numbers_are_kept() -> None:
    """Integer and float keys are keys like any other, with objects under them."""
    built = instantiate({1: {"object": "math.pi"}, 0.5: {2: [{"object": "math.e"}]}, None: 1})
    assert list(built) == [1, 0.5, None]
    assert built[1] > built[0.5][2][0] > 2


def test_excluded_keys_stay_raw_inside_constructed_objects(targets: Any) -> None:
    """`exclude_kwargs` stops at a key of that name at any depth, in objects and in dictionaries."""
    raw = {"object": "math.pi"}
    config = {"object": f"{T}.Scaler", "factor": [{"grid": raw}], "grid": raw, "offset": raw}
    scaler = instantiate(config, exclude_kwargs=["grid"])
    assert scaler.rest == {"grid": raw}
    assert scaler.rest["grid"] is not raw
    assert scaler.factor == [{"grid": raw}]
    assert scaler.offset == pytest.approx(3.14159, abs=1e-5)
    assert isinstance(scaler, targets.Scaler)


@pytest.mark.usefixtures("targets")
def test_both_spellings_of_a_key_let_an_argument_have_its_name() -> None:
    """With `_object`, `_args` and `_instantiate` the plain words are ordinary arguments."""
    config = {
        "_object": f"{T}.keep",
        "object": 1,
        "_args": [0],
        "args": 2,
        "instantiate": 3,
        "_instantiate": True,
    }
    assert instantiate(config) == ((0,), {"object": 1, "args": 2, "instantiate": 3})


@pytest.mark.usefixtures("targets")
def test_results_of_one_configuration_are_independent_and_leave_it_alone() -> None:
    """Objects share neither each other's containers nor the configuration's."""
    shared = [1, {"a": [2]}]
    config = {"object": f"{T}.Scaler", "factor": shared, "raw": shared}
    before = deepcopy(config)
    first, second = (instantiate(config, exclude_kwargs=["raw"]) for _ in range(2))
    first.factor[1]["a"].append(3)
    first.rest["raw"].append(4)
    assert config == before
    assert second.factor == second.rest["raw"] == [1, {"a": [2]}]


Point = namedtuple("Point", ["object", "y"])  # noqa: PYI024  a plain namedtuple is what is tested


@pytest.mark.parametrize(
    "value",
    [
        OrderedDict(object="os.system"),
        defaultdict(str, object="os.system"),
        Point("os.system", 1),
        Depth(),
        {"os.system"},
        pd.DataFrame({"object": ["os.system"]}),
        np.array(["object"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_is_passed_by_identity(value: Any) -> None:
    """Data is not configuration: only exact dicts, lists and tuples are walked."""
    assert instantiate({"a": [value]})["a"][0] is value


def test_omegaconf_containers_are_read_like_plain_ones() -> None:
    """A DictConfig declares objects as a dict does, interpolations resolved; the result is plain."""
    config = OmegaConf.create(
        {"_day": 3, "days": [{"object": "datetime.date", "args": [2024, 1, "${_day}"]}]}
    )
    assert instantiate(config) == {"_day": 3, "days": [date(2024, 1, 3)]}
    assert instantiate({"inner": config.days}) == {"inner": [date(2024, 1, 3)]}


def test_an_interpolation_that_leads_nowhere_is_our_error() -> None:
    """OmegaConf's error is the cause."""
    with pytest.raises(InjectionError, match="cannot be resolved"):
        instantiate(OmegaConf.create({"a": "${nowhere}"}))


plain_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(plain_trees)
def test_a_tree_without_blocks_comes_back_equal(tree: Any) -> None:
    """Without `object:` there is nothing to build, whatever the keys and leaves are."""
    before = deepcopy(tree)
    assert instantiate(tree) == tree == before


@given(plain_trees)
def test_arguments_arrive_as_they_are_written(tree: Any) -> None:
    """What a block gives its target equals what is written, at any depth."""
    config = {"object": "fractions.Fraction", "args": [1, 2], "instantiate": "partial"}
    built = instantiate({"tree": tree, "object_beside": config})
    assert built["tree"] == tree
    assert built["object_beside"]() == Fraction(1, 2)

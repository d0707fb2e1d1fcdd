"""Kedro's parameter validation reads the hints of decorated functions, and validates what it should."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from typing import Any

import kedro
import pytest
from kedro.pipeline import node, pipeline
from kedro.validation.exceptions import ParameterValidationError
from kedro.validation.parameter_validator import ParameterValidator
from pydantic import BaseModel

from kedro_matrix_ext import inject_object, unpack_params
from kedro_matrix_ext.errors import InjectionError

ONE = {"object": "decimal.Decimal", "value": "1"}


class Options(BaseModel):
    """A pydantic model of parameters."""

    depth: int
    estimator: Any = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Fail where someone derives from it."""
        raise AssertionError(cls)


@dataclasses.dataclass
class Split:
    """A dataclass of parameters."""

    size: float
    splitter: Any = None


@inject_object()
def train(options: Options, split: Split) -> Any:
    """Give back what came in."""
    return options, split


@inject_object(only=["options"])
def train_raw(options: Options, split: Split) -> Any:
    """Look into one argument only."""
    return options, split


def loosely(function: Any) -> Any:
    """Forget a function's types: a node is called with raw parameters."""
    return function


def _validate(function: Any, parameters: dict[str, Any], **inputs: str) -> dict[str, Any]:
    nodes = pipeline([node(function, inputs or {name: f"params:{name}" for name in parameters}, "out")])
    return ParameterValidator({"training": nodes}).validate_raw_params(parameters)


def test_values_without_objects_are_validated_as_ever() -> None:
    """Kedro builds the model and the dataclass before the run."""
    validated = _validate(train, {"options": {"depth": "3"}, "split": {"size": 0.2}})
    assert validated == {"options": Options(depth=3), "split": Split(0.2)}
    assert train(**validated) == (Options(depth=3), Split(0.2))


def test_values_with_objects_are_passed_over_and_built_after_injection() -> None:
    """The node receives the hinted types, with the objects in them."""
    raw = {"options": {"depth": "3", "estimator": ONE}, "split": {"size": 0.2, "splitter": [ONE]}}
    validated = _validate(train, raw)
    assert validated == raw
    assert train(**validated) == (Options(depth=3, estimator=1), Split(0.2, [1]))


@pytest.mark.parametrize(
    ("options", "split"),
    [({"depth": "x"}, {"size": 1}), ({"depth": 1}, {"sizes": 1}), ({"depth": 1}, 5)],
)
def test_invalid_values_fail_before_the_run_with_kedros_own_error(options: Any, split: Any) -> None:
    """The message is the one an undecorated function gets."""
    messages = []
    for function in (train, train.__wrapped__):  # type: ignore[attr-defined]
        with pytest.raises(ParameterValidationError) as caught:
            _validate(function, {"options": options, "split": split})
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_an_invalid_value_with_objects_fails_in_the_node_with_its_place() -> None:
    """What could not be validated before is validated then."""
    with pytest.raises(InjectionError, match="'Options' cannot be built: ValidationError") as caught:
        loosely(train)({"depth": "x", "estimator": ONE}, Split(1))
    assert caught.value.config_path == "argument 'options'"
    with pytest.raises(InjectionError, match="Split is built from a dictionary, not from a list"):
        loosely(train)(Options(depth=1), [ONE])


def test_a_block_may_build_the_hinted_type_itself() -> None:
    """An object that is of the hinted type already is left alone."""

    @inject_object()
    def fit(split: Split) -> Any:
        return split

    built = loosely(fit)({"object": "copy.copy", "args": [Split(1)]})
    assert built == Split(1)


def test_arguments_that_are_not_looked_into_are_validated_whatever_they_hold() -> None:
    """`only=` leaves the others to Kedro."""
    raw = {"options": {"depth": 1, "estimator": ONE}, "split": {"size": 1, "splitter": ONE}}
    validated = _validate(train_raw, raw)
    assert validated["options"] == raw["options"]
    assert validated["split"] == Split(1, ONE)


def test_optional_models_are_treated_as_kedro_treats_them() -> None:
    """Kedro builds `Optional[Model]` from 1.4 on, and takes null for it."""

    @inject_object()
    def fit(options: typing.Optional[Options] = None) -> Any:  # noqa: UP045  this spelling is what is tested
        return options

    raw = {"options": {"depth": "1"}}
    assert _validate(fit, raw) == _validate(fit.__wrapped__, raw)  # type: ignore[attr-defined]
    assert _validate(fit, {"options": None}) == {"options": None}
    with_object = {"options": {"depth": "1", "estimator": ONE}}
    if not kedro.__version__.startswith("1.3."):
        assert _validate(fit, raw) == {"options": Options(depth=1)}
        assert _validate(fit, with_object) == with_object
    assert loosely(fit)(**with_object) == Options(depth=1, estimator=1)


def test_dictionaries_to_unpack_are_passed_over() -> None:
    """One such dictionary is not the argument at whose position it is."""

    @unpack_params()
    def fit(options: Options, extra: Any) -> Any:
        return options, extra

    raw = {"all": {"unpack": {"options": 1}, "extra": 2}}
    assert _validate(fit, raw, options="params:all") == raw
    assert fit(raw["all"]) == (1, 2)
    assert _validate(fit, {"options": {"depth": 1}}, options="params:options") == {
        "options": Options(depth=1)
    }


def test_stacked_decorators_each_pass_over_what_is_theirs() -> None:
    """A stand-in of a stand-in still equals the hint."""

    @inject_object()
    @unpack_params()
    def fit(options: Options, split: Split) -> Any:
        return options, split

    hints = typing.get_type_hints(fit)
    assert hints["options"] == Options
    assert hints["split"] == Split
    rows: list[dict[str, Any]] = [{"unpack": {}}, {"depth": 1, "estimator": ONE}]
    for options in rows:
        raw = {"options": options, "split": {"size": 1}}
        assert _validate(fit, raw) == {"options": options, "split": Split(1)}


def test_stand_ins_are_like_the_hints_they_stand_for() -> None:
    """Equal, of the same hash and print, building the same, and unknown to the model as a subclass."""
    hints = typing.get_type_hints(train)
    for name, model in (("options", Options), ("split", Split)):
        stand_in = hints[name]
        assert stand_in == model
        assert model == stand_in
        assert stand_in == typing.get_type_hints(train)[name]
        assert hash(stand_in) == hash(model)
        assert repr(stand_in) == repr(model)
        assert stand_in.__name__ == model.__name__
        assert {model: 1}[stand_in] == 1
        assert stand_in not in model.__subclasses__()
        assert stand_in != Any
    assert issubclass(hints["options"], BaseModel)
    assert isinstance(Options(depth=1), hints["options"])
    assert issubclass(Options, hints["options"])
    assert hints["options"](depth=1) == Options(depth=1)
    assert hints["split"](0.5) == Split(0.5)
    assert dataclasses.fields(hints["split"]) == dataclasses.fields(Split)


def test_reading_the_annotations_in_any_way_shows_the_stand_ins() -> None:
    """They are put in when first read, whichever way that is."""

    def read(how: Any) -> Any:
        @inject_object()
        def fit(options: Options) -> None: ...

        return how(fit.__annotations__)

    ways = [
        lambda found: found["options"],
        lambda found: found.get("options"),
        lambda found: dict(found)["options"],
        lambda found: dict(found.items())["options"],
        lambda found: next(iter(found.values())),
        lambda found: {**found}["options"],
        lambda found: found[next(iter(found))],
        lambda found: found.copy()["options"],
        lambda found: (found | {})["options"],
        lambda found: found["options"] if len(found) == 2 and "options" in found else None,
        lambda found: found[next(iter(found.keys()))],
    ]
    for way in ways:
        found = read(way)
        assert found == Options
        assert found is not Options


TIMED = """from functools import wraps

def timed(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
"""


def test_annotations_may_name_what_is_defined_later() -> None:
    """Decorating evaluates no annotation, under stacked decorators and a plain wrapper either."""
    scope: dict[str, Any] = {}
    source = f"""
from __future__ import annotations
{TIMED}
from kedro_matrix_ext import inject_object, unpack_params

@timed
@inject_object()
@unpack_params()
@timed
def fit(later: Later, extra: int = 0):
    return later
"""
    exec(source, scope)  # noqa: S102  a module in small
    scope["Later"] = Options
    fit = scope["fit"]
    assert typing.get_type_hints(fit)["later"] == Options
    rows: list[dict[str, Any]] = [{"depth": 1, "estimator": ONE}, {"unpack": {}}]
    for later in rows:
        assert _validate(fit, {"later": later}) == {"later": later}
    assert _validate(fit, {"later": {"depth": 1}}) == {"later": Options(depth=1)}


def test_annotations_that_are_no_text_are_left_for_later_too() -> None:
    """Python 3.14 reads them in several formats; a plain wrapper passes all of them."""
    annotationlib = pytest.importorskip("annotationlib", reason="Python 3.14 evaluates annotations later")

    def read(name: str) -> dict[str, Any]:
        found: dict[str, Any] = annotationlib.get_annotations(scope["fit"], format=annotationlib.Format[name])
        return found

    source = f"""
{TIMED}
from kedro_matrix_ext import inject_object

@timed
@inject_object()
def fit(later: Later, extra: int = 0):
    return later
"""
    scope: dict[str, Any] = {}
    exec(compile(source, "shop.py", "exec", dont_inherit=True), scope)  # noqa: S102  without our __future__
    assert inspect.signature(scope["fit"]).parameters.keys() == {"later", "extra"}
    assert read("STRING") == {"later": "Later", "extra": "int"}
    assert read("FORWARDREF")["extra"] is int
    with pytest.raises(NameError):
        read("VALUE")
    scope["Later"] = Options
    assert read("VALUE") == {"later": Options, "extra": int}
    assert read("VALUE")["later"] is not Options
    raw = {"later": {"depth": 1, "estimator": ONE}}
    assert _validate(scope["fit"], raw) == raw


def test_hints_that_cannot_be_evaluated_leave_the_function_usable() -> None:
    """A name that exists for type checkers only is not a hindrance, as Kedro has it."""

    @inject_object()
    def fit(options: Missing) -> Any:  # type: ignore[name-defined]  # noqa: F821  that is the point
        return options

    assert fit(ONE) == 1
    assert fit.__annotations__ == {"options": "Missing", "return": "Any"}
    with pytest.raises(NameError):
        typing.get_type_hints(fit)

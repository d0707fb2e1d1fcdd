"""What a user reads when a declared object cannot be made: where, which target, why, what to do."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from kedro_matrix_ext import inject_object, instantiate
from kedro_matrix_ext._known_secrets import forget_secrets
from kedro_matrix_ext.errors import ImportPathError, InjectionError

T = "declared_targets"

pytestmark = pytest.mark.usefixtures("targets")


def _error(config: Any) -> InjectionError:
    with pytest.raises(InjectionError) as caught:
        instantiate(config, config_path="parameters")
    return caught.value


@pytest.mark.parametrize(
    ("block", "place", "expected"),
    [
        ({"object": "no_such_module.Name"}, "model.object", "there is no module 'no_such_module'"),
        ({"_object": f"{T}.Scalar"}, "model._object", "Did you mean 'Scaler'?"),
        ({"object": f"{T}.nothing.at.all"}, "model.object", "has no attribute 'nothing'"),
        ({"object": "not a path"}, "model.object", "is not an import path"),
        ({"object": 5}, "model", "'object' is 5, which is not an import path"),
        ({"object": f"{T}.Strict", "instantiate": "Partial"}, "model", "Did you mean 'partial'?"),
        ({"object": f"{T}.Strict", "instantiate": 1.5}, "model", "takes true, false or 'partial'"),
        ({"object": f"{T}.Strict", "args": "a"}, "model", "'_args: []'"),
        ({"object": f"{T}.Strict", 3: 1}, "model", "3 is not a name for an argument"),
        ({"object": f"{T}.Strict"}, "model", "lacks 'depth'; its signature is (depth, *, seed=None)"),
        ({"object": f"{T}.Strict", "dept": 1}, "model", "does not take 'dept' and lacks 'depth'"),
        ({"object": f"{T}.Strict", "dept": 1}, "model", "Did you mean 'depth'?"),
        ({"object": f"{T}.Strict", "args": [1, 2]}, "model", "is given 1 positional argument too many"),
        ({"object": f"{T}.Strict", "args": [1, 2, 3]}, "model", "is given 2 positional arguments too many"),
        ({"object": f"{T}.Strict", "args": [1], "depth": 1}, "model", "is given 'depth' twice"),
        ({"object": f"{T}.area", "instantiate": True}, "model", "lacks 'width', 'height'"),
        ({"object": f"{T}.area", "instantiate": "partial", "depth": 1}, "model", "does not take 'depth'"),
        ({"object": f"{T}.area", "instantiate": False, "width": 1}, "model", "'instantiate' is false"),
        ({"object": f"{T}.LIMIT", "instantiate": True}, "model", "is of type 'int', which cannot be called"),
        ({"object": f"{T}.LIMIT", "args": [1]}, "model", "not called (it is of type 'int')"),
        ({"object": f"{T}.broken", "width": 1}, "model", "raised LookupError: inside"),
        ({"object": f"{T}.keep", "a": [{"object": "nope"}]}, "model.a[0].object", "there is no module"),
        ({"object": f"{T}.keep", "args": [{"object": "nope"}]}, "model.args[0].object", "no module"),
    ],
)
def test_the_message_names_the_place_and_the_remedy(block: Any, place: str, expected: str) -> None:
    """Each mistake is named with its path."""
    error = _error({"model": block})
    assert error.config_path == f"parameters: {place}"
    assert expected in str(error)


@pytest.mark.parametrize("name", ["area", "Strict", "LIMIT", "broken", "mistaken"])
def test_the_error_knows_its_target(name: str) -> None:
    """Code can act on the target's path."""
    block = {"object": f"{T}.{name}", "args": [1, 2, 3, 4, 5]}
    assert _error(block).target == f"{T}.{name}"


def test_a_type_error_inside_a_target_is_not_taken_for_a_missing_argument() -> None:
    """The arguments fit, so the target is called, and what its code raises is shown as its own."""
    error = _error({"object": f"{T}.mistaken", "width": 1})
    assert isinstance(error.__cause__, TypeError)
    assert "raised TypeError: len()" in str(error)
    assert "lacks" not in str(error)


@pytest.mark.parametrize(
    ("block", "cause"),
    [
        ({"object": "nope.x"}, ImportPathError),
        ({"object": f"{T}.broken", "width": 1}, LookupError),
        ({"object": f"{T}.Depth", "levels": []}, ValueError),
    ],
)
def test_the_cause_stays(block: Any, cause: type[Exception]) -> None:
    """`__cause__` holds the error underneath."""
    assert isinstance(_error(block).__cause__, cause)


def test_arguments_inherited_from_another_class_are_listed_with_the_way_out() -> None:
    """A merge of one estimator over another leaves keywords that the new class does not take."""
    error = _error({"model": {"object": f"{T}.Strict", "depth": 1, "n_estimators": 5, "max_features": 2}})
    assert "does not take 'n_estimators', 'max_features'" in str(error)
    assert "model: ${_estimators.forest}" in str(error)


def test_arguments_are_judged_before_any_other_object_is_built(targets: Any) -> None:
    """A block that cannot be made calls nothing, not even the targets in its arguments."""
    targets.CALLS.clear()
    _error({"object": f"{T}.Strict", "dept": {"object": f"{T}.record", "value": 1}})
    assert targets.CALLS == []


def test_a_decorated_function_says_which_argument() -> None:
    """Inside a node the root of the path is the function's argument."""

    @inject_object()
    def train(frame: Any, model_options: Any, *rest: Any, **more: Any) -> Any:
        return frame, model_options, rest, more

    block = {"estimator": [{"object": "nope"}]}
    for arguments, keywords, place in (
        ((1, block), {}, "argument 'model_options': estimator[0].object"),
        ((1,), {"model_options": block}, "argument 'model_options': estimator[0].object"),
        ((1, 2, 3, block), {}, "argument 'rest[1]': estimator[0].object"),
        ((1, 2), {"extra": block}, "argument 'extra': estimator[0].object"),
    ):
        with pytest.raises(InjectionError) as caught:
            train(*arguments, **keywords)
        assert caught.value.config_path == place


def test_long_causes_are_bounded() -> None:
    """A message does not repeat a page of the target's own."""
    assert len(str(_error({"object": "builtins.int", "args": ["x" * 5000]}))) < 1000


def test_errors_pickle() -> None:
    """They cross the processes of a ParallelRunner."""
    error = _error({"object": f"{T}.Strict"})
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.target) == (str(error), error.target)


@pytest.mark.parametrize("option", ["exclude_kwargs", "allow"])
def test_an_option_that_lists_names_is_no_string(option: str) -> None:
    """The letters of one string are hardly meant."""
    options: Any = {option: "sklearn"}
    with pytest.raises(InjectionError, match=r"Write \w+=\['sklearn'\]"):
        instantiate({}, **options)


class Client:
    """Something whose error shows what it was given."""

    def __init__(self, address: str, password: str) -> None:
        raise ValueError(f"cannot log in to {address} with {password}")


def test_the_error_of_a_target_shows_no_secret_that_it_was_given() -> None:
    """Under a key that is called one, or in an address; Kedro logs the error's text as it is."""
    block = {
        "object": f"{__name__}.Client",
        "address": "postgresql://me:Tr0ub4dor/x@db.example.com/shop",
        "password": "correct-horse-battery",
    }
    with pytest.raises(InjectionError) as raised:
        instantiate(block)
    assert "cannot log in to postgresql://********@db.example.com/shop with ********" in str(raised.value)
    forget_secrets()

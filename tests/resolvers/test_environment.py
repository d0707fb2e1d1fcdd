from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf.resolvers import oc

from kedro_matrix_ext.errors import MissingEnvironmentVariableError, ResolverError
from kedro_matrix_ext.resolvers.environment import read_variable


@settings(deadline=None)  # the machine may be busy
@given(
    value=st.one_of(st.none(), st.text("abc$ {}", max_size=5)),
    default=st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.floats(allow_nan=False)),
)
def test_it_agrees_with_omegaconf_where_a_default_is_given(value: str | None, default: Any) -> None:
    """Set, set to an empty string, or not set: with a default the result is that of OmegaConf's oc.env."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("KM_TEST", raising=False)
        if value is not None:
            patch.setenv("KM_TEST", value)
        assert read_variable("KM_TEST", default) == oc.env("KM_TEST", default)


def test_null_is_given_only_where_it_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    """A null default without the third argument is a missing variable; with it, null is the result."""
    assert read_variable("KM_TEST", None, True) is None  # noqa: FBT003  as OmegaConf passes it
    with pytest.raises(MissingEnvironmentVariableError):
        read_variable("KM_TEST", None)
    with pytest.raises(MissingEnvironmentVariableError):
        read_variable("KM_TEST", None, False)  # noqa: FBT003  as OmegaConf passes it
    monkeypatch.setenv("KM_TEST", "set")
    assert read_variable("KM_TEST", None) == "set"


def test_a_missing_variable_is_named_with_remedy_and_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the variable's name as an attribute, suggests the likely typo, and survives pickling."""
    monkeypatch.setenv("KM_BUCKET_NAME", "raw")
    with pytest.raises(MissingEnvironmentVariableError) as caught:
        read_variable("KM_BUCKET_NAM")
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        assert error.variable == "KM_BUCKET_NAM"
        assert "'KM_BUCKET_NAM' is not set" in str(error)
        assert "Did you mean 'KM_BUCKET_NAME'" in str(error)
        assert "${oc.env:KM_BUCKET_NAM,default}" in str(error)


def test_a_name_that_is_no_string_is_refused() -> None:
    """`${oc.env:7}` is a mistake, not a missing variable."""
    with pytest.raises(ResolverError, match="takes the name of a variable, not 7"):
        read_variable(7, "default")

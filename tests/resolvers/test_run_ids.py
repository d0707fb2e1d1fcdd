from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from kedro.io.core import generate_timestamp

from kedro_matrix_ext.errors import ResolverError
from kedro_matrix_ext.resolvers import run_id
from kedro_matrix_ext.resolvers.run_ids import random_suffix, read_run


@pytest.fixture(autouse=True)
def _outside_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKFLOW_ID", raising=False)


def test_the_workflow_says_which_run_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """KEDRO_MATRIX_RUN_ID goes before WORKFLOW_ID; an empty one counts as not set."""
    monkeypatch.setenv("WORKFLOW_ID", "wf-1")
    assert read_run("id") == "wf-1"
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", "")
    assert read_run("id") == "wf-1"
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", "run-1")
    assert read_run("id") == run_id() == "run-1"


def test_outside_a_workflow_it_is_a_timestamp_as_kedro_writes_them() -> None:
    """One timestamp per process, of the shape and length of Kedro's save versions, and about now."""
    shape = re.sub(r"\d", "0", generate_timestamp())
    assert re.sub(r"\d", "0", run_id()) == shape
    assert run_id() == run_id()
    made = datetime.strptime(run_id(), "%Y-%m-%dT%H.%M.%S.%fZ").replace(tzinfo=timezone.utc)
    assert abs((datetime.now(tz=timezone.utc) - made).total_seconds()) < 3600


def test_run_knows_only_its_id() -> None:
    """Another key is an error that suggests the right one."""
    with pytest.raises(ResolverError, match=r"unknown run attribute 'ids'\n.*Did you mean 'id'"):
        read_run("ids")
    with pytest.raises(ResolverError, match=r"Write \${run:id}"):
        read_run("name")


def test_the_random_suffix_is_valid_in_kubernetes_names() -> None:
    """Lowercase letters and digits alone, and one for the process."""
    assert re.fullmatch(r"[a-z0-9]{6}", random_suffix())
    assert random_suffix() == random_suffix()

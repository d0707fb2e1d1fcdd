from __future__ import annotations

import importlib
import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from kedro.io.core import generate_timestamp
from tests.kedro_project import KedroProject

from kedro_matrix_ext.errors import ResolverError
from kedro_matrix_ext.resolvers import run_id
from kedro_matrix_ext.resolvers.run_ids import random_suffix, read_run

if TYPE_CHECKING:
    from pathlib import Path


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


_TWO_RUNS = """
import json
import os
from pathlib import Path

from kedro.framework.session import KedroServiceSession
from kedro.framework.startup import bootstrap_project
from kedro.io.core import generate_timestamp

bootstrap_project(Path.cwd())
runs = []
with KedroServiceSession.create(project_path=Path.cwd()) as session:
    for own in (False, False, True, True):
        if own:
            os.environ["KEDRO_MATRIX_RUN_ID"] = generate_timestamp()
        session.run(run_id=os.environ.get("KEDRO_MATRIX_RUN_ID"))
        runs.append(json.loads(Path("id.json").read_text()))
print(json.dumps(runs))
"""


@pytest.mark.project
def test_two_runs_of_one_process_share_an_id_unless_it_is_given(tmp_path: Path) -> None:
    """Kedro gives the loader no run id; the variable is read for each run, and Kedro's id can be the same."""
    session = importlib.import_module("kedro.framework.session")
    if not hasattr(session, "KedroServiceSession"):
        pytest.skip("this Kedro has no service session")
    project = KedroProject.create(tmp_path / "shop", "shop")
    project.write(
        "src/shop/settings.py",
        """
        from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

        CONFIG_LOADER_CLASS = LayeredConfigLoader
        CONFIG_LOADER_ARGS = config_loader_args()
        """,
    )
    project.write(
        "src/shop/pipeline_registry.py",
        """
        import json
        from pathlib import Path

        from kedro.pipeline import node, pipeline


        def keep(run):
            Path("id.json").write_text(json.dumps(run))
            return run


        def register_pipelines():
            return {"__default__": pipeline([node(keep, "params:run", "kept")])}
        """,
    )
    project.write("conf/base/parameters.yml", "run: ${run:id}\n")
    project.write("conf/base/catalog.yml", "{}\n")
    first, second, third, fourth = json.loads(project.python(_TWO_RUNS).stdout.splitlines()[-1])
    assert first == second
    assert len({second, third, fourth}) == 3

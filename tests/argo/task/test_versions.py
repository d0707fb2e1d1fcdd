"""Versions of a workflow's run: written by one task, read by the next, written again by a retried one."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from kedro.io import AbstractVersionedDataset, DataCatalog, DatasetError, Version
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from kedro_matrix_ext.errors import ResolverError
from kedro_matrix_ext.hooks.workflow_task import WorkflowTaskHooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kedro_project import KedroProject

EARLIER, RUN, LATER = (f"20{year}-01-31T12.00.00.000Z" for year in (29, 30, 31))
SESSION = "2035-01-01T00.00.00.000Z"  # what Kedro would take


def _give() -> dict[str, int]:
    return {"cars": 1}


def _yield_chunks() -> Iterator[str]:
    yield from ("first", "second")


def _pass_on(data: object) -> object:
    return data


def _give_what_no_file_takes() -> dict[str, Any]:
    return {"cars": 1, "object": object()}


WRITE = Pipeline([Node(_give, None, "cars", name="give")])
READ = Pipeline([Node(_pass_on, "cars", "seen", name="read")])


class Store:
    """A place with versioned JSON files, on this machine or anywhere else that fsspec knows."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.filesystem, self.path = fsspec.core.url_to_fs(root)

    def write(self, dataset: str, version: str, data: object) -> None:
        """Write a version as another run would."""
        self.filesystem.makedirs(f"{self.path}/{dataset}.json/{version}", exist_ok=True)
        with self.filesystem.open(self._file(dataset, version), "w") as file:
            json.dump(data, file)

    def read(self, dataset: str, version: str) -> Any:
        """Read a version; none where it is not there."""
        if not self.filesystem.exists(self._file(dataset, version)):
            return None
        with self.filesystem.open(self._file(dataset, version)) as file:
            return json.load(file)

    def run(self, pipeline: Pipeline, *, cached: bool = False, **versions: str) -> dict[str, Any]:
        """Run a pipeline as a session does, and give what it leaves."""
        entries = {
            name: {"type": "json.JSONDataset", "filepath": f"{self.root}/{name}.json", "versioned": True}
            for name in ("cars", "seen")
        }
        if cached:
            for entry in entries.values():
                del entry["versioned"]
            entries = {
                name: {"type": "CachedDataset", "versioned": True, "dataset": entry}
                for name, entry in entries.items()
            }
        catalog = DataCatalog.from_config(
            entries, save_version="2035-01-01T00.00.00.000Z", load_versions=versions
        )
        WorkflowTaskHooks().before_pipeline_run(pipeline=pipeline, catalog=catalog)
        made = SequentialRunner().run(pipeline, catalog)
        return {name: dataset.load() for name, dataset in made.items()}

    def list_names(self, dataset: str, version: str) -> list[str]:
        """List what is in a version's folder."""
        found = self.filesystem.ls(f"{self.path}/{dataset}.json/{version}", detail=False)
        return sorted(path.rpartition("/")[2] for path in found)

    def _file(self, dataset: str, version: str) -> str:
        return f"{self.path}/{dataset}.json/{version}/{dataset}.json"


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store; the run's id is set."""
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", RUN)
    return Store(f"memory:///{tmp_path.name}" if request.param == "memory" else str(tmp_path))


@pytest.mark.parametrize("cached", [False, True])
def test_what_one_task_wrote_the_next_one_loads(store: Store, cached: bool) -> None:  # noqa: FBT001
    """Also where another run has written a later version meanwhile."""
    store.run(WRITE, cached=cached)
    store.write("cars", LATER, {"cars": "another run's"})
    assert store.run(READ, cached=cached) == {"seen": {"cars": 1}}
    assert store.read("seen", RUN) == {"cars": 1}


def test_what_the_run_has_not_written_is_loaded_as_ever(store: Store) -> None:
    """The latest version, or the one that was asked for."""
    store.write("cars", EARLIER, "earlier")
    store.write("cars", LATER, "later")
    assert store.run(READ) == {"seen": "later"}
    assert store.run(READ, cars=EARLIER) == {"seen": "earlier"}
    store.write("cars", RUN, "of this run")
    assert store.run(READ, cars=EARLIER) == {"seen": "earlier"}


def test_a_retried_task_writes_again_what_its_run_left_and_nothing_else(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The version of the run's id is replaced; versions of other runs, and of what it only reads, stay."""
    store.write("seen", RUN, "half written")
    for version in (EARLIER, LATER):
        store.write("seen", version, version)
    store.write("cars", RUN, "read")
    assert store.run(READ) == {"seen": "read"}
    assert "Replaced version 2030-01-31T12.00.00.000Z of 'seen'" in caplog.text
    assert [store.read("seen", version) for version in (EARLIER, RUN, LATER)] == [EARLIER, "read", LATER]
    assert store.read("cars", RUN) == "read"
    assert store.list_names("seen", RUN) == ["seen.json"]


@pytest.mark.parametrize("cached", [False, True])
def test_a_save_that_fails_leaves_what_an_earlier_attempt_wrote(
    store: Store,
    cached: bool,  # noqa: FBT001
) -> None:
    """What was half written is removed; so is it where a node fails before anything is saved."""
    store.write("cars", RUN, "whole")
    with pytest.raises(Exception, match="not JSON serializable"):
        store.run(Pipeline([Node(_give_what_no_file_takes, None, "cars")]), cached=cached)
    with pytest.raises(ZeroDivisionError):
        store.run(Pipeline([Node(lambda: 1 / 0, None, "cars")]), cached=cached)
    assert store.read("cars", RUN) == "whole"
    assert store.list_names("cars", RUN) == ["cars.json"]


def test_the_first_attempt_leaves_its_failing_save_to_kedro(store: Store) -> None:
    """There is nothing to put back; the next attempt replaces what is there."""
    with pytest.raises(Exception, match="not JSON serializable"):
        store.run(Pipeline([Node(_give_what_no_file_takes, None, "cars")]))
    store.run(WRITE)
    assert store.read("cars", RUN) == {"cars": 1}


def test_one_run_of_a_task_does_not_replace_what_it_saved_itself(store: Store) -> None:
    """Chunks of a generator: Kedro refuses the second one, and the first one stays."""
    store.write("cars", RUN, "earlier")
    with pytest.raises(Exception, match="must not exist if versioning is enabled"):
        store.run(Pipeline([Node(_yield_chunks, None, "cars")]))
    assert store.read("cars", RUN) == "first"


KILLED = """
import os
import signal
import sys

from kedro.pipeline import Node, Pipeline

from tests.argo.task.test_versions import Store


class Killing(dict):
    def items(self):
        os.kill(os.getpid(), signal.SIGKILL)


Store(sys.argv[1]).run(Pipeline([Node(lambda: {"new": Killing(cars=1)}, None, "cars")]))
"""


@pytest.mark.parametrize("missing", [False, True])
def test_a_kill_while_a_version_is_saved_keeps_the_earlier_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    missing: bool,  # noqa: FBT001
) -> None:
    """It is next to the half-written one. The next attempt removes it in the end."""
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", RUN)
    store = Store(str(tmp_path))
    store.write("cars", RUN, "whole")
    top = Path(__file__).parents[3]
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=top, check=False)
    assert killed.returncode == -signal.SIGKILL
    version = tmp_path / "cars.json" / RUN
    assert store.list_names("cars", RUN) == ["cars.json", "cars.json.earlier-1"]
    assert json.loads((version / "cars.json.earlier-1").read_text()) == "whole"
    if missing:  # killed before the first byte
        (version / "cars.json").unlink()
    with pytest.raises(ZeroDivisionError):
        store.run(Pipeline([Node(lambda: 1 / 0, None, "cars")]))
    whole = version / ("cars.json" if missing else "cars.json.earlier-1")
    assert json.loads(whole.read_text()) == "whole"
    store.run(WRITE)
    assert store.read("cars", RUN) == {"cars": 1}
    assert store.list_names("cars", RUN) == ["cars.json"]


def test_a_folder_is_replaced_and_put_back_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version may be a folder; its dataset travels to another process as before."""
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", RUN)
    dataset = _Folder(tmp_path / "model")
    for attempt, fails in (("1", False), ("2", True), ("3", False)):
        catalog = DataCatalog({"model": _Folder(tmp_path / "model")})
        pipeline = Pipeline([Node(lambda attempt=attempt, fails=fails: (attempt, fails), None, "model")])
        WorkflowTaskHooks().before_pipeline_run(pipeline=pipeline, catalog=catalog)
        dataset = pickle.loads(pickle.dumps(catalog["model"]))
        if fails:
            with pytest.raises(DatasetError, match="disk full"):
                dataset.save((attempt, fails))
            assert dataset.load() == ["1", "1"]
        else:
            dataset.save((attempt, fails))
    assert dataset.load() == ["3", "3"]
    assert [path.name for path in (tmp_path / "model" / RUN).iterdir()] == ["model"]


class _Folder(AbstractVersionedDataset[Any, Any]):
    """Two files in a folder; Kedro looks for local ones by its own function."""

    def __init__(self, filepath: Path) -> None:
        super().__init__(PurePosixPath(filepath), Version(None, None))

    def save(self, data: tuple[str, bool]) -> None:
        text, fails = data
        folder = Path(self._get_save_path())
        folder.mkdir(parents=True)
        (folder / "one").write_text(text)
        if fails:
            raise OSError("disk full")
        (folder / "other").write_text(text)

    def load(self) -> list[str]:
        return [(Path(self._get_load_path()) / name).read_text() for name in ("one", "other")]

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath}


def test_without_a_workflow_kedro_has_its_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable, no change: what exists is not written again."""
    monkeypatch.delenv("KEDRO_MATRIX_RUN_ID")
    store.write("cars", SESSION, "kept")
    with pytest.raises(Exception, match="must not exist if versioning is enabled"):
        store.run(WRITE)
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", "nightly")
    with pytest.raises(ResolverError, match="'nightly' is not in the format of Kedro's versions"):
        store.run(READ)


def test_flavours_of_one_table_have_one_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is saved as one engine is loaded as another in the run's version, inside one task too."""
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", RUN)
    file = str(tmp_path / "table.txt")
    entries = {
        f"table@{engine}": {"type": "text.TextDataset", "filepath": file, "versioned": True}
        for engine in ("one", "other")
    }
    other = Path(file, LATER, "table.txt")
    other.parent.mkdir(parents=True)
    other.write_text("another run's")
    catalog = DataCatalog.from_config(entries)
    pipeline = Pipeline(
        [
            Node(lambda: "mine", None, "table@one", name="write"),
            Node(_pass_on, "table@other", "out", name="read"),
        ]
    )
    WorkflowTaskHooks().before_pipeline_run(pipeline=pipeline, catalog=catalog)
    assert SequentialRunner().run(pipeline, catalog)["out"].load() == "mine"
    assert other.read_text() == "another run's"


FLAKY = """
from pathlib import Path

from kedro.pipeline import Node, Pipeline


def write(rate):
    return {"rate": rate}


def break_once(table):
    if not Path("broken").exists():
        Path("broken").touch()
        raise ConnectionResetError("by peer")
    return table


def register_pipelines():
    nodes = [
        Node(write, "params:rate", "table", name="write"),
        Node(break_once, "table", "model", name="train"),
        Node(write, "model", "report", name="report"),
    ]
    return {"__default__": Pipeline(nodes)}
"""
CATALOG = """
"{name}": {type: json.JSONDataset, filepath: "data/{name}.json", versioned: true}
"""


@pytest.mark.project
def test_a_task_is_retried_and_a_template_of_ones_own_goes_on(project: KedroProject) -> None:
    """Kedro's own loader and `kedro run` get the workflow's parameters and versions from the environment."""
    project.write("src/shop/pipeline_registry.py", FLAKY)
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/parameters.yml", "rate: 1\nother: [1]\n")
    variables = {"KEDRO_MATRIX_RUN_ID": RUN, "KEDRO_MATRIX_PARAMS": '{"rate": {"a": [2, null]} }'}
    task = ["argo", "task", "--nodes", "write,train", "--env", "base"]
    assert project.kedro(*task, env=variables, check=False).returncode == 75
    assert (project.path / f"data/table.json/{RUN}/table.json").exists()
    project.kedro(*task, env=variables)
    project.kedro("run", "--nodes", "report", "--env", "base", env=variables)
    report = json.loads(project.read(f"data/report.json/{RUN}/report.json"))
    assert report == {"rate": {"rate": {"a": [2, None]}}}
    assert [path.name for path in project.path.glob("data/*/*")] == [RUN] * 3

"""The file of an sqlite store is whole or not there, whatever happens while it is made."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.waiting import PATIENCE

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks.mlflow import sqlite_file
from kedro_matrix_ext.hooks.mlflow.client import connect
from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig
from kedro_matrix_ext.hooks.mlflow.tracking_uri import database_file, locate_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")  # MLflow's own

KILLED = """
import os, signal, sqlite3
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
import mlflow.store.tracking.sqlalchemy_store  # once, before the forks
from kedro_matrix_ext.hooks.mlflow import sqlite_file
from kedro_matrix_ext.hooks.mlflow.logging import open_run
from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

folder = Path.cwd() / "new"
def run():
    open_run(TrackingConfig(), f"sqlite:///{folder}/mlruns.db", folder, run_name="first", experiment="shop")

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def die_at(statement):
    pid = os.fork()
    if not pid:
        seen = []
        @event.listens_for(Engine, "before_cursor_execute")
        def count(*_):
            seen.append(1)
            if len(seen) == statement:
                kill()
        if statement == 0:
            sqlite_file.flush_folder = kill  # the file has its name already
        run()
        os._exit(0)
    return os.waitpid(pid, 0)[1]

for statement in (1, 2, 12, 40, 150):
    assert die_at(statement) == signal.SIGKILL, statement
    left = os.listdir(folder)
    assert "mlruns.db" not in left and len(left) <= 2, (statement, left)
assert die_at(0) == signal.SIGKILL
assert os.listdir(folder) == ["mlruns.db"]
run()
assert os.listdir(folder) == ["mlruns.db"]
"""


def list_names(folder: Path) -> list[str]:
    """List what a folder holds."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.project
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_first_run_that_is_killed_leaves_no_store_or_a_whole_one(project: KedroProject) -> None:
    """Killed before some statements that make tables, and after the renaming; the next run works."""
    project.python(KILLED)


def made_by_mlflow_alone(folder: Path) -> list[Path]:
    """Let MLflow make tables in a file, and keep what a kill would leave after some statements."""
    from mlflow.store.db.utils import _initialize_tables
    from sqlalchemy import create_engine, event

    kept: list[Path] = []
    file = folder / "whole.db"
    engine = create_engine(f"sqlite:///{file}")

    @event.listens_for(engine, "after_cursor_execute")
    def keep(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        words = statement.split()
        if words[:2] == ["CREATE", "TABLE"] and words[2] in {
            "experiment_tags",
            "webhooks",
            "_alembic_tmp_endpoints",
        }:
            kept.append(folder / f"{words[2]}.db")
            shutil.copy(file, kept[-1])

    _initialize_tables(engine)  # type: ignore[no-untyped-call]
    engine.dispose()
    return kept


def test_a_store_that_others_left_half_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    """One error, whichever step was interrupted; a store with runs is not to be deleted."""
    kept = made_by_mlflow_alone(tmp_path)
    assert len(kept) >= 2
    for file in kept:
        with pytest.raises(HookError, match="is half-made") as raised:
            connect(TrackingConfig(), f"sqlite:///{file}")
        assert str(file) in str(raised.value)
        assert "It holds no runs" in str(raised.value)
        assert "delete it" in (raised.value.hint or "")
        assert "\n[SQL" not in str(raised.value)

    with closing(sqlite3.connect(kept[0])) as connection, connection:
        connection.execute("INSERT INTO runs (run_uuid, experiment_id) VALUES ('a', 0)")
    with pytest.raises(HookError, match="It holds 1 runs") as raised:
        connect(TrackingConfig(), f"sqlite:///{kept[0]}")
    assert "move it away" in (raised.value.hint or "")
    assert "delete" not in (raised.value.hint or "")


@pytest.fixture
def quick(empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that are made in no time."""

    def make(tracking_uri: str) -> None:
        shutil.copyfile(empty_store, str(database_file(tracking_uri)))

    monkeypatch.setattr(sqlite_file, "_make_tables", make)


@pytest.mark.usefixtures("quick")
def test_what_is_at_the_files_place_is_respected(tmp_path: Path, empty_store: Path) -> None:
    """An empty file keeps its permissions, a link its target; a deleted store's journal is not applied."""
    whole = empty_store.read_bytes()
    empty, target, link = tmp_path / "empty.db", tmp_path / "data" / "target.db", tmp_path / "link.db"
    empty.touch(0o600)
    target.parent.mkdir()
    link.symlink_to(target)
    (tmp_path / "again.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\x00" * 600)
    (tmp_path / ".again.db.0123.new").write_text("left by a process that was killed")
    for name in ("empty.db", "link.db", "again.db"):
        connect(TrackingConfig(), f"sqlite:///{tmp_path}/{name}").search_experiments()
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert (tmp_path / name).stat().st_size >= len(whole)
    assert stat.S_IMODE(empty.stat().st_mode) == 0o600
    assert link.is_symlink()
    assert list_names(tmp_path) == ["again.db", "data", "empty.db", "link.db"]
    assert list_names(target.parent) == ["target.db"]


def test_a_store_that_another_made_meanwhile_is_taken(
    tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`mlflow ui`, for one, does not wait for a lock of ours."""
    file = tmp_path / "mlruns.db"

    def make(tracking_uri: str) -> None:
        shutil.copyfile(empty_store, str(database_file(tracking_uri)))
        shutil.copyfile(empty_store, file)
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE experiments SET name = 'theirs'")

    monkeypatch.setattr(sqlite_file, "_make_tables", make)
    client = connect(TrackingConfig(), f"sqlite:///{file}")
    assert [experiment.name for experiment in client.search_experiments()] == ["theirs"]
    assert list_names(tmp_path) == ["mlruns.db"]


def test_an_empty_file_that_another_process_writes_to_is_waited_for(tmp_path: Path) -> None:
    """For the timeout of ``tracking.yml``, and with an error of ours after that."""
    file = tmp_path / "mlruns.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("CREATE TABLE theirs (a)")
        with pytest.raises(HookError, match="database is locked"):
            connect(TrackingConfig(timeout=0.1), f"sqlite:///{file}")


@pytest.mark.usefixtures("quick")
def test_a_store_that_is_there_is_opened_as_it_is(
    tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder is not searched, nothing is made; and one in memory has no file."""
    shutil.copyfile(empty_store, tmp_path / "mlruns.db")
    monkeypatch.setattr(sqlite_file, "_make_tables", None)
    connect(TrackingConfig(), f"sqlite:///{tmp_path}/mlruns.db")
    sqlite_file.make_database("sqlite:///:memory:", PATIENCE)


@pytest.mark.parametrize(
    "uri", ["sqlite:///file:runs?mode=memory&cache=shared&uri=true", "sqlite:///:memory:"]
)
def test_addresses_that_sqlite_reads_itself_stay_as_they_are(uri: str, tmp_path: Path) -> None:
    """They are not paths under the project."""
    assert locate_store(uri, tmp_path) == uri
    assert database_file(uri) is None


def test_a_store_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    """Under a file there is no folder to make it in, and /proc takes no files; nothing is left behind."""
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "mlruns.db", "/proc/mlruns.db"):
        with pytest.raises(HookError, match=r"does not answer|cannot be opened") as raised:
            connect(TrackingConfig(), f"sqlite:///{place}")
        assert str(place) in str(raised.value)
    assert list_names(tmp_path) == ["file"]

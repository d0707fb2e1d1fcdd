"""The folder of a rehearsal: whole or absent, readable by its owner alone, used by one process at a time."""

from __future__ import annotations

import json
import logging
import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.argo.rehearsal.conftest import leaf, workflow
from tests.waiting import wait_until

from kedro_matrix_ext._atomic_file import write_file
from kedro_matrix_ext.argo.rehearsal.folder_lock import lock_folder
from kedro_matrix_ext.argo.rehearsal.run_directory import RunDirectory, find_journals
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.argo.rehearsal.conftest import Stage

HOLD = """
import sys, time
from pathlib import Path
from kedro_matrix_ext._atomic_file import write_file
from kedro_matrix_ext.argo.rehearsal.folder_lock import lock_folder
with lock_folder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def folder_of(stage: Stage) -> Path:
    """Find the folder of the one rehearsal."""
    (about,) = stage.folder.glob(".kedro_matrix/rehearsals/*/rehearsal.json")
    return about.parent


def test_only_the_owner_can_read_a_rehearsal(stage: Stage) -> None:
    """Its manifest may hold a secret of --params, and what tasks print too."""
    umask = os.umask(0)
    try:
        stage.rehearse(workflow([leaf("a", "echo hello")], {"a": ""}))
    finally:
        os.umask(umask)
    folder = folder_of(stage)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("workflow.yml", "rehearsal.json", "tasks.jsonl", "lock.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name


def test_the_folder_of_an_earlier_version_becomes_private(stage: Stage) -> None:
    """Also where it exists and anyone can read it."""
    folder = stage.folder / ".kedro_matrix" / "rehearsals" / "shop-abc123"
    folder.mkdir(parents=True, mode=0o755)
    stage.rehearse(workflow([leaf("a")], {"a": ""}))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="files cannot be locked as on other systems")
def test_a_second_rehearsal_names_who_holds_the_folder(stage: Stage) -> None:
    """By process, user, host and time; nothing of the first one is touched."""
    manifest = workflow([leaf("a")], {"a": ""})
    stage.rehearse(manifest)
    folder = folder_of(stage)
    before = (folder / "tasks.jsonl").read_text()
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        for resume in (False, True):
            with pytest.raises(ArgoError, match=rf"by process {holder.pid} of \w+ on .+ since 20"):
                stage.rehearse(manifest, resume=resume)
        assert (folder / "tasks.jsonl").read_text() == before
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    wait_until(lambda: stage.rehearse(manifest).ok)


@pytest.mark.parametrize("content", ["", "[]", '{"process": 1}', "\x00"])
def test_a_holder_without_a_name_holds_too(tmp_path: Path, content: str) -> None:
    """It has only begun, or another version wrote it."""
    with lock_folder(tmp_path):
        (tmp_path / "lock.json").write_text(content)
        with pytest.raises(ArgoError, match="by another process"), lock_folder(tmp_path):
            pass


@pytest.mark.parametrize(
    "content",
    [
        *("", "{}", "[]", "null", "\x00", '{"created": 5}', '{"created": "yesterday"}', "[" * 100_000),
        '{"name": 5, "digest": "d", "created": "2026-01-01T00:00:00+00:00"}',
        '{"name": "n", "digest": [], "created": "2026-01-01T00:00:00+00:00"}',
        '{"name": "n", "digest": "d", "created": "2026-01-01T00:00:00+00:00", "run_id": {}}',
    ],
)
def test_one_unreadable_journal_hides_no_other(
    stage: Stage, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is left out with a warning that names it."""
    manifest = workflow([leaf("a")], {"a": ""})
    stage.rehearse(manifest)
    broken = folder_of(stage).parent / "broken"
    broken.mkdir()
    (broken / "rehearsal.json").write_text(content)
    with caplog.at_level(logging.WARNING):
        assert stage.prepare(manifest, resume=True).name == "shop-abc123"
    assert str(broken) in caplog.text


def test_a_journal_without_a_time_zone_is_sorted_with_the_others(stage: Stage) -> None:
    """Times with and without one cannot be compared otherwise."""
    stage.rehearse(workflow([leaf("a")], {"a": ""}))
    folder = folder_of(stage)
    about = json.loads((folder / "rehearsal.json").read_text())
    (folder.parent / "other").mkdir()
    about["created"] = "2020-01-01T00:00:00"
    (folder.parent / "other" / "rehearsal.json").write_text(json.dumps(about))
    assert [journal.folder.name for journal in find_journals(folder.parent)] == [folder.name, "other"]


@pytest.mark.parametrize("stop_at", [1, 2])
def test_a_rehearsal_that_was_killed_while_it_began_is_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    """Before its description is whole, nothing of the new or of the old one is resumed."""
    manifest = workflow([leaf("a")], {"a": ""})
    stage.rehearse(manifest)
    folder = folder_of(stage)
    written, write = [], write_file

    def write_or_stop(*arguments: object, **options: object) -> None:
        written.append(arguments)
        if len(written) == stop_at:
            raise KeyboardInterrupt
        write(*arguments, **options)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(f"{RunDirectory.__module__}.write_file", write_or_stop)
    with pytest.raises(KeyboardInterrupt):
        stage.rehearse(manifest)
    monkeypatch.undo()
    assert find_journals(folder.parent) == []
    assert stage.rehearse(manifest).ok
    assert RunDirectory.read(folder).name == "shop-abc123"


def test_a_resumed_record_is_replaced_as_a_whole(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk while a rehearsal is resumed leaves the record of the earlier one."""
    manifest = workflow([leaf("a"), leaf("b", "test -e ok")], {"a": "", "b": "a"})
    stage.rehearse(manifest)
    tasks = folder_of(stage) / "tasks.jsonl"
    before = tasks.read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArgoError, match="No space left"):
        stage.rehearse(manifest, resume=True)
    monkeypatch.undo()
    assert tasks.read_text() == before
    (stage.folder / "ok").touch()
    assert stage.rehearse(manifest, resume=True).ok

"""The file of an sqlite store: made whole or not at all, by one process at a time."""

from __future__ import annotations

import glob
import os
import shutil
import sqlite3
import sys
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from kedro_matrix_ext._atomic_file import flush_folder
from kedro_matrix_ext._file_locks import try_lock
from kedro_matrix_ext.hooks.mlflow.tracking_uri import at_file, database_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["count_entries", "exclusive_lock", "make_database"]

_LONGEST = (
    120.0  # seconds, more than a turn takes: a process that is stopped in its turn holds up none for ever
)
_JOURNALS = ("-journal", "-wal", "-shm")  # what SQLite keeps next to a database
_WORK = ("runs", "trace_info", "registered_models")


@contextmanager
def exclusive_lock(file: Path | None) -> Iterator[None]:
    """Wait until no other process is in its turn with a file.

    The file's folder is what is locked, so that nothing is left behind, and SQLite's own locks on the file
    are not touched. Where a folder cannot be locked (on Windows, on some network file systems), nobody waits.
    """
    if file is None or sys.platform == "win32":
        yield
        return
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _open(file.parent)
    try:
        if descriptor is not None:
            _lock(descriptor)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open(folder: Path) -> int | None:
    try:
        return os.open(folder, os.O_RDONLY)
    except OSError:  # what is wrong with the folder is for whoever opens the file to say
        return None


def _lock(descriptor: int) -> None:
    last = time.monotonic() + _LONGEST
    while not try_lock(descriptor) and time.monotonic() < last:
        time.sleep(0.05)


def make_database(tracking_uri: str, timeout: float) -> None:
    """Make the tables of a store whose file does not exist yet, or is empty; the caller holds the lock.

    MLflow makes them in hundreds of steps, and cannot go on after most of them. So they are made in a file
    next to the store's, which is renamed when they are complete.
    """
    file = database_file(tracking_uri)
    if file is None or _has_content(file):
        return
    file = file.resolve()
    if file.exists():
        _wait_for_others(file, timeout)
    for left in file.parent.glob(f".{glob.escape(file.name)}.*.new*"):  # by a process that was killed
        _remove(left)
    beside = file.with_name(f".{file.name}.{os.urandom(6).hex()}.new")
    try:
        _make_tables(at_file(tracking_uri, beside))
        if not _has_content(file):  # `mlflow ui`, for one, does not wait for us
            _rename(beside, file)
    finally:
        for ending in ("", *_JOURNALS):
            _remove(beside.with_name(beside.name + ending))


def count_entries(file: Path) -> int:
    """Count the runs, traces and models in a store, whatever tables it lacks."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in found if name in _WORK]
        return sum(connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables)  # noqa: S608  constants


def _has_content(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _wait_for_others(file: Path, timeout: float) -> None:
    """Wait for whoever writes to an empty file, and let SQLite undo what a killed process began."""
    with closing(sqlite3.connect(file, timeout=timeout)) as connection:
        connection.execute("BEGIN EXCLUSIVE")


def _make_tables(tracking_uri: str) -> None:
    """Let MLflow make its tables through a connection that it does not keep."""
    from mlflow.store.db import utils
    from sqlalchemy import create_engine

    engine = create_engine(tracking_uri)
    try:
        utils._initialize_tables(engine)  # type: ignore[no-untyped-call]  # noqa: SLF001  no public way
    finally:
        engine.dispose()


def _rename(beside: Path, file: Path) -> None:
    for ending in _JOURNALS:  # of a database that was deleted: SQLite would undo ours by them
        _remove(file.with_name(file.name + ending))
    if file.exists():
        shutil.copymode(file, beside)
    beside.replace(file)
    flush_folder(file.parent)


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink()

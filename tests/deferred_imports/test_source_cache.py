"""What is read from a source is kept next to the bytecode, and read again when the file changes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.deferred_imports.stand_ins import source_cache
from kedro_matrix_ext.deferred_imports.stand_ins.source import read_source

if TYPE_CHECKING:
    from pathlib import Path

    from tests.deferred_imports.conftest import Package

SOURCE = '''
    from .tables import (
        clean as clean_table,
    )

    __all__ = ["train", "predict"]
    Table = "dict[str, float]"
    train_twice = lambda table: train(train(table))

    def train(table: Table, rate=0.5, *, seed: "int | None" = None) -> Table:
        """Train a model."""
        return {"rate": rate, "seed": seed}

    async def predict(table,
                      /): yield table

    if Table:
        def tune(): pass
'''


@pytest.fixture(autouse=True)
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Bytecode is written, and the texts that are read are listed."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    texts: list[str] = []

    def read(text: str, **where: Any) -> Any:
        texts.append(text)
        return read_source(text, **where)

    monkeypatch.setattr(source_cache, "read_source", read)
    return texts


def load_again(package: Package) -> Any:
    """Import the module as a new process does."""
    sys.modules.pop("shop.nodes", None)
    return package.load("nodes")


def list_caches(package: Package) -> list[Path]:
    """List the files that are kept."""
    return list(package.folder.rglob("*.names.json"))


def describe(module: Any) -> list[Any]:
    """Return what is seen of a module that is not run."""
    import inspect

    seen = [module.__all__, dir(module)]
    for function in (module.train, module.predict):
        seen += [inspect.signature(function), function.__doc__, inspect.getsource(function)]
        seen.append(inspect.isasyncgenfunction(function))
    return seen


def test_a_source_is_read_once(package: Package, reads: list[str]) -> None:
    """The stand-ins of the second process are those of the first."""
    package.write("tables", "def clean(table): return table\n")
    package.write("nodes", SOURCE)
    first = describe(load_again(package))
    assert describe(load_again(package)) == first
    assert not package.has_run()
    assert len(reads) == len(list_caches(package)) == 1
    assert load_again(package).train({}, seed=3) == {"rate": 0.5, "seed": 3}


@pytest.mark.parametrize("change", ["size", "time"])
def test_a_changed_source_is_read_again(package: Package, reads: list[str], change: str) -> None:
    """Size or time of the file show it, as with bytecode."""
    file = package.write("nodes", "def f(a): return a\n")
    assert load_again(package).f(2) == 2
    file.write_text("def f(b): return -b\n" if change == "size" else "def g(a): return a\n")
    seconds = 1_700_000_000 if change == "time" else file.stat().st_mtime
    os.utime(file, (seconds, seconds))
    assert dir(load_again(package))[-1] == ("f" if change == "size" else "g")
    assert len(reads) == 2


@pytest.mark.parametrize("content", ["", "{", "null", "[]", "[1, 2]", '{"a": 1}', "\0"])
def test_a_damaged_file_is_written_again(package: Package, reads: list[str], content: str) -> None:
    """Such a file only costs time."""
    package.write("nodes", SOURCE)
    first = describe(load_again(package))
    (cache,) = list_caches(package)
    cache.write_text(content)
    assert describe(load_again(package)) == describe(load_again(package)) == first
    assert len(reads) == 2


def test_the_same_file_under_another_name_is_read_again(package: Package, reads: list[str]) -> None:
    """Relative imports depend on the name."""
    package.write("nodes", SOURCE)
    load_again(package)
    (cache,) = list_caches(package)
    cache.write_text(cache.read_text().replace('"shop.nodes"', '"other.nodes"', 1))
    load_again(package)
    assert len(reads) == 2


@pytest.mark.parametrize("reason", ["variable", "folder"])
def test_a_source_is_deferred_where_nothing_can_be_kept(
    package: Package, reads: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With PYTHONDONTWRITEBYTECODE, or in a folder that cannot be written to."""
    package.write("nodes", SOURCE)
    if reason == "variable":
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
    else:
        (package.folder / "shop" / "__pycache__").write_text("not a folder")
    for number in (1, 2):
        load_again(package)
        assert not package.has_run()
        assert len(reads) == number
    assert not list_caches(package)

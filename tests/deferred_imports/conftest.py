"""A package whose node modules are deferred, imported in the test's own process."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import defer_node_imports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A package ``shop`` on disk.

    Attributes:
        folder: The folder that holds it.
    """

    folder: Path

    def write(self, module: str, text: str) -> Path:
        """Write a module of the package, its text dedented; ``pipelines/nodes`` makes packages as needed."""
        file = self.folder / "shop" / f"{module}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        for folder in [file.parent, *file.parent.parents]:
            if folder == self.folder:
                break
            (folder / "__init__.py").touch()
        file.write_text(dedent(text).lstrip("\n"))
        importlib.invalidate_caches()
        return file

    def load(self, module: str) -> Any:
        """Import a module of the package."""
        return importlib.import_module(f"shop.{module}")

    def run(self, code: str) -> dict[str, Any]:
        """Run code as a module of the package, and return its names."""
        names: dict[str, Any] = {"__name__": "shop.user", "__package__": "shop"}
        exec(compile(dedent(code), "user.py", "exec"), names)  # noqa: S102  the tests write the code
        return names

    def has_run(self, module: str = "nodes") -> bool:
        """Return whether a module has run: it is a plain module then."""
        return type(sys.modules[f"shop.{module}"]) is ModuleType


def await_once(awaitable: Any) -> Any:
    """Run a coroutine that waits for nothing, and return its result."""
    try:
        awaitable.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("something is awaited")


@pytest.fixture
def undeferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """A package, and nothing that defers imports."""
    package = Package(tmp_path / "modules")
    package.write("__init__", "")
    monkeypatch.syspath_prepend(str(package.folder))
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


@pytest.fixture
def package(undeferred: Package) -> Package:
    """A package whose modules named ``nodes`` are deferred."""
    defer_node_imports("shop.**.nodes", decorators=["shop.timing.timed"])
    return undeferred


@pytest.fixture
def make_both(package: Package) -> Callable[[str], tuple[Any, Any]]:
    """Import a source twice, first deferred, then as always."""

    def make(text: str) -> tuple[Any, Any]:
        package.write("nodes", text)
        package.write("plain", text)
        return package.load("nodes"), package.load("plain")

    return make

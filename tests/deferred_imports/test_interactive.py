"""Reloading, patching, and tools that look into modules."""

from __future__ import annotations

import importlib
import os
import sys
import unittest.mock
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import defer_node_imports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.deferred_imports.conftest import Package


def _rewrite(file: Path, text: str) -> None:
    """Write a file again with another time, so that Python does not take it for the old one."""
    stamp = file.stat().st_mtime + 10
    file.write_text(text)
    os.utime(file, (stamp, stamp))


@pytest.mark.parametrize("runs_before", [False, True])
def test_reload_runs_the_new_source(package: Package, *, runs_before: bool) -> None:
    """Whether the module had run or not; the module object stays."""
    file = package.write("nodes", "def f(): return 1\n")
    nodes = package.load("nodes")
    if runs_before:
        assert nodes.f() == 1
    _rewrite(file, "def f(): return 2\nSIZE = 4\n")
    assert importlib.reload(nodes) is nodes
    assert package.has_run()
    assert (nodes.f(), nodes.SIZE) == (2, 4)


def test_a_function_handed_out_before_a_reload_is_the_new_one(package: Package) -> None:
    """Its own code never ran, and its source is gone."""
    file = package.write("nodes", "def f(a): return 1\n")
    nodes = package.load("nodes")
    f = nodes.f
    _rewrite(file, "def f(a): return 2\n")
    importlib.reload(nodes)
    assert (f(1), nodes.f(1)) == (2, 2)


def test_a_reload_that_fails_can_be_tried_again(package: Package) -> None:
    """A syntax error is raised as it is, with file and line."""
    file = package.write("nodes", "def f(): return 1\n")
    nodes = package.load("nodes")
    _rewrite(file, "def f(:\n")
    with pytest.raises(SyntaxError) as caught:
        importlib.reload(nodes)
    assert (caught.value.filename, caught.value.lineno) == (str(file), 1)
    file.unlink()
    package.write("nodes", "def f(): return 3\n# longer\n")
    importlib.reload(nodes)
    assert nodes.f() == 3


def test_modules_that_are_removed_and_imported_again_are_deferred_again(package: Package) -> None:
    """What %reload_kedro does; functions of the old module still work."""
    package.write(
        "nodes",
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: 'int'\ndef f(): return A(1).x\n",
    )
    old = package.load("nodes").f
    del sys.modules["shop.nodes"]
    assert old() == 1
    assert "shop.nodes" not in sys.modules
    new = package.load("nodes").f
    assert not package.has_run()
    assert new is not old
    assert (old(), new()) == (1, 1)


def test_autoreload_shows_the_new_code_to_those_who_have_the_function(package: Package) -> None:
    """``%autoreload 2`` in a notebook, before the module runs and after."""
    ipython: Any = pytest.importorskip("IPython.extensions.autoreload")
    reloader = ipython.ModuleReloader()
    file = package.write("nodes", "def f(): return 1\n")
    f = package.load("nodes").f
    reloader.check(check_all=True)
    _rewrite(file, "def f(): return 2\n")
    reloader.check(check_all=True)
    assert f() == 2
    _rewrite(file, "def f(): return 3  # again\n")
    os.utime(file, (file.stat().st_mtime + 30,) * 2)
    reloader.check(check_all=True)
    assert (f(), package.load("nodes").f()) == (3, 3)


@pytest.fixture(params=["deferred", "run"])
def nodes(package: Package, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A module with a function, its constant, and a caller."""
    package.write("nodes", "SIZE = 1\ndef f(): return SIZE\ndef g(): return f()\n")
    module = package.load("nodes")
    if request.param == "run":
        assert module.SIZE == 1
    yield module
    assert (module.f(), module.g(), module.SIZE) == (1, 1, 1)


@pytest.mark.parametrize(("name", "expected"), [("f", (1, 5)), ("SIZE", (5, 5))])
def test_mock_patches_what_the_module_looks_up(nodes: Any, name: str, expected: tuple[int, int]) -> None:
    """A function that a node has kept is the original one; afterwards all is as before."""
    f, g = nodes.f, nodes.g
    with unittest.mock.patch(f"shop.nodes.{name}", new=(lambda: 5) if name == "f" else 5):
        assert (f(), g()) == expected
    with unittest.mock.patch.object(nodes, name, new=(lambda: 5) if name == "f" else 5):
        assert (f(), g()) == expected


def test_mock_patches_with_its_own_mocks(nodes: Any) -> None:
    """Specified by the function, too."""
    with unittest.mock.patch("shop.nodes.f", autospec=True, return_value=8) as mocked:
        assert nodes.g() == 8
        mocked.assert_called_once_with()
        with pytest.raises(TypeError):
            nodes.f(1)


def test_monkeypatch_sets_and_undoes(nodes: Any) -> None:
    """As pytest does it: through attributes alone."""
    f, g = nodes.f, nodes.g
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shop.nodes.f", lambda: 6)
        assert (f(), g()) == (1, 6)
        patch.setattr(nodes, "SIZE", 9)
        assert f() == 9
        patch.delattr(nodes, "f")
        with pytest.raises(NameError):
            g()


def test_the_debugger_stops_in_the_function(package: Package) -> None:
    """A breakpoint by file and line, set before the module runs, is met at the first call."""
    import bdb

    file = package.write("nodes", "def f(a):\n    b = a + 1\n    return b\n")
    f = package.load("nodes").f
    seen = []

    class Debugger(bdb.Bdb):
        def user_line(self, frame: Any) -> None:
            if self.break_here(frame):
                seen.append((frame.f_lineno, dict(frame.f_locals)))

    debugger = Debugger()
    debugger.set_break(str(file), 2)
    tracer = sys.gettrace()
    try:
        assert debugger.runcall(f, 1) == 2
    finally:
        sys.settrace(tracer)  # bdb leaves none, and the coverage of all later tests would not be counted
    debugger.clear_all_breaks()
    assert seen == [(2, {"a": 1})]


def test_coverage_counts_the_lines_of_the_function(package: Package, tmp_path: Path) -> None:
    """Of the first call too, each of them, and branches."""
    code = f"""
        import sys, coverage
        sys.path.insert(0, {str(package.folder)!r})
        measured = coverage.Coverage(data_file=None, branch=True, source_pkgs=["shop"], config_file=False)
        measured.start()
        from kedro_matrix_ext import defer_node_imports
        defer_node_imports("shop.**.nodes")
        from shop.nodes import f
        f(1)
        measured.stop()
        _, statements, _, missing, _ = measured.analysis2(sys.modules["shop.nodes"])
        print(statements, missing, measured.report(file=sys.stderr))
        """
    package.write("nodes", "def f(a):\n    if a:\n        return a\n    return 0\n")
    package.write("plain", code.replace('defer_node_imports("shop.**.nodes")', ""))
    outcomes = [_python(text) for text in (code, code.replace('defer_node_imports("shop.**.nodes")', ""))]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].startswith("[1, 2, 3, 4] [4]")


def _python(code: str) -> str:
    import subprocess
    from textwrap import dedent

    variables = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    ran = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True, env=variables
    )
    return ran.stdout


def test_settings_that_are_imported_again_replace_their_patterns(undeferred: Package) -> None:
    """What the settings no longer name is not deferred any more."""
    undeferred.write(
        "settings", "from kedro_matrix_ext import defer_node_imports\ndefer_node_imports('shop.steps')\n"
    )
    undeferred.write("steps", "def f(): return 1\n")
    undeferred.write("nodes", "def f(): return 1\n")
    undeferred.load("settings")
    undeferred.load("steps")
    assert not undeferred.has_run("steps")
    undeferred.write(
        "settings", "from kedro_matrix_ext import defer_node_imports\ndefer_node_imports()\n# more\n"
    )
    del sys.modules["shop.settings"], sys.modules["shop.steps"]
    undeferred.load("settings")
    undeferred.load("steps")
    undeferred.load("nodes")
    assert undeferred.has_run("steps")
    assert not undeferred.has_run("nodes")
    defer_node_imports("shop.nothing")

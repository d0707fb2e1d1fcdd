"""The line in settings.py: which modules, switched off how, and what is refused."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import defer_node_imports
from kedro_matrix_ext.deferred_imports.finder import DeferringFinder, find_finder
from kedro_matrix_ext.deferred_imports.registration import SWITCH
from kedro_matrix_ext.deferred_imports.rules import DeferralRule
from kedro_matrix_ext.errors import SettingsError

if TYPE_CHECKING:
    from tests.deferred_imports.conftest import Package

SETTINGS = "from kedro_matrix_ext import defer_node_imports\ndefer_node_imports({})\n"


@pytest.mark.parametrize(
    ("pattern", "named", "not_named"),
    [
        (
            "shop.**.nodes",
            ["shop.nodes", "shop.a.nodes", "shop.a.b.nodes.clean.deep"],
            ["shop", "other.nodes", "nodes", "shop.xnodes", "shop.nodesx", "shopx.nodes"],
        ),
        (
            "shop.pipelines.*.steps",
            ["shop.pipelines.a.steps", "shop.pipelines.a.steps.b"],
            ["shop.pipelines.steps", "shop.pipelines.a.b.steps"],
        ),
        ("shop.features.**", ["shop.features", "shop.features.a.b"], ["shop.feature"]),
        ("**.nodes", ["shop.nodes", "other.a.nodes"], ["shop.node"]),
        ("*.nodes", ["shop.nodes"], ["shop.a.nodes"]),
        ("shop.nodes", ["shop.nodes", "shop.nodes.a"], ["shop.a.nodes"]),
    ],
)
def test_patterns_name_modules_and_what_is_in_packages(
    pattern: str, named: list[str], not_named: list[str]
) -> None:
    """``*`` is one part, ``**`` any number of parts."""
    rule = DeferralRule((pattern,))
    assert [name for name in (*named, *not_named) if rule.matches(name)] == named


@pytest.mark.parametrize(
    "pattern", ["", "shop/nodes.py", "shop..nodes", ".nodes", "shop.n*", "shop.***", "shop.1", "a b"]
)
def test_what_is_not_a_pattern_is_refused(pattern: str) -> None:
    """With the way to write one."""
    with pytest.raises(SettingsError, match=r"'shop\.\*\*\.nodes'"):
        defer_node_imports(pattern)


def test_without_patterns_it_is_the_package_of_the_settings(undeferred: Package) -> None:
    """Modules named ``nodes``, and those in a package ``nodes``; no other, and of no other package."""
    undeferred.write("settings", SETTINGS.format(""))
    for module in ("nodes", "a/nodes/deep/clean", "steps"):
        undeferred.write(module, "def f(): return 1\n")
    undeferred.load("settings")
    for module in ("nodes", "a.nodes.deep.clean", "steps"):
        undeferred.load(module)
    runs = {
        module: undeferred.has_run(module)
        for module in ("nodes", "a.nodes.deep.clean", "a.nodes", "a", "steps")
    }
    assert runs == {"nodes": False, "a.nodes.deep.clean": False, "a.nodes": False, "a": True, "steps": True}


def test_without_patterns_outside_of_a_package_is_refused() -> None:
    """A notebook belongs to no package."""
    with pytest.raises(SettingsError, match=r"settings\.py"):
        exec(  # noqa: S102  as a notebook does
            "defer_node_imports()", {"__name__": "__main__", "defer_node_imports": defer_node_imports}
        )


@pytest.mark.parametrize(
    "arguments", [{"decorators": ["timed()"]}, {"libraries": ["a b"]}, {"decorators": [3]}]
)
def test_what_is_not_an_import_path_is_refused(arguments: dict[str, Any]) -> None:
    """In both lists, naming the argument."""
    with pytest.raises(SettingsError, match=next(iter(arguments))):
        defer_node_imports("shop.nodes", **arguments)


def test_one_name_may_be_given_alone(undeferred: Package) -> None:
    """A string is one import path, not its letters."""
    undeferred.write(
        "timing", "import functools\ndef timed(f):\n    return functools.wraps(f)(lambda *a: f(*a))\n"
    )
    undeferred.write("nodes", "from .timing import timed\n@timed\ndef f(a): return a\n")
    defer_node_imports("shop.nodes", decorators="shop.timing.timed")
    f = undeferred.load("nodes").f
    assert not undeferred.has_run()
    assert f(1) == 1


@pytest.mark.parametrize(
    ("value", "deferred"),
    [("0", False), ("false", False), ("No", False), ("off", False), ("1", True), ("", True), ("TRUE", True)],
)
def test_the_variable_switches_it_off(
    undeferred: Package, monkeypatch: pytest.MonkeyPatch, value: str, *, deferred: bool
) -> None:
    """Whatever is on stays on."""
    monkeypatch.setenv(SWITCH, value)
    undeferred.write("nodes", "def f(): return 1\n")
    defer_node_imports("shop.nodes")
    undeferred.load("nodes")
    assert undeferred.has_run() is not deferred


def test_switching_it_off_in_the_process_takes_the_rules_back(
    undeferred: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    """%reload_kedro with the variable set."""
    undeferred.write("nodes", "def f(): return 1\n")
    defer_node_imports("shop.nodes")
    monkeypatch.setenv(SWITCH, "0")
    defer_node_imports("shop.nodes")
    undeferred.load("nodes")
    assert undeferred.has_run()


def test_another_value_of_the_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be taken for on or off by different readers."""
    monkeypatch.setenv(SWITCH, "flase")
    with pytest.raises(SettingsError, match=r"(?s)'flase'.*'false'"):
        defer_node_imports("shop.nodes")


def test_calls_add_up_and_install_one_finder(undeferred: Package) -> None:
    """However often settings call it."""
    for pattern in ("shop.a", "shop.b", "shop.a"):
        defer_node_imports(pattern)
    finders = [finder for finder in sys.meta_path if isinstance(finder, DeferringFinder)]
    assert finders == [find_finder()]
    assert finders[0].list_patterns() == ["shop.a", "shop.b"]


def test_modules_without_source_are_imported_as_ever(undeferred: Package) -> None:
    """Namespace packages, compiled modules, and files that are not there."""
    import py_compile

    defer_node_imports("shop.**.nodes", "math", "absent_module")
    file = undeferred.write("a/nodes", "def f(): return 1\n")
    py_compile.compile(str(file), str(file.with_suffix(".pyc")))
    file.unlink()
    (undeferred.folder / "shop" / "nodes").mkdir()
    assert undeferred.load("a.nodes").f() == 1
    assert undeferred.load("nodes").__path__
    with pytest.raises(ModuleNotFoundError, match="absent_module"):
        __import__("absent_module")


def test_modules_in_archives_are_deferred(undeferred: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python imports from zip files with a special loader."""
    import zipfile

    archive = undeferred.folder / "modules.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_shop/__init__.py", "")
        file.writestr("zipped_shop/nodes.py", "SIZE = 2\ndef f(a): return a * SIZE\n")
    monkeypatch.syspath_prepend(str(archive))
    defer_node_imports("zipped_shop.nodes")
    from zipped_shop import nodes  # type: ignore[import-not-found]

    f = nodes.f
    assert type(nodes).__name__ == "DeferredModule"
    assert f(2) == 4
    assert nodes.f is f
    for name in ("zipped_shop", "zipped_shop.nodes"):
        del sys.modules[name]


@pytest.mark.parametrize("text", ["def f(:\n", "x = 1\n\nreturn 3\n", "def f(a, a): pass\n", "x = 'open\n"])
def test_a_syntax_error_is_raised_at_the_import_with_file_and_line(package: Package, text: str) -> None:
    """Also one that only the compiler finds."""
    file = package.write("nodes", text)
    with pytest.raises(SyntaxError) as caught:
        package.load("nodes")
    assert caught.value.filename == str(file)
    assert caught.value.lineno == text.count("\n", 0, text.find("return 3")) + 1 if "return 3" in text else 1

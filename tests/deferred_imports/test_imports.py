"""Every form of import gives what plain Python gives."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import defer_node_imports
from kedro_matrix_ext.errors import NodeImportError

if TYPE_CHECKING:
    from tests.deferred_imports.conftest import Package

NODES = """
    import json as serializer

    SIZE = 3


    def train(table, size=2):
        return table * size


    def _private():
        return "private"


    class Model:
        pass
    """


@pytest.mark.parametrize(
    "statement",
    [
        "from shop.nodes import train",
        "from .nodes import train",
        "from .nodes import train as trained; train = trained",
        "import shop.nodes as steps; train = steps.train",
        "import shop.nodes; train = shop.nodes.train",
        "from . import nodes; train = nodes.train",
        "from importlib import import_module; train = import_module('.nodes', 'shop').train",
    ],
)
def test_a_function_is_imported_without_running_the_module(package: Package, statement: str) -> None:
    """Each form gives the function; the module runs when it is called."""
    package.write("nodes", NODES)
    train = package.run(statement)["train"]
    assert not package.has_run()
    assert train("ab") == "abab"
    assert package.has_run()
    assert train is package.load("nodes").train


@pytest.mark.parametrize("name", ["SIZE", "Model", "serializer"])
def test_what_is_not_a_function_runs_the_module(package: Package, name: str) -> None:
    """A constant, a class, an imported module: the real object."""
    package.write("nodes", NODES)
    value = package.run(f"from .nodes import {name}")[name]
    assert package.has_run()
    assert value is vars(package.load("nodes"))[name]


def test_a_star_import_takes_all_that_is_public(package: Package) -> None:
    """Without ``__all__`` the module runs, as its constants are asked for too."""
    package.write("nodes", NODES)
    names = package.run("from .nodes import *")
    assert names["SIZE"] == 3
    assert names["train"](1) == 2
    assert "_private" not in names
    assert {"serializer", "Model"} <= set(names)


def test_a_star_import_of_listed_functions_does_not_run_the_module(package: Package) -> None:
    """With ``__all__`` only what it lists is asked for, private names included."""
    package.write("nodes", "__all__ = ['train', '_private']" + "\n" + _dedented(NODES))
    names = package.run("from .nodes import *")
    assert not package.has_run()
    assert names["_private"]() == "private"
    assert "SIZE" not in names


@pytest.mark.parametrize("exports", ["['train', 'SIZE']", "['train'] + ['SIZE']", "('train', 'SIZE')"])
def test_a_star_import_of_other_names_runs_the_module(package: Package, exports: str) -> None:
    """What ``__all__`` lists arrives, however the list is written."""
    package.write("nodes", f"__all__ = {exports}\n" + _dedented(NODES))
    names = package.run("from .nodes import *")
    assert names["SIZE"] == 3
    assert "Model" not in names


def test_a_name_of_all_that_is_not_defined_is_an_attribute_error(package: Package) -> None:
    """As in plain Python."""
    package.write("nodes", "__all__ = ['absent']\n")
    with pytest.raises(AttributeError, match="absent"):
        package.run("from .nodes import *")


def test_a_missing_name_is_an_import_error_with_file_and_nearest_name(package: Package) -> None:
    """At the import, without running the module."""
    file = package.write("nodes", NODES)
    with pytest.raises(ImportError) as caught:
        package.run("from .nodes import trian")
    error = caught.value
    assert isinstance(error, NodeImportError)
    assert "'trian'" in str(error)
    assert str(file) in str(error)
    assert "Did you mean 'train'?" in str(error)
    assert (error.name, error.path) == ("shop.nodes", str(file))
    assert not package.has_run()


def test_a_missing_attribute_is_an_attribute_error(package: Package) -> None:
    """Outside of an import statement; ``hasattr`` and defaults work, and nothing runs."""
    package.write("nodes", NODES)
    nodes = package.load("nodes")
    with pytest.raises(AttributeError, match=r"'trian'.*'train'"):
        _ = nodes.trian
    assert not hasattr(nodes, "trian")
    assert getattr(nodes, "__warningregistry__", None) is None
    assert not package.has_run()


def test_a_missing_name_of_a_module_that_has_run_is_an_import_error(package: Package) -> None:
    """It is a plain module by then."""
    package.write("nodes", NODES)
    assert package.load("nodes").SIZE == 3
    with pytest.raises(ImportError, match="trian"):
        package.run("from .nodes import trian")


def test_a_package_that_reexports_is_not_run(package: Package) -> None:
    """The function comes from the submodule, under its own name or another."""
    package.write("nodes/cleaning", "print('cleaning')\ndef clean(table): return table\n")
    package.write("nodes/training", "def train(table): return [table]\n")
    package.write(
        "nodes/__init__",
        "print('package')\nfrom .cleaning import clean\nfrom shop.nodes.training import train as fit\n",
    )
    names = package.run("from .nodes import clean, fit")
    assert not any(map(package.has_run, ("nodes", "nodes.cleaning", "nodes.training")))
    assert names["fit"](1) == [1]
    assert names["fit"].__module__ == "shop.nodes.training"
    assert [package.has_run(f"nodes{name}") for name in ("", ".cleaning", ".training")] == [
        False,
        False,
        True,
    ]


def test_a_reexported_function_named_like_its_module_is_the_function(package: Package) -> None:
    """The import system sets the submodule as an attribute; the package's own binding wins."""
    package.write("nodes/train", "def train(table): return [table]\n")
    package.write("nodes/__init__", "from .train import train\n")
    first = package.run("from .nodes import train")["train"]
    second = package.run("from shop.nodes import train")["train"]
    assert first is second
    assert first(1) == [1]
    assert package.run("import shop.nodes; shop.nodes.__dict__")
    assert package.load("nodes").train is first


@pytest.mark.parametrize(
    "statement",
    [
        "from .nodes import cleaning",
        "from shop.nodes import cleaning",
        "import shop.nodes.cleaning as cleaning",
        "import shop.nodes.cleaning; cleaning = shop.nodes.cleaning",
        "from .nodes.cleaning import clean; import shop.nodes; cleaning = shop.nodes.cleaning",
    ],
)
def test_submodules_are_imported_in_every_form(package: Package, statement: str) -> None:
    """Of a package whose ``__init__`` is deferred, too."""
    package.write("nodes/cleaning", "def clean(table): return [table]\n")
    package.write("nodes/__init__", "SIZE = 3\n")
    cleaning = package.run(statement)["cleaning"]
    assert cleaning is sys.modules["shop.nodes.cleaning"]
    assert cleaning.clean(1) == [1]
    assert package.load("nodes").SIZE == 3
    assert package.load("nodes").cleaning is cleaning


def test_a_module_that_was_imported_before_stays_as_it_is(undeferred: Package) -> None:
    """What ran has run."""
    undeferred.write("nodes", NODES)
    nodes = undeferred.load("nodes")
    defer_node_imports("shop.**.nodes")
    assert undeferred.load("nodes") is nodes
    assert undeferred.run("from .nodes import train")["train"] is nodes.train


def test_modules_without_settings_are_as_ever(undeferred: Package) -> None:
    """Nothing is deferred before `defer_node_imports` is called."""
    undeferred.write("nodes", NODES)
    assert type(undeferred.load("nodes")) is type(sys)


def test_names_are_listed_without_running_the_module(package: Package) -> None:
    """For completion in a notebook."""
    package.write("nodes", NODES)
    assert {"train", "SIZE", "Model", "__file__"} <= set(dir(package.load("nodes")))
    assert not package.has_run()


def test_all_names_are_there_where_the_dictionary_is_read(package: Package) -> None:
    """``vars(nodes)`` shows constants and classes."""
    package.write("nodes", NODES)
    names = vars(package.load("nodes"))
    assert {"train", "SIZE", "Model"} <= set(names)


def test_an_attribute_that_others_set_stays(package: Package) -> None:
    """A test that replaces a constant before anything ran finds it replaced afterwards."""
    package.write(
        "nodes", NODES.replace("size=2):\n        return table * size", "):\n        return table * SIZE")
    )
    nodes = package.load("nodes")
    train = nodes.train
    nodes.SIZE = 5
    assert train(1) == 5
    assert nodes.SIZE == 5


@pytest.mark.parametrize(
    "text",
    [
        "def __getattr__(name): return name.upper()",
        "def f(): return 1\nglobals()['f'] = lambda: 2",
        "import sys\ndef f(): return 1\nsys.modules[__name__].f = lambda: 2",
        "import sys as system\ndef f(): return 1\nsystem.modules[__name__].f = lambda: 2",
        "from sys import modules\ndef f(): return 1\nmodules[__name__].f = lambda: 2",
        "def f(): return 1\nvars()['f'] = lambda: 2",
        "def f(): return 1\nlocals().update(f=lambda: 2)",
        "def f(): return 1\nexec('f = lambda: 2')",
        "def f(): return 1\nimport importlib\nsetattr(importlib.import_module(__name__), 'f', lambda: 2)",
        "def f(): return 1\nif True:\n    f = lambda: 2",
        "def f(): return 1\ndef g():\n    global f\n    f = lambda: 2\ng()",
        "def f(): return 1\n[f := (lambda: 2) for _ in 'a']",
        "def f(): return 1\nfor f in [lambda: 2]: pass",
        "def f(): return 1\ntry:\n    raise ValueError\nexcept ValueError:\n    def f(): return 2",
        "from contextlib import nullcontext\ndef f(): return 1\nwith nullcontext(lambda: 2) as f: pass",
        "def f(): return 1\nmatch (lambda: 2):\n    case f: pass",
        "def f(): return 1\ng, (f, *h) = 1, (lambda: 2,)",
        "def f(): return 1\nfrom .other import *",
        "def f(): return 1\nfrom .other import f",
        "def f(): return 1\nimport functools\nf = functools.partial(lambda x: x, 2)",
        "def f(): return f.value\nf.value = 2",
        "def f(): return f.value\nsetattr(f, 'value', 2)",
    ],
)
def test_a_module_that_rebinds_a_function_gives_what_plain_python_gives(package: Package, text: str) -> None:
    """However it does so, when the name is imported; the function's attributes included."""
    package.write("other", "f = lambda: 2\n")
    package.write("nodes", text)
    package.write("plain", text)
    expected, got = package.load("plain"), package.load("nodes")
    value = got.f if not hasattr(expected, "__getattr__") else got.absent
    plain: Any = expected.f if not hasattr(expected, "__getattr__") else expected.absent
    assert (value() if callable(value) else value) == (plain() if callable(plain) else plain)
    assert getattr(value, "value", None) == getattr(plain, "value", None)


def test_names_of_a_star_import_are_found(package: Package) -> None:
    """The module runs for what only the star import can define, not for its own functions."""
    package.write("other", "SIZE = 4\ndef helper(): return 5\n")
    package.write("nodes", "from .other import *\ndef f(): return SIZE\n")
    nodes = package.load("nodes")
    f = nodes.f
    assert not package.has_run()
    assert nodes.helper() == 5
    assert package.has_run()
    assert f() == 4
    with pytest.raises(AttributeError, match="absent"):
        _ = nodes.absent


def test_what_only_a_script_does_is_left_out(package: Package) -> None:
    """Names that ``if __name__ == "__main__"`` binds again are not bound by an import."""
    package.write("nodes", "def f(): return 1\nif __name__ == '__main__':\n    f = None\n")
    f = package.load("nodes").f
    assert not package.has_run()
    assert f() == 1


def _dedented(text: str) -> str:
    from textwrap import dedent

    return dedent(text).lstrip("\n")

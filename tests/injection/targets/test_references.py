"""What the code of a library's function comes to: read from bytecode, in a library made for the test."""

from __future__ import annotations

import sys
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import instantiate
from kedro_matrix_ext.errors import RefusedTargetError
from kedro_matrix_ext.injection.targets.references import find_reference
from kedro_matrix_ext.injection.targets.refusals import find_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

LIBRARY = "toposort"  # its name is among the libraries that are read, and it is not installed


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Make a module of a well-known library from source."""

    def make(source: str) -> Any:
        module = ModuleType(LIBRARY)
        module.__package__ = LIBRARY
        monkeypatch.setitem(sys.modules, LIBRARY, module)
        exec(dedent(source), vars(module))  # noqa: S102  the source is the test's own
        return module

    return make


HARMFUL = {
    "a subclass of an unpickler": """
        import pickle
        class Reader(pickle._Unpickler): ...
        def target(stream): return Reader(stream).load()
    """,
    "a method called through self": """
        import subprocess
        class Base:
            def __init__(self): self.connect()
            def connect(self): ...
        class target(Base):
            def connect(self): subprocess.run("ls")
    """,
    "a method called through the class, on the target's own class": """
        import subprocess
        class Base:
            def __init__(self): self.connect()
            def connect(self): ...
        class target(Base):
            def __init__(self): Base.__init__(self)
            def connect(self): subprocess.run("ls")
    """,
    "a method called through super": """
        import os
        class Base:
            def __init__(self, path): os.remove(path)
        class target(Base):
            def __init__(self, path): super().__init__(path)
    """,
    "a constructor of a class that is made": """
        import shutil
        class Folder:
            def __init__(self, path): shutil.rmtree(path)
        def target(path): return Folder(path)
    """,
    "__new__ of a class that is made": """
        import os
        class Folder:
            def __new__(cls, path): os.unlink(path)
        def target(path): return Folder(path)
    """,
    "a method of an object that is made": """
        import os
        class Folder:
            def clear(self): os.unlink("x")
        def target(): return Folder().clear()
    """,
    "a class method": """
        import os
        class Folder:
            @classmethod
            def clear(cls): os.unlink("x")
        def target(): return Folder.clear()
    """,
    "a property of an object that is made": """
        import os
        class Folder:
            @property
            def cleared(self): os.unlink("x")
        def target(): return Folder().cleared
    """,
    "a default argument": """
        import subprocess
        def target(command, popen=subprocess.Popen): return popen(command)
    """,
    "a default of a keyword argument": """
        import subprocess
        def target(command, *, run=subprocess.run): return run(command)
    """,
    "a default argument of a constructor": """
        import subprocess
        class target:
            def __init__(self, popen=subprocess.Popen): self.popen = popen
    """,
    "a variable around it": """
        import os
        def around(function):
            def inner(path): return function(path)
            return inner
        target = around(os.remove)
    """,
    "a file that is opened for writing": "def target(path): return open(path, 'w')",
    "a file that is opened for appending, by keyword": "def target(path): return open(path, mode='ab')",
    "a file that is opened for writing by another module": """
        import io
        def target(path, name):
            with io.open(str(path) + name, 'r+') as stream: return stream
    """,
    "a compressed file that is opened for writing": """
        import gzip
        def target(path): return gzip.open(path, 'wt')
    """,
    "a file of a file system that is opened for writing": """
        def target(fs, path):
            with fs.open(path, 'wb') as stream: stream.write(b'')
    """,
    "a file whose mode is given": "def target(path, mode='r'): return open(path, mode)",
    "a file whose mode is given by keyword": "def target(path, how): return open(path, mode=how)",
    "a file whose mode is an attribute": """
        class target:
            def __init__(self, path, handle): self.stream = open(path, handle.mode)
    """,
    "a writing method by its name": "def target(frame, path): frame.to_parquet(path)",
    "an import of a name that is given": """
        import importlib
        def target(name): return importlib.import_module(name)
    """,
    "an import of a name that is passed on": """
        def load(name): return __import__(name)
        def find(name): return load(name)
        def target(name): return find(name)
    """,
    "another name, two calls further": """
        from os import unlink as drop
        def second(path): drop(path)
        def first(path): second(path)
        def target(path): first(path)
    """,
    "a default argument, two calls further": """
        import os
        def second(path, drop=os.unlink): drop(path)
        def first(path): second(path)
        def target(path): first(path)
    """,
    "a function inside, two calls further": """
        import os
        def second(path): return lambda: os.unlink(path)
        def first(path): second(path)
        def target(path): first(path)
    """,
    "a module imported inside": """
        def target(path):
            from shutil import rmtree as clear
            clear(path)
    """,
}

HARMLESS = {
    "a file that is read": "def target(path): return open(path)",
    "a file that is read as bytes": "def target(path): return open(path, 'rb')",
    "a file that is read in a mode by keyword": "def target(path): return open(path, mode='r', newline='')",
    "a file that a deeper function opens in a mode": """
        def handle(path, mode): return open(path, mode)
        def target(path): return handle(path, 'r')
    """,
    "an optional part that is imported": """
        import importlib
        def optional(name): return importlib.import_module(name)
        def target(): return optional('pyarrow')
    """,
    "an import of a constant": "def target(): return __import__('json')",
    "a base class whose method is overridden": """
        import os
        class Base:
            def clear(self): os.unlink('x')
        class target(Base):
            def __init__(self): self.clear()
            def clear(self): ...
    """,
    "a relative import": """
        def target():
            from . import missing
            from .deeper import name
            return missing, name
    """,
    "a variable around it that is not set": """
        def around():
            def inner(): return later
            kept = inner
            if kept is None:
                later = 1
            return kept
        target = around()
    """,
    "three calls further": """
        import os
        def third(path): os.unlink(path)
        def second(path): third(path)
        def first(path): second(path)
        def target(path): first(path)
    """,
    "itself": "def target(): return target()",
}


@pytest.mark.parametrize("source", HARMFUL.values(), ids=HARMFUL)
def test_what_a_function_or_class_comes_to_is_found(library: Callable[[str], Any], source: str) -> None:
    """By classes, methods, default arguments, modes of files and names that are passed on."""
    assert find_reference(library(source).target) is not None
    with pytest.raises(RefusedTargetError, match=r"'toposort\.\S+'.* uses '"):
        instantiate({"object": f"{LIBRARY}.target", "instantiate": False})


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS)
def test_what_reads_or_goes_deeper_is_let_through(library: Callable[[str], Any], source: str) -> None:
    """Reading is not writing, and the reader follows two calls."""
    assert find_reference(library(source).target) is None


def test_a_module_of_a_package_is_found_through_a_relative_import(
    library: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The level of the import counts."""
    made = library("def target(path):\n    from .inner import clear\n    clear(path)")
    inner = ModuleType(f"{LIBRARY}.inner")
    exec("import os\ndef clear(path): os.unlink(path)", vars(inner))  # noqa: S102  the test's own
    vars(inner)["clear"].__module__ = inner.__name__
    monkeypatch.setitem(sys.modules, inner.__name__, inner)
    assert find_reference(made.target) == ("os.unlink", "deletes, moves or overwrites files")


def test_calling_an_instance_is_judged(library: Callable[[str], Any]) -> None:
    """An object that another target would call is judged by what its call comes to."""
    made = library("""
        import os
        class Remover:
            def __call__(self, path): self.clear(path)
            def clear(self, path): os.unlink(path)
        class Adder:
            def __call__(self, value): return value + 1
        remove, add = Remover(), Adder()
    """)
    assert find_refusal(made.remove) is not None
    assert find_refusal(made.add) is None
    with pytest.raises(RefusedTargetError):
        instantiate({"object": f"{LIBRARY}.remove", "args": ["x"]})


def test_code_of_a_project_is_not_read() -> None:
    """What a project's own functions do is the project's decision."""

    def own(path: Any) -> Any:
        return path.open("w")

    assert find_reference(own) is None


def test_what_is_remembered_is_bounded(
    library: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions made at run time do not pile up."""
    from kedro_matrix_ext.injection.targets import references

    monkeypatch.setattr(references, "_MOST_REMEMBERED", 1)
    made = library("def one(): ...\ndef two(): ...\ndef three(): return open('x', 'w')")
    for function in (made.one, made.two, made.three, made.one):
        expected = function is made.three
        assert (find_reference(function) is not None) is expected
    assert len(references._MEMORY.verdicts) <= 2
    assert len(references._MEMORY.references) <= 2

"""Node modules that do what modules rarely do: stand-ins and plain Python give the same."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# Runs the user code of all cases and prints what it shows and what its functions look like, before and after.
PROBE = """
import asyncio, inspect, json, pickle, re, sys, types, typing
mode, *names = sys.argv[1:]
if mode == "deferred":
    from kedro_matrix_ext import defer_node_imports
    defer_node_imports("shop.**.nodes", decorators=["shop.deco.timed"])

def attempt(make):
    try:
        shown = repr(make())
    except Exception as error:
        shown = f"{type(error).__name__}: {error}"
    return re.sub("0x[0-9a-f]+", "0x", shown)

def describe(function):
    tests = (inspect.isfunction, inspect.isgeneratorfunction, inspect.iscoroutinefunction,
             inspect.isasyncgenfunction)
    seen = [function.__qualname__, function.__module__, function.__doc__]
    seen += [test(function) for test in tests]
    for make in (inspect.signature, inspect.getsource, inspect.getsourcelines, typing.get_type_hints,
                 lambda each: pickle.loads(pickle.dumps(each)) is each):
        seen.append(attempt(lambda: make(function)))
    return seen

def run(name):
    shown = []
    code = compile(open(f"{name}/user.py").read(), "user.py", "exec")
    sys.path.insert(0, name)
    names = {"__name__": "shop.user", "__package__": "shop", "asyncio": asyncio, "inspect": inspect}
    names["show"] = lambda make: shown.append(attempt(make))
    exec(code, names)
    functions = [each for each in names.values() if inspect.isfunction(each)
                 and each.__module__.startswith("shop.") and each.__module__ != "shop.user"]
    shown += map(describe, functions)
    if "after" in names:
        names["after"]()
    shown += map(describe, functions)
    sys.path.remove(name)
    for module in [each for each in sys.modules if each.partition(".")[0] == "shop"]:
        del sys.modules[module]
    return shown

print(json.dumps({name: run(name) for name in names}))
"""


@dataclass(frozen=True)
class Case:
    """A package ``shop`` and the code of a module that uses it; ``after`` is called when all is described."""

    user: str
    files: dict[str, str]


def read_cases(text: str) -> dict[str, Case]:
    """Read cases: ``=== name``, then ``--- user`` and its code, and ``--- module`` for each module."""
    cases = {}
    for block in text.split("=== ")[1:]:
        name, _, rest = block.partition("\n")
        parts = [part.split("\n", 1) for part in rest.split("--- ")[1:]]
        cases[name] = Case(parts[0][1], dict(parts[1:]))
    return cases


_CALLS = "from .nodes import f, g\ndef after(): show(lambda: (f(1), g(2)))"
CASES = {
    **read_cases(Path(__file__).with_name("hostile_modules.txt").read_text()),
    "form_feeds": Case(_CALLS, {"nodes": "\fdef f(a):\n    return a\n\f\ndef g(a):\n\f    return a\n"}),
    "old_line_ends": Case(_CALLS, {"nodes": "X=1\rdef f(a):\r    return a\r\rdef g(a): return a\r"}),
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What all cases show, per mode; each mode is one process."""
    found = {}
    for mode in ("plain", "deferred"):
        folder = tmp_path_factory.mktemp(mode)
        for name, case in CASES.items():
            _write(folder / name, case)
        command = [sys.executable, "-c", PROBE, mode, *CASES]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found[mode] = json.loads(done.stdout.replace(f"/{mode}0/", "/"))
    return found


def _write(folder: Path, case: Case) -> None:
    for module, text in case.files.items():
        file = folder / "shop" / f"{module}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        for package in (folder / "shop", file.parent):
            (package / "__init__.py").touch()
        file.write_text(text, newline="")
    (folder / "user.py").write_text(case.user)


@pytest.mark.parametrize("name", CASES)
def test_a_module_shows_what_it_shows_without(name: str, shown: dict[str, dict[str, Any]]) -> None:
    """Results, errors, signatures, sources and pickles are the same."""
    assert shown["deferred"][name] == shown["plain"][name]
    assert shown["plain"][name]

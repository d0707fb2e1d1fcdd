"""Import modules of a project in a fresh process, as a pod would.

Run as a program, it reads the functions to look for, imports their modules with deferred imports off, and
writes a line of JSON for each failure and after each module. Where the process dies, the first module without
such a line is the reason.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from dataclasses import asdict, dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.deferred_imports.registration import SWITCH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ImportFailure", "try_imports"]


@dataclass(frozen=True, kw_only=True)
class ImportFailure:
    """A module that cannot be imported, or a function that it does not have.

    Attributes:
        module: The module.
        function: The function that it does not have; empty where the module itself fails.
        error: What was raised.
        library: The library that is not installed; empty where that is not the reason.
        file: The file in which it was raised, relative to the project where it is inside it.
        line: The line in that file.
    """

    module: str
    function: str = ""
    error: str = ""
    library: str = ""
    file: str | None = None
    line: int | None = None


def try_imports(project: Path, functions: Mapping[str, list[str]]) -> list[ImportFailure]:
    """Import modules in a fresh process.

    Args:
        project: The project's folder.
        functions: Per module the functions that it should have.

    Returns:
        What fails, module by module.
    """
    return list(_try_imports(project, json.dumps(functions)))


@cache
def _try_imports(project: Path, functions: str) -> tuple[ImportFailure, ...]:
    """Import modules once per process, for whoever checks several environments or pipelines in one."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.jsonl")
        report.touch()
        ran = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-m", __name__, str(project), str(report)],
            input=functions,
            cwd=project,
            env={**os.environ, SWITCH: "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    failures = [ImportFailure(**line["failure"]) for line in lines if "failure" in line]
    finished = {line["module"] for line in lines if line.get("done")}
    unfinished = next((module for module in json.loads(functions) if module not in finished), None)
    if unfinished is not None:
        last = (ran.stderr.strip().splitlines() or ["it prints nothing"])[-1]
        error = f"the process that imports it ended with status {ran.returncode}: {last}"
        failures.append(ImportFailure(module=unfinished, error=error))
    return tuple(failures)


def _run(project: Path, report: Path) -> None:
    """Import the modules that standard input names, and report on each."""
    from kedro.framework.startup import bootstrap_project

    functions: dict[str, list[str]] = json.load(sys.stdin)
    bootstrap_project(project)
    with report.open("a", encoding="utf-8") as file:
        for module, names in functions.items():
            for failure in _try_module(module, names, project):
                print(json.dumps({"failure": asdict(failure)}), file=file, flush=True)
            print(json.dumps({"module": module, "done": True}), file=file, flush=True)


def _try_module(module: str, names: list[str], project: Path) -> Iterator[ImportFailure]:
    try:
        imported = importlib.import_module(module)
    except BaseException as error:  # noqa: BLE001  a module may raise anything, and the others are tried as well
        yield _describe(module, error, project)
        return
    for name in names:
        if "<" not in name and not _has(imported, name):
            file = getattr(imported, "__file__", None)
            yield ImportFailure(module=module, function=name, file=_shorten(file, project))


def _has(module: Any, name: str) -> bool:
    try:
        return callable(attrgetter(name)(module))
    except AttributeError:
        return False


def _describe(module: str, error: BaseException, project: Path) -> ImportFailure:
    file, line = _find_place(error, project)
    return ImportFailure(
        module=module,
        error=f"{type(error).__name__}: {error}",
        library=(error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else "",
        file=_shorten(file, project),
        line=line,
    )


def _find_place(error: BaseException, project: Path) -> tuple[str | None, int | None]:
    """Find the last line of the project's own code, or the place of a syntax error."""
    if isinstance(error, SyntaxError):
        return error.filename, error.lineno
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(project)
    ]
    return (frames[-1].filename, frames[-1].lineno) if frames else (None, None)


def _shorten(file: str | None, project: Path) -> str | None:
    if file is None or not Path(file).is_relative_to(project):
        return file
    return Path(file).relative_to(project).as_posix()


if __name__ == "__main__":
    sys.path.pop(0)  # the current folder, which `python -m` puts first and the program `kedro` does not
    _run(Path(sys.argv[1]), Path(sys.argv[2]))

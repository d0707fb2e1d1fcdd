"""A task's runner is a runner class, whatever the variable or the option holds."""

from __future__ import annotations

from typing import Any

import pytest
from kedro.runner import SequentialRunner

from kedro_matrix_ext.argo.task.execution import make_runner
from kedro_matrix_ext.errors import KedroMatrixError


class OwnRunner(SequentialRunner):
    """A project's own runner."""


def make_sequential() -> SequentialRunner:
    """Return a runner; it is not a class."""
    return SequentialRunner()


CALLED: list[str] = []


class Recorder:
    """A class other than a runner, which must not be built."""

    def __init__(self, **arguments: Any) -> None:
        CALLED.append(str(arguments))


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "os._exit",
        "subprocess.Popen",
        "subprocess.run",
        "shutil.rmtree",
        "builtins.exec",
        "builtins.print",
        "builtins.dict",
        "builtins.type",
        "os.path",
        "math.pi",
        "kedro.runner",
        "kedro.runner.AbstractRunner",
        "kedro.runner.Task",
        "kedro.runner.SequentialRunner.run",
        "AbstractRunner",
        "Task",
        f"{__name__}.Recorder",
        f"{__name__}.make_sequential",
        f"{__name__}.CALLED.append",
        "functools.partial",
        "unittest.mock.Mock",
        "kedro_matrix_ext.instantiate",
        "",
        ".",
        "os.",
        "..os.system",
        "no such.name",
        "__class__",
        "os.Absent",
        f"{__name__}.Recordr",
        "no_such_module.Runner",
    ],
)
@pytest.mark.parametrize("params", [{}, {"command": "echo"}, {"object": "os.system"}])
def test_nothing_but_a_runner_class_is_called(name: str, params: dict[str, Any]) -> None:
    """Functions, modules, other classes, abstract ones and instances are one clear error."""
    with pytest.raises(KedroMatrixError) as raised:
        make_runner(name, params)
    assert raised.value.__cause__ is None  # or a task shows the traceback
    assert CALLED == []


@pytest.mark.parametrize("name", ["SequentialRunner", "kedro.runner.ThreadRunner", f"{__name__}.OwnRunner"])
def test_runner_classes_are_taken(name: str) -> None:
    """Kedro's by their name or import path, a project's by its import path."""
    assert type(make_runner(name, {})).__name__ == name.rpartition(".")[2]

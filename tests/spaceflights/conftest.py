"""The example project in a folder of the test's own, with a hook that writes down what its nodes received."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

RECORDER = """
import json
from pathlib import Path

from kedro.framework.hooks import hook_impl


class Recorder:
    @hook_impl
    def before_node_run(self, node, inputs):
        parameters = {name: value for name, value in inputs.items() if name.startswith("params:")}
        with Path("received.jsonl").open("a") as file:
            file.write(json.dumps([node.name, parameters]) + "\\n")
"""
SETTINGS = """
from spaceflights.recorder import Recorder
HOOKS = (*globals().get("HOOKS", ()), Recorder())
"""


@pytest.fixture
def spaceflights(copy_example: Callable[[str], KedroProject]) -> KedroProject:
    """A copy of the example project, that does without MLflow, as its start takes longer than a run."""
    project = copy_example("spaceflights")
    project.write(".env", "KEDRO_HOOKS_DISABLE_MLFLOW=1\n")
    project.write("src/spaceflights/recorder.py", RECORDER)
    project.write("src/spaceflights/settings.py", project.read("src/spaceflights/settings.py") + SETTINGS)
    return project


@pytest.fixture
def received(spaceflights: KedroProject) -> Callable[[], dict[str, Any]]:
    """Read, for each node that ran, the parameters it received; a node that ran twice fails the test."""

    def read() -> dict[str, Any]:
        rows = [json.loads(line) for line in spaceflights.read("received.jsonl").splitlines()]
        assert len(rows) == len({name for name, _ in rows})
        return dict(rows)

    return read

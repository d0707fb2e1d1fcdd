"""SIGTERM while Kedro still imports the project."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.waiting import PATIENCE, wait_until

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

SLOW_SETTINGS = """
import time
from pathlib import Path

Path("importing").touch()
time.sleep(600)
"""


@pytest.mark.project
@pytest.mark.parametrize(
    ("command", "status"), [(["argo", "task", "--nodes", "wait"], 143), (["info"], -signal.SIGTERM)]
)
def test_sigterm_while_the_project_is_imported_ends_a_task_with_143(
    project: KedroProject, command: list[str], status: int
) -> None:
    """A task ends as Argo expects, also as the first process of a container; other commands end as ever."""
    project.write("src/shop/settings.py", SLOW_SETTINGS)
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro", *command],
        cwd=project.path,
        env={**os.environ, "DO_NOT_TRACK": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until((project.path / "importing").exists, process=process, what="the import of settings.py")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == status

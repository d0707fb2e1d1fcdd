"""Values of secrets in a rehearsal: from the shell, then ``.env``, then one hidden prompt on a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

TYPED = "typed-s3cret"
SETTINGS = """
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args, load_environment_variables

load_environment_variables()
CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
"""
REGISTRY = """
import hashlib

from kedro.pipeline import Node, Pipeline


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def register_pipelines():
    return {"__default__": Pipeline([Node(digest, "params:api_token", "made", name="make")])}
"""
ARGO = """
deployment: {image: registry.example/shop, tag: v1}
machine_types: {default: {mem: 4, cpu: 1}}
template:
  environment:
    - {name: API_TOKEN, secret_ref: {name: api, key: token}}
    - {name: OTHER_TOKEN, secret_ref: {name: api, key: second}}
"""


@pytest.fixture
def shop(make_project: Callable[..., KedroProject]) -> KedroProject:
    """A project whose one node digests a value that tasks get from a secret."""
    project = make_project()
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/argo.yml", ARGO)
    project.write("conf/base/catalog.yml", "made: {type: text.TextDataset, filepath: data/made.txt}\n")
    project.write("conf/base/parameters.yml", "api_token: ${oc.env:API_TOKEN}\n")
    return project


def read_until(process: subprocess.Popen[bytes], text: str) -> str:
    """Read a process' output until it contains a text, or ends."""
    said = b""
    assert process.stdout is not None
    while text.encode() not in said and (read := os.read(process.stdout.fileno(), 4096)):
        said += read
    return said.decode()


def digest(token: str) -> str:
    """Compute what the node saves."""
    from hashlib import sha256

    return sha256(token.encode()).hexdigest()


def test_a_terminal_is_asked_once_without_echo(shop: KedroProject) -> None:
    """For what neither the shell nor ``.env`` has; the answer shows nowhere, and reaches the task."""
    shop.write(".env", "OTHER_TOKEN=from-env-file\n")
    master, terminal = pty.openpty()
    variables = {**os.environ, "COLUMNS": "200", "DO_NOT_TRACK": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "kedro", "argo", "rehearse", "-e", "base"],
        cwd=shop.path,
        env=variables,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # so that getpass uses the terminal of stdin
    ) as process:
        said = read_until(process, "'api')")
        os.write(master, f"{TYPED}\n".encode())  # what is typed before the prompt is discarded
        said += process.communicate(timeout=PATIENCE)[0].decode()
    echoed = os.read(master, 10_000).decode() if select.select([master], [], [], 0)[0] else ""
    os.close(terminal)
    os.close(master)
    assert process.returncode == 0, said
    assert said.count("API_TOKEN (key 'token' of 'api')") == 1
    assert "OTHER_TOKEN" not in said
    assert TYPED not in said + echoed
    assert shop.read("data/made.txt") == digest(TYPED)
    kept = [file for file in shop.path.rglob("*") if file.is_file() and TYPED.encode() in file.read_bytes()]
    assert kept == []


def test_without_a_terminal_one_error_lists_all(shop: KedroProject) -> None:
    """Nothing is asked, and nothing runs."""
    ran = shop.kedro("argo", "rehearse", "-e", "base", check=False)
    assert ran.returncode == 1
    assert all(name in ran.stderr for name in ("API_TOKEN", "'token'", "OTHER_TOKEN", "'second'"))
    assert "Traceback" not in ran.stderr
    assert not (shop.path / "data/made.txt").exists()


def test_the_shell_wins_over_the_file(shop: KedroProject) -> None:
    """The value of the shell is the task's."""
    shop.write(".env", "API_TOKEN=from-file\nOTHER_TOKEN=x\n")
    shop.kedro("argo", "rehearse", "-e", "base", env={"API_TOKEN": "from-shell"})
    assert shop.read("data/made.txt") == digest("from-shell")

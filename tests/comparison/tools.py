"""The tools that the README compares, each in a separate Python environment."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from textwrap import dedent
from typing import Any

from tests.kedro_project import KedroProject
from tests.waiting import PATIENCE

__all__ = ["TOOLS", "Outcome", "Project", "Tool", "UndecidedError", "decide"]

HELPERS = Path(__file__).with_name("copied_helpers.py")
OUR_SETTINGS = """
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
"""
COPIED_SETTINGS = """
from shop.copied_helpers import choose_hooks, merge
CONFIG_LOADER_ARGS = {
    "base_env": "base", "default_run_env": "local", "custom_resolvers": {"merge": merge}
}
"""
TOOLS = {
    "Kedro": "",
    "copied helpers": COPIED_SETTINGS,
    "argo-kedro 0.1.41": "",
    "kedro-airflow 0.11": "",
    "kedro-matrix-ext": OUR_SETTINGS,
}
OUR_ARGO = """
deployment: {image: registry.example.com/shop}
machine_types:
  default: {mem: 4, cpu: 1}
  big: {mem: 62, cpu: 8}
default_machine_type: default
"""
CATALOG = "\n".join(
    f"{name}: {{type: pickle.PickleDataset, filepath: data/{name}.pkl}}" for name in ("cars", "count", "size")
)
_EVERY_COMMAND = """
    from pathlib import Path
    import click
    from kedro.framework.cli.cli import KedroCLI
    from kedro.framework.startup import bootstrap_project

    def walk(command, name):
        if not isinstance(command, click.Group):
            return [name]
        context = click.Context(command)
        below = {one: command.get_command(context, one) for one in command.list_commands(context)}
        return [found for one, inner in below.items() for found in walk(inner, f"{name} {one}".strip())]

    bootstrap_project(Path.cwd())
    found = walk(KedroCLI(Path.cwd()), "")
"""
_LOAD = """
    from pathlib import Path
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(Path.cwd())
    with KedroSession.create(env={env!r}) as session:
        found = session.load_context().params[{key!r}]
"""


class UndecidedError(Exception):
    """What a tool did is not one of the expected results, so the cell is undecided."""


@dataclass(frozen=True)
class Outcome:
    """What a command did.

    Attributes:
        status: Its exit status.
        shown: All that it printed, white space normalised.
    """

    status: int
    shown: str


@dataclass(frozen=True)
class Tool:
    """One column of the table.

    Attributes:
        name: How the table calls it.
        python: The interpreter of its environment.
        folder: Where its projects are made.
    """

    name: str
    python: str
    folder: Path

    def make_project(self, files: dict[str, str] | None = None, *, settings: str = "") -> Project:
        """Make a project named ``shop`` that uses the tool."""
        inside = KedroProject.create(Path(mkdtemp(dir=self.folder)) / "shop", package="shop")
        project = Project(self, inside.path)
        inside.write("conf/base/catalog.yml", CATALOG)
        inside.write("src/shop/settings.py", f"{TOOLS[self.name]}{settings}")
        shutil.copy(HELPERS, inside.path / "src/shop/copied_helpers.py")
        for name, value in {"cars": [1, 2, 3], "count": 3}.items():
            (inside.path / "data").mkdir(exist_ok=True)
            (inside.path / "data" / f"{name}.pkl").write_bytes(pickle.dumps(value))
        if self.name.startswith("argo-kedro"):
            project.kedro(
                "argo", "init", given="n\n" * 3
            )  # each of its commands ends where argo.yml is missing
        if self.name == "kedro-matrix-ext":
            inside.write("conf/base/argo.yml", OUR_ARGO)
        for name, text in (files or {}).items():
            inside.write(name, text)
        return project


@dataclass(frozen=True)
class Project:
    """A project that uses a tool.

    Attributes:
        tool: The tool.
        path: Its root.
    """

    tool: Tool
    path: Path

    def kedro(self, *arguments: str, given: str = "", **variables: str) -> Outcome:
        """Run ``kedro ARGUMENTS``."""
        return self.run([self.tool.python, "-m", "kedro", *arguments], given, **variables)

    def run(self, command: list[str], given: str = "", **variables: str) -> Outcome:
        """Run a command in the project, with the tool's environment first on the path."""
        path = f"{Path(self.tool.python).parent}:/usr/local/bin:/usr/bin:/bin"
        env = {"PATH": path, "HOME": str(self.path), "COLUMNS": "400", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}
        ran = subprocess.run(
            command,
            cwd=self.path,
            env={**env, **variables},
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Outcome(ran.returncode, " ".join(ran.stdout.split()))

    def find(self, code: str) -> tuple[Any, str]:
        """Run Python code that names something ``found``; give it, or None, and all that was printed."""
        script = f"{dedent(code)}\nimport json\nprint('<<', json.dumps(found), '>>')"
        ran = self.run([self.tool.python, "-c", script])
        shown = re.search(r"<< (.*) >>", ran.shown)
        return (json.loads(shown[1]) if shown else None), ran.shown

    def find_parameter(self, key: str, env: str) -> str:
        """Load a parameter as a run in an environment has it, as JSON; what was printed where that fails."""
        value, shown = self.find(_LOAD.format(key=key, env=env))
        return shown if value is None else json.dumps(value)

    def list_commands(self) -> set[str]:
        """List every command that ``kedro`` has in the project."""
        commands, shown = self.find(_EVERY_COMMAND)
        if not commands:
            raise UndecidedError(shown)
        return set(commands)


def decide(shown: str, outcomes: dict[str, str]) -> str:
    """Say which cell what was shown stands for.

    Args:
        shown: What a tool did.
        outcomes: Per text that can be in it the cell that it stands for.

    Raises:
        UndecidedError: None of the texts is in it, or several that stand for different cells.
    """
    cells = {cell for text, cell in outcomes.items() if text in shown}
    if len(cells) != 1:
        raise UndecidedError(f"none or several of {list(outcomes)} in: {shown[-1500:]}")
    return cells.pop()

"""Runs `kedro matrix config check` on copies of the example's configuration with faults planted in them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pytest
from tests.conftest import EXAMPLES
from tests.kedro_project import KedroProject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Checked", "Plant"]

# Many checks in one process: starting Kedro costs more than checking.
CHECKS = """
import json
import os
from pathlib import Path

from click.testing import CliRunner
from kedro.config import OmegaConfigLoader
from kedro.framework.project import settings
from kedro.framework.startup import bootstrap_project

from kedro_matrix_ext import LayeredConfigLoader, TranscodingMixin
from kedro_matrix_ext.cli.matrix import commands


class KedroLoader(TranscodingMixin, OmegaConfigLoader):
    pass


LOADERS = {"layered": LayeredConfigLoader, "kedro": KedroLoader, "plain": OmegaConfigLoader}
metadata = bootstrap_project(Path.cwd())
answers = {}
for name, plant in json.loads(Path("plants.json").read_text()).items():
    before = dict(os.environ)
    os.environ.update(plant["variables"])
    settings.set("CONFIG_LOADER_CLASS", LOADERS[plant["loader"]])
    words = ["matrix", "config", "check", *plant["words"], "--format", "json", "--conf-source", plant["conf"]]
    result = CliRunner().invoke(commands, words, obj=metadata)
    answers[name] = (result.exit_code, result.stdout, result.stderr, repr(result.exception))
    os.environ.clear()
    os.environ.update(before)
Path("answers.json").write_text(json.dumps(answers))
"""


@dataclass(frozen=True)
class Plant:
    """Faults, and how they are looked for.

    Attributes:
        files: Per file of the configuration the text that is written behind what it holds.
        replaced: Per file what is replaced in it, and by what.
        words: The command's arguments.
        variables: Environment variables.
        loader: The project's loader: ours, Kedro's own with ``transcode:`` entries, or plain.
        archive: Whether the configuration is given as a zip archive.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    words: tuple[str, ...] = ("-e", "cloud")
    variables: Mapping[str, str] = field(default_factory=dict)
    loader: Literal["layered", "kedro", "plain"] = "layered"
    archive: bool = False


@dataclass(frozen=True)
class Checked:
    """What the command said of a plant.

    Attributes:
        conf: The configuration.
        status: The exit status.
        output: What it printed.
        errors: What it printed on standard error, and what it raised.
    """

    conf: Path
    status: int
    output: str
    errors: str

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings."""
        assert self.output, self.errors
        found: list[dict[str, Any]] = json.loads(self.output)["findings"]
        return found

    def places(self, code: str) -> list[tuple[str, int]]:
        """Per finding of a code its file and line."""
        found = [each["location"] for each in self.findings if each["code"] == code]
        return [(location["file"], location["line"]) for location in found]

    def line(self, file: str, snippet: str) -> tuple[str, int]:
        """The file as findings call it, and the last line that holds a snippet."""
        lines = (self.conf / file).read_text().splitlines()
        return f"conf/{file}", max(number for number, line in enumerate(lines, 1) if snippet in line)


@pytest.fixture(scope="session")
def check_plants(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Mapping[str, Plant]], dict[str, Checked]]:
    """Check copies of the example's configuration, in one process: ``check_plants({"name": Plant(...)})``."""
    for module in ("kedro_datasets", "pandas", "polars", "pyspark", "sklearn"):
        pytest.importorskip(module, reason=f"the example's catalog needs {module!r}")

    def check(plants: Mapping[str, Plant]) -> dict[str, Checked]:
        root = tmp_path_factory.mktemp("plants")
        project = KedroProject(root / "spaceflights")
        shutil.copytree(
            EXAMPLES / "spaceflights", project.path, ignore=shutil.ignore_patterns("__pycache__", "0[1-9]_*")
        )
        confs = {
            name: _plant(project.path / "conf", root / name / "conf", plant) for name, plant in plants.items()
        }
        described = {
            name: {
                "words": plant.words,
                "variables": dict(plant.variables),
                "loader": plant.loader,
                "conf": _packed(confs[name]) if plant.archive else str(confs[name]),
            }
            for name, plant in plants.items()
        }
        project.write("plants.json", json.dumps(described))
        project.python(CHECKS)
        answers: dict[str, tuple[int, str, str, str]] = json.loads(project.read("answers.json"))
        return {
            name: Checked(confs[name], status, output, f"{errors}\n{raised}")
            for name, (status, output, errors, raised) in answers.items()
        }

    return check


def _packed(conf: Path) -> str:
    return shutil.make_archive(str(conf), "zip", root_dir=conf.parent, base_dir="conf")


def _plant(source: Path, target: Path, plant: Plant) -> Path:
    shutil.copytree(source, target)
    for name, (old, new) in plant.replaced.items():
        text = (target / name).read_text()
        assert old in text, f"{old!r} is not in {name}"
        (target / name).write_text(text.replace(old, new))
    for name, text in plant.files.items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((file.read_text() if file.exists() else "") + text)
    return target

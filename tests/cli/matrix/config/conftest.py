"""The commands of ``kedro matrix config`` in this process, over folders that hold ``conf``."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from kedro.config import OmegaConfigLoader
from tests.config_folder import ConfFolder

from kedro_matrix_ext.cli.matrix import commands
from kedro_matrix_ext.config import LayeredConfigLoader, config_loader_args

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

LOADERS = {"layered": LayeredConfigLoader, "omegaconf": OmegaConfigLoader}


@dataclass
class Shell:
    """Runs the commands in a project of which only ``conf`` and the settings for its loader are there.

    Attributes:
        path: The project.
        monkeypatch: Puts the settings in place.
        loader: The loader's class.
        arguments: What it is built with.
    """

    path: Path
    monkeypatch: pytest.MonkeyPatch
    loader: type[OmegaConfigLoader] = LayeredConfigLoader
    arguments: dict[str, Any] = field(default_factory=config_loader_args)

    def write(self, files: dict[str, str]) -> Shell:
        """Write files below ``conf``."""
        ConfFolder(self.path / "conf").write(files)
        return self

    def run(self, *words: str, status: int = 0) -> str:
        """Run ``kedro matrix config WORDS``, expect its exit status, and give what it printed."""
        result = self.invoke(*words)
        assert result.exit_code == status, result.output
        return result.stdout if status in (0, 1) and result.stdout else result.output

    def invoke(self, *words: str) -> Result:
        """Run ``kedro matrix config WORDS``."""
        settings = SimpleNamespace(
            CONF_SOURCE="conf", CONFIG_LOADER_CLASS=self.loader, CONFIG_LOADER_ARGS=self.arguments
        )
        self.monkeypatch.setattr("kedro.framework.project.settings", settings)
        metadata = SimpleNamespace(project_path=self.path)
        return CliRunner().invoke(commands, ["matrix", "config", *words], obj=metadata)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A project with base and local, under LayeredConfigLoader."""
    for env in ("base", "local"):
        (tmp_path / "conf" / env).mkdir(parents=True)
    return Shell(tmp_path, monkeypatch)


@pytest.fixture(params=list(LOADERS))
def either_shell(request: pytest.FixtureRequest, shell: Shell) -> Shell:
    """The same under either loader."""
    shell.loader = LOADERS[request.param]
    return shell

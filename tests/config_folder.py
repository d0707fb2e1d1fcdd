"""Folders of configuration, and both loaders over them."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from kedro.config import OmegaConfigLoader

from kedro_matrix_ext.config import LayeredConfigLoader, config_loader_args

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ConfFolder", "quiet_kedro"]


@dataclass(frozen=True)
class ConfFolder:
    """A configuration folder on disk.

    Attributes:
        path: The folder.
        arguments: The arguments of its loaders, except the environment and the parameters.
    """

    path: Path
    arguments: dict[str, Any] = field(default_factory=config_loader_args)

    def write(self, files: dict[str, str]) -> ConfFolder:
        """Write files, their text dedented, and give the folder back."""
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text).lstrip("\n"))
        return self

    def layered(self, env: str | None = None, params: dict[str, Any] | None = None, **more: Any) -> Any:
        """Build our loader."""
        return LayeredConfigLoader(str(self.path), env, params, **{**self.arguments, **more})

    def omegaconf(self, env: str | None = None, params: dict[str, Any] | None = None, **more: Any) -> Any:
        """Build Kedro's loader; OmegaConf 2.4 deprecates what it calls."""
        with quiet_kedro():
            return _QuietLoader(str(self.path), env, params, **{**self.arguments, **more})


@contextmanager
def quiet_kedro() -> Iterator[None]:
    """Ignore the warning that OmegaConf 2.4 gives for what Kedro calls."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"register_new_resolver\(\) is deprecated")
        yield


class _QuietLoader(OmegaConfigLoader):
    def __getitem__(self, key: str) -> Any:
        with quiet_kedro():
            return super().__getitem__(key)

"""Fixtures of the configuration loader's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.config_folder import ConfFolder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def conf(tmp_path: Path) -> ConfFolder:
    """An empty configuration folder with base and local."""
    for env in ("base", "local"):
        (tmp_path / "conf" / env).mkdir(parents=True)
    return ConfFolder(tmp_path / "conf")

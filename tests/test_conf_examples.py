"""The small configurations of ``conf_examples``, each with what it must load as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.config_folder import ConfFolder
from tests.conftest import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

GOLDEN_FILES = sorted(EXAMPLES.glob("*/expected/*/*.yml"))


@pytest.mark.parametrize("loader", ["layered", "omegaconf"])
@pytest.mark.parametrize("golden", GOLDEN_FILES, ids=lambda file: str(file.relative_to(EXAMPLES)))
def test_an_example_loads_as_expected(golden: Path, loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`expected/<env>/<type>.yml` is what either loader gives for that type in that environment."""
    monkeypatch.delenv("WORKFLOW_ID", raising=False)
    conf = ConfFolder(golden.parents[2] / "conf")
    loaded = getattr(conf, loader)(golden.parent.name)[golden.stem]
    assert loaded == yaml.safe_load(golden.read_text())

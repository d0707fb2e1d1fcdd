"""A pytest plugin for Kedro's own tests: puts our classes in place of Kedro's, and writes what tests do.

``compare.py`` loads it by its name, next to Kedro's tests, whose package is called ``tests`` too.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

OUTCOMES = "KEDRO_SUITE_OUTCOMES"
OURS = "KEDRO_SUITE_OURS"

_outcomes: dict[str, str] = {}


def pytest_configure() -> None:
    """Import Kedro before its clone is on the path, and replace its loader and its node."""
    import kedro.framework.project  # noqa: F401  which must be loaded, too
    from kedro.config import OmegaConfigLoader
    from kedro.pipeline.node import Node

    if OURS not in os.environ:
        return
    from kedro_matrix_ext import LayeredConfigLoader
    from kedro_matrix_ext.argo import ArgoNode

    for name, module in list(sys.modules.items()):
        if name == "kedro" or name.startswith("kedro."):
            for attribute, value in list(vars(module).items()):
                if value is OmegaConfigLoader:
                    setattr(module, attribute, LayeredConfigLoader)
                elif value is Node and name in {"kedro.pipeline", "kedro.pipeline.node"}:
                    setattr(module, attribute, ArgoNode)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the outcome of a test: what its call gives, or why that was not reached."""
    if report.when == "call" or report.outcome != "passed":
        _outcomes[report.nodeid] = report.outcome


def pytest_sessionfinish() -> None:
    """Write all outcomes."""
    Path(os.environ[OUTCOMES]).write_text(json.dumps(_outcomes), encoding="utf-8")

"""Settings functions leave something behind in the process; each test here starts and ends without it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kedro_matrix_ext.settings import hook_switches

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _clean_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(hook_switches, "_PLUGIN_SWITCHES", {})
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)

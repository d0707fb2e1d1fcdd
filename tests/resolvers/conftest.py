"""OmegaConf's table of resolvers as it was, after each test of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from omegaconf.basecontainer import BaseContainer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _untouched_table() -> Iterator[None]:
    before = dict(BaseContainer._resolvers)
    yield
    BaseContainer._resolvers.clear()
    BaseContainer._resolvers.update(before)

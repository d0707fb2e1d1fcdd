"""A module of targets that import paths can lead to."""

from __future__ import annotations

import importlib
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_TARGETS = '''
import functools
import logging
import os
import subprocess
import numpy as np
from pydantic import BaseModel, ConfigDict, Field

LIMIT = 3
NAMES = ("a", "b")
LISTING = functools.partial(os.system, "ls")
CALLS = []
HOLDER = {"run": os.system, "module": os}
FUNCTIONS = [os.system]


class Scaler:
    """Scales by a factor."""

    def __init__(self, factor, offset=0, **rest):
        self.factor, self.offset, self.rest = factor, offset, rest

    @classmethod
    def unit(cls, offset=0):
        return cls(1, offset)

    @staticmethod
    def double(value):
        return 2 * value

    def scale(self, value):
        return self.factor * value + self.offset


class Depth(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    depth: int = Field(1, alias="levels")


class Bare:
    pass


class Strict:
    def __init__(self, depth, *, seed=None):
        self.depth, self.seed = depth, seed


class Runner(subprocess.Popen):
    pass


class Caller:
    """An object that can be called."""

    def __call__(self, value):
        return value + 1


increment = Caller()


def area(width, height):
    return width * height


def greet(name="you"):
    return f"hello {name}"


def keep(*args, **kwargs):
    return args, kwargs


def record(value):
    CALLS.append(value)
    return value


def mistaken(width):
    return len(width, 1)  # a TypeError of its own


def broken(width):
    raise LookupError("inside")


@functools.wraps(os.remove)
def disguised(path):
    return os.remove(path)
'''


@pytest.fixture(scope="session")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module ``declared_targets``, importable for the session."""
    folder = tmp_path_factory.mktemp("targets")
    (folder / "declared_targets.py").write_text(dedent(_TARGETS))
    sys.path.insert(0, str(folder))
    yield importlib.import_module("declared_targets")
    sys.path.remove(str(folder))
    del sys.modules["declared_targets"]

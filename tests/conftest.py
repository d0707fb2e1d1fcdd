"""Fixtures for all folders of tests."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from kedro_matrix_ext._known_secrets import forget_secrets
from tests.kedro_project import KedroProject
from tests.object_storage import ObjectStorage, serve_object_storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "conf_examples"
SHARED = ROOT.parent / "shared"
PROJECT_VARIABLES = ("KEDRO_HOOKS_DISABLE_", "KEDRO_DYNAMIC_", "KEDRO_MATRIX_", "KEDRO_ENV", "MLFLOW_")
LEFTOVERS = ("__pycache__", "*.db", "mlruns", "0[2-9]_*", ".env", ".kedro_matrix")

collect_ignore = ["offline"]  # importing it ends all access to other machines

# A busy machine fails no property. `nox -s fast` takes the second profile.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fast", settings.get_profile("untimed"), max_examples=10)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that regenerates the expected files of conf_examples."""
    parser.addoption("--regenerate", action="store_true", help="regenerate conf_examples/*/expected")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to regenerate the expected files in CI."""
    if config.getoption("--regenerate") and os.environ.get("CI"):
        raise pytest.UsageError("--regenerate is for a person who reads the diff, not for CI")
    _drop_variables()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that need an S3 server as long."""
    for item in items:
        if "object_storage" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide the shell's variables, and those that an earlier test set; report nothing to Kedro's telemetry."""
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    _drop_variables()
    yield
    forget_secrets()
    _drop_variables()  # MLflow sets some for processes that it might start
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "DeferringFinder"]


@pytest.fixture(autouse=True)
def _tracer() -> Iterator[None]:
    """Fail a test that leaves another tracer, since the coverage of all later tests would be lost."""
    tracer = sys.gettrace()
    yield
    assert sys.gettrace() is tracer, "the test changed sys.settrace(); restore what sys.gettrace() gave"


def _drop_variables() -> None:
    for name in list(os.environ):
        if name.startswith(PROJECT_VARIABLES):
            del os.environ[name]


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., KedroProject]:
    """Return a function that creates an empty Kedro project: ``make_project("name")``."""

    def make(name: str = "shop") -> KedroProject:
        return KedroProject.create(tmp_path / name, package=name)

    return make


@pytest.fixture
def project(make_project: Callable[..., KedroProject]) -> KedroProject:
    """An empty Kedro project."""
    return make_project()


@pytest.fixture
def copy_example(tmp_path: Path) -> Callable[[str], KedroProject]:
    """Return a function that copies a project of ``conf_examples``: ``copy_example("spaceflights")``."""

    def copy(name: str) -> KedroProject:
        target = tmp_path / name
        shutil.copytree(
            EXAMPLES / name,
            target,
            ignore=shutil.ignore_patterns(*LEFTOVERS),
        )
        return KedroProject(target)

    return copy


@pytest.fixture(scope="session")
def object_storage() -> Iterator[ObjectStorage]:
    """Return an S3 server on loopback, one for all tests."""
    with serve_object_storage() as storage:
        yield storage


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Return the folder of public data and schemas next to the checkout; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip("there is no folder 'shared' with public data and schemas next to the checkout")
    return SHARED

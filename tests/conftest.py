"""Fixtures that every folder of tests may ask for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.kedro_project import KedroProject
from tests.object_storage import ObjectStorage, serve_object_storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "conf_examples"
SHARED = ROOT.parent / "shared"
PROJECT_VARIABLES = ("KEDRO_HOOKS_DISABLE_", "KEDRO_DYNAMIC_", "KEDRO_MATRIX_", "KEDRO_ENV", "MLFLOW_")
LEFTOVERS = ("__pycache__", "*.db", "mlruns", "0[2-9]_*", ".env", ".kedro_matrix")

collect_ignore = ["offline"]  # whatever imports it can reach this machine alone from then on

# A slow machine is no fault of an example.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that writes the expected files of conf_examples anew."""
    parser.addoption("--regenerate", action="store_true", help="write conf_examples/*/expected anew")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to regenerate where the expected files are the judge."""
    if config.getoption("--regenerate") and os.environ.get("CI"):
        raise pytest.UsageError("--regenerate is for a person who reads what it wrote, not for CI")
    _drop_variables()


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees variables of the shell, or of what a test before it called, and none is reported."""
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    _drop_variables()
    yield
    _drop_variables()  # MLflow sets some for processes that it might start


def _drop_variables() -> None:
    for name in list(os.environ):
        if name.startswith(PROJECT_VARIABLES):
            del os.environ[name]


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., KedroProject]:
    """Make an empty Kedro project in the test's folder: ``make_project("name")``."""

    def make(name: str = "shop") -> KedroProject:
        return KedroProject.create(tmp_path / name, package=name)

    return make


@pytest.fixture
def project(make_project: Callable[..., KedroProject]) -> KedroProject:
    """An empty Kedro project."""
    return make_project()


@pytest.fixture
def copy_example(tmp_path: Path) -> Callable[[str], KedroProject]:
    """Copy a project of ``conf_examples`` into the test's folder: ``copy_example("spaceflights")``."""

    def copy(name: str) -> KedroProject:
        target = tmp_path / name
        shutil.copytree(
            EXAMPLES / name,
            target,
            ignore=shutil.ignore_patterns(
                "__pycache__", "*.db", "mlruns", "0[2-9]_*", ".env", ".kedro_matrix"
            ),
        )
        return KedroProject(target)

    return copy


@pytest.fixture(scope="session")
def object_storage() -> Iterator[ObjectStorage]:
    """An S3 server on loopback, one for the session."""
    with serve_object_storage() as storage:
        yield storage


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of public data and schemas beside the project; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder 'shared' with public data and schemas is not beside the project")
    return SHARED

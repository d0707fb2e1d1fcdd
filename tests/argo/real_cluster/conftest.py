"""A cluster of the reader's, which KUBECONFIG names; without one, the tests on it are skipped."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.real_cluster.project import write_project
from tests.argo.real_cluster.target import KEYS, OPTIONS, Target, read_target

if TYPE_CHECKING:
    import subprocess

    from tests.kedro_project import KedroProject

RAW = ("companies.csv", "reviews.csv", "shuttles.xlsx")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that name image, namespace and stores."""
    for name, text in OPTIONS.items():
        parser.addoption(name, help=text)


@dataclass(frozen=True)
class Flights:
    """The project, and where it runs.

    Attributes:
        project: The example with further pipelines.
        target: The cluster and its stores.
        session: What begins the names of all that one session of tests leaves in the stores.
    """

    project: KedroProject
    target: Target
    session: str

    @property
    def client(self) -> Any:
        """A client of the S3 server; the shell has the keys."""
        import boto3

        return boto3.client("s3", endpoint_url=self.target.endpoint or None)

    def fill(self, run: str) -> str:
        """Store the raw tables of a run, and return its prefix."""
        prefix = f"{self.session}-{run}"
        for name in RAW:
            file = self.project.path / "data/01_raw" / name
            self.client.upload_file(str(file), self.target.bucket, f"{prefix}/spaceflights/01_raw/{name}")
        return prefix

    def run(self, prefix: str, *words: str) -> None:
        """Run the project on this machine."""
        self.project.kedro("run", "--env", "cloud", *words, env=self.target.list_variables(prefix))

    def submit(self, prefix: str, *words: str, **sections: Any) -> subprocess.CompletedProcess[str]:
        """Submit the project, and wait; further sections are of argo.yml."""
        self.project.write("conf/cloud/argo.yml", self.target.render_argo_yml(prefix, **sections))
        always = ["--no-build", "--allow-dirty", "--yes", "--wait", "--timeout", "5m"]
        variables = self.target.list_variables(prefix)
        return self.project.kedro("argo", "submit", *words, *always, env=variables, check=False)


@pytest.fixture(scope="session")
def flights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Flights:
    """The project on the cluster; the test is skipped without one, in CI with an image it fails."""
    target = read_target(request.config)
    if isinstance(target, str):
        if os.environ.get("CI") and request.config.getoption("--cluster-image", default=None):
            pytest.fail(target)
        pytest.skip(target)
    missing = [name for name in KEYS if not os.environ.get(name)]
    if missing:
        pytest.fail(f"the keys of the bucket are not set: {', '.join(missing)}")
    project = write_project(tmp_path_factory.mktemp("real") / "spaceflights")
    return Flights(project, target, f"test-{uuid.uuid4().hex[:8]}")

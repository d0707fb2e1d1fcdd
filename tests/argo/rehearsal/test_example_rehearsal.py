"""The example project rehearsed in its cloud environment, against object storage on loopback."""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.conftest import EXAMPLES, LEFTOVERS
from tests.kedro_project import KedroProject

if TYPE_CHECKING:
    from tests.object_storage import ObjectStorage

pytestmark = pytest.mark.project

RAW = ("companies.csv", "reviews.csv", "shuttles.xlsx")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# One variant, whose model parameters declare; its tasks train and evaluate it, and report nothing.
SMALL = {"KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE_PREDICTOR": "[candidate1]"}
CHOICE = ("--env", "cloud", "--to-outputs", "price_predictor.candidate1.metrics")


@dataclass(frozen=True)
class Flights:
    """A copy of the example and its object storage.

    Attributes:
        project: The copy.
        storage: The server.
    """

    project: KedroProject
    storage: ObjectStorage

    def fill(self, bucket: str) -> None:
        """Make a bucket with the raw tables."""
        self.storage.create_bucket(bucket)
        for name in RAW:
            file = self.project.path / "data/01_raw" / name
            self.storage.client().upload_file(str(file), bucket, f"spaceflights/01_raw/{name}")

    def configure(self, bucket: str) -> None:
        """Say in argo.yml what tasks see: the bucket, the server, and keys out of a secret."""
        plain = {
            **{name: value for name, value in self.storage.variables.items() if name not in KEYS},
            **SMALL,
            "SPACEFLIGHTS_BUCKET": bucket,
            "KEDRO_HOOKS_DISABLE_MLFLOW": "1",
        }
        environment: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in plain.items()]
        environment += [{"name": name, "secret_ref": {"name": "s3", "key": name}} for name in KEYS]
        runner = {"use_memory_datasets": True, "persist": ["*.regressor"]}
        image = {"image": "registry.example.com/flights"}
        sections = {"deployment": image, "template": {"environment": environment}, "runner": runner}
        self.project.write("conf/cloud/argo.yml", yaml.safe_dump(sections))

    def kedro(self, *arguments: str, bucket: str = "elsewhere") -> Any:
        """Run a command in a shell that has the keys, and another bucket than tasks have."""
        keys = {name: self.storage.variables[name] for name in KEYS}
        variables = {**keys, **SMALL, "SPACEFLIGHTS_BUCKET": bucket}
        return self.project.kedro(*arguments, env=variables)

    def read(self, bucket: str, key: str) -> bytes:
        """Read what is stored; of a versioned dataset, its one version."""
        client = self.storage.client()
        listed = client.list_objects_v2(Bucket=bucket, Prefix=f"spaceflights/{key}")["Contents"]
        (found,) = (each["Key"] for each in listed)
        body: bytes = client.get_object(Bucket=bucket, Key=found)["Body"].read()
        return body


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory, object_storage: ObjectStorage) -> Flights:
    """A copy of the example."""
    folder = tmp_path_factory.mktemp("rehearsed") / "spaceflights"
    shutil.copytree(EXAMPLES / "spaceflights", folder, ignore=shutil.ignore_patterns(*LEFTOVERS))
    return Flights(KedroProject(folder), object_storage)


METRICS = "08_reporting/price_predictor/candidate1/metrics.json"
MODEL = "06_models/price_predictor/candidate1/regressor.pickle"


@pytest.fixture(scope="module")
def plain_metrics(flights: Flights) -> dict[str, float]:
    """The metrics of a plain `kedro run`."""
    flights.fill("plain")
    variables = {**flights.storage.variables, **SMALL, "SPACEFLIGHTS_BUCKET": "plain"}
    flights.project.kedro("run", *CHOICE, env={**variables, "KEDRO_HOOKS_DISABLE_MLFLOW": "1"})
    return dict(json.loads(flights.read("plain", METRICS)))


@pytest.mark.parametrize(("group_by", "tasks"), [("node", 6), ("namespace", 1), ("memory", 4)])
def test_every_grouping_gives_the_metrics_of_a_plain_run(
    flights: Flights, plain_metrics: dict[str, float], group_by: str, tasks: int
) -> None:
    """With the injected model, written to the configured place, with the variables of the tasks alone."""
    bucket = f"grouped-by-{group_by}"
    flights.fill(bucket)
    flights.configure(bucket)
    catalog = flights.project.path / "conf/cloud/catalog.yml"
    if group_by == "memory":  # nodes that pass what has no file share a task
        catalog.unlink()
    result = flights.kedro("argo", "rehearse", *CHOICE, "--group-by", group_by, "--yes")
    assert f"s3://{bucket}/spaceflights" in result.stderr
    assert "elsewhere" not in result.stderr
    assert f"{tasks} succeeded; " in result.stdout
    assert json.loads(flights.read(bucket, METRICS)) == plain_metrics
    model = pickle.loads(flights.read(bucket, MODEL))
    assert (type(model).__name__, model.n_estimators) == ("RandomForestRegressor", 50)

"""Guides, followed to their end: their workflows run against S3, and data is where the catalog says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.documentation_page import Page, PageRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject
    from tests.object_storage import ObjectStorage

GUIDE = "docs/how-to/migrate-from-argo-kedro.md"
ROOT = Path(__file__).parents[2]


@pytest.mark.project
def test_the_workflow_of_the_guide_from_argo_kedro_runs_on_object_storage(
    make_project: Callable[..., KedroProject], object_storage: ObjectStorage
) -> None:
    """What tasks share and make is below the run's id; raw data stays outside of it."""
    project = make_project()
    PageRun(Page.read(ROOT / GUIDE, GUIDE), project).run()
    bucket = object_storage.create_bucket("guide-from-argo-kedro")
    project.write(
        "conf/cloud/globals.yml", project.read("conf/cloud/globals.yml").replace("//bucket/", f"//{bucket}/")
    )
    client = object_storage.client()
    client.put_object(Bucket=bucket, Key="shop/raw/cars.json", Body=b'["a car"]')
    passed = [f"--pass-env={name}" for name in object_storage.variables]
    project.kedro("argo", "rehearse", "--yes", *passed, env=object_storage.variables)
    keys = [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]]
    made = sorted(key.rpartition("/") for key in keys if not key.startswith("shop/raw/"))
    assert [name for _, _, name in made] == ["clean_cars.json", "model.json"]
    (run,) = {folder for folder, _, _ in made}
    assert run.startswith("shop/2")
    body = client.get_object(Bucket=bucket, Key=f"{run}/model.json")["Body"].read()
    assert json.loads(body) == ["a car"]


@pytest.mark.project
def test_the_workflow_of_the_guide_from_copied_helpers_runs_on_object_storage(
    make_project: Callable[..., KedroProject], object_storage: ObjectStorage
) -> None:
    """Every dataset that the catalog declares is in the bucket, with what a plain run writes."""
    guide = "docs/how-to/migrate-from-copied-helpers.md"
    project = make_project()
    PageRun(Page.read(ROOT / guide, guide), project).run()
    bucket = object_storage.create_bucket("guide-from-copied-helpers")
    project.write("conf/cloud/globals.yml", f"root: s3://{bucket}/shop\n")
    client = object_storage.client()
    for name in ("companies", "reviews"):
        client.upload_file(str(project.path / f"data/{name}.json"), bucket, f"shop/{name}.json")
    passed = [f"--pass-env={name}" for name in object_storage.variables]
    project.kedro("argo", "rehearse", "-e", "cloud", "--yes", *passed, env=object_storage.variables)
    keys = [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]]
    made = {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
    assert sorted(made) == [
        "shop/companies.json",
        "shop/price_predictor/base/regressor.json",
        "shop/price_predictor/candidate1/regressor.json",
        "shop/price_predictor/model_input_table.json",
        "shop/reviews.json",
        "shop/reviews_predictor/base/regressor.json",
        "shop/reviews_predictor/model_input_table.json",
    ]
    regressor = "price_predictor/base/regressor.json"
    assert json.loads(made[f"shop/{regressor}"])["depth"] == 6
    assert json.loads(made["shop/price_predictor/model_input_table.json"]) == [1, 2, 3]

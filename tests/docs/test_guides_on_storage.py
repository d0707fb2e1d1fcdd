"""The guide from argo-kedro, followed to its end: its workflow runs against S3, and data is where it says."""

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

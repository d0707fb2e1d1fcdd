"""A project with a fabricator and a workflow template of its own moves over by the two pages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.documentation_page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
FABRICATOR, TEMPLATE = (HOW_TO / f"migrate-from-{name}.md" for name in ("a-fabricator", "an-argo-template"))
REGISTRY = """
from kedro.pipeline import Node, Pipeline
from kedro_matrix_ext.fabrication import create_fabricator_pipeline


def count(patients, visits):
    return {"patients": len(patients), "visits": len(visits)}


def register_pipelines():
    tables = {"patients": "raw_patients", "visits": "raw_visits"}
    fabricate = create_fabricator_pipeline(
        tables, parameters="params:fabricator.clinic", name="fabricate_clinic"
    )
    training = Pipeline([Node(count, list(tables.values()), "counts", name="train")])
    return {"__default__": training, "fabricate": fabricate, "test": fabricate + training}
"""
CATALOG = """
raw_patients: {type: pandas.CSVDataset, filepath: "${globals:paths}/patients.csv"}
raw_visits: {type: pandas.CSVDataset, filepath: "${globals:paths}/visits.csv"}
counts: {type: json.JSONDataset, filepath: "${globals:paths}/counts.json"}
"""


def read_block(page: Path, title: str) -> str:
    """Return the first file of that name on a page."""
    return next(block.text for block in Page.read(page, page.name).blocks if block.title == title)


def test_a_project_moves_over_by_the_pages(make_project: Callable[..., KedroProject]) -> None:
    """Its tables are fabricated and used, and the fields of its template are in the manifest."""
    pytest.importorskip("pandas")
    pytest.importorskip("kedro_datasets")
    pytest.importorskip("faker")
    project = make_project()
    tables = "conf/base/parameters_fabricator.yml"
    project.write(tables, read_block(FABRICATOR, tables))
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/globals.yml", "paths: s3://bucket\n")
    project.write("conf/test/globals.yml", "paths: data\n")
    project.write("conf/test/environment.yml", "fabricated: true\n")
    project.write(f"src/{project.package}/pipeline_registry.py", REGISTRY)
    project.write("conf/base/argo.yml", read_block(TEMPLATE, "conf/base/argo.yml"))
    old: dict[str, Any] = yaml.safe_load(read_block(TEMPLATE, "templates/workflow.yml"))["spec"]

    project.kedro("matrix", "init", "--fabricator", tables, "--yes")
    project.kedro("run", "--pipeline", "test", "--env", "test")
    assert json.loads(project.read("data/counts.json")) == {"patients": 100, "visits": 40}
    shutil.rmtree(project.path / "data")

    project.kedro("argo", "submit", "--dry-run", "--env", "base", "-o", "workflow.yml")
    new = yaml.safe_load(project.read("workflow.yml"))["spec"]
    fields = ("priority", "metrics", "serviceAccountName", "ttlStrategy", "onExit")
    assert {name: new[name] for name in fields} == {name: old[name] for name in fields}
    task = {template["name"]: template for template in new["templates"]}["kedro"]
    was = {template["name"]: template for template in old["templates"]}["task"]
    assert (task["affinity"], task["tolerations"]) == (was["affinity"], was["tolerations"])
    assert [each for each in was["container"]["env"] if each not in task["container"]["env"]] == []

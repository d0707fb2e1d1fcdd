"""The example project as a workflow: every environment, grouping and kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.conftest import SHARED

from kedro_matrix_ext.argo import ArgoConfig, Plan, build_manifest, dump_manifest
from kedro_matrix_ext.argo.validation import find_faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

    from kedro_matrix_ext.argo.manifest.assembly import Kind

KINDS: tuple[Kind, ...] = ("Workflow", "WorkflowTemplate", "CronWorkflow")
GROUPINGS = ["node", "single", "namespace", "namespace:2", "memory", "pipeline", "chain"]

# One process for all of them: starting Kedro takes longer than planning.
PLAN_ALL = f"""
from pathlib import Path
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro_matrix_ext.argo import build_plan
from kedro_matrix_ext.argo.configuration import load_argo_config

bootstrap_project(Path.cwd())
for env in ("base", "cloud"):
    with KedroSession.create(env=env) as session:
        context = session.load_context()
        config, catalog = load_argo_config(context.config_loader), context.catalog
        for group_by in {GROUPINGS}:
            plan = build_plan(
                pipelines["__default__"], config=config, catalog=catalog, registry=dict(pipelines),
                group_by=group_by, on_cycle="split", env=env,
            )
            Path(f"{{env}}-{{group_by.replace(':', '-')}}.plan").write_text(plan.to_json())
"""


@pytest.mark.project
def test_the_example_becomes_a_manifest_in_every_grouping(
    copy_example: Callable[[str], KedroProject],
) -> None:
    """In base and cloud, as any kind: admitted by Argo's schema and ours, every node run by one task."""
    import jsonschema_rs

    project = copy_example("spaceflights")
    variables = {"SPACEFLIGHTS_BUCKET": "bucket"}
    project.kedro("argo", "init", "--force", env=variables)
    project.python(PLAN_ALL, env=variables)
    text = project.read("conf/base/argo.yml").replace("${ka.random:}", "latest")
    config = ArgoConfig.model_validate({**yaml.safe_load(text), "mlflow": True, "retries": "spot"})
    plans = [Plan.from_json(file.read_text()) for file in sorted(project.path.glob("*.plan"))]
    assert len(plans) == 2 * len(GROUPINGS)
    assert len({frozenset(node for task in plan.tasks for node in task.nodes) for plan in plans}) == 1
    for kind in KINDS:
        schema = SHARED / "argo" / f"{kind.lower()}s.v4.schema.json"
        validator = jsonschema_rs.validator_for(json.loads(schema.read_text())) if schema.exists() else None
        for plan in plans:
            manifest: dict[str, Any] = build_manifest(
                plan, config=config, kind=kind, schedule=_schedule(kind)
            )
            assert [str(fault) for fault in find_faults(manifest)] == []
            assert yaml.safe_load(dump_manifest(manifest)) == manifest
            if validator:
                validator.validate(manifest)


def _schedule(kind: str) -> str | None:
    return "0 6 * * 1-5" if kind == "CronWorkflow" else None

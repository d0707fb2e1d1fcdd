"""Manifests whose tasks fetch a code package: by the built-in template, and by one of the user's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from kedro_matrix_ext.argo import build_manifest
from kedro_matrix_ext.argo.manifest.options import CodeAddress

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.argo import ArgoConfig, Plan

PAGE = Path(__file__).parents[3] / "docs/how-to/argo-code.md"
CODE = CodeAddress("s3://shop/code/shop/abc.tar", "ab" * 32)


def _documented_template() -> dict[str, Any]:
    blocks = re.findall(r"```yaml\n(template:\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (template,) = yaml.safe_load(blocks[0])["template"]["templates"]
    return dict(template)


@pytest.mark.parametrize(
    "options", [{}, {"kind": "WorkflowTemplate"}, {"kind": "CronWorkflow", "schedule": "0 6 * * *"}]
)
def test_argo_admits_tasks_that_fetch_their_code(  # noqa: PLR0913, PLR0917  fixtures
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    admit: Any,
    find_template: Any,
    read_environment: Any,
    options: dict[str, Any],
) -> None:
    """The documented template starts as the built-in one does; two parameters name the package."""
    own = _documented_template()
    config = make_config(
        deployment={"image": "registry.example/shop-env", "code": "s3://shop/code"},
        template={"templates": [own]},
        hardening=True,
    )
    plan = make_plan({"load": [], "train": ["load"]}, template=own["name"])
    for templated, name in ((plan, own["name"]), (make_plan({"load": []}), "kedro")):
        manifest = build_manifest(templated, config=config, code=CODE, **options)
        admit(manifest)
        container = find_template(manifest, name)["container"]
        assert container["command"][:4] == ["python", "-m", "kedro_matrix_ext.argo.code", "kedro"]
        variables = read_environment(find_template(manifest, name))
        assert variables["KEDRO_MATRIX_CODE"] == "{{workflow.parameters.code}}"
        assert variables["KEDRO_MATRIX_CODE_DIGEST"] == "{{workflow.parameters.code-digest}}"
        spec = manifest["spec"].get("workflowSpec", manifest["spec"])
        given = {each["name"]: each["value"] for each in spec["arguments"]["parameters"]}
        assert (given["code"], given["code-digest"]) == CODE

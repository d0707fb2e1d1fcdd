"""What the preflight finds about the code package."""

from __future__ import annotations

from typing import Any

import pytest
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo import ArgoConfig
from kedro_matrix_ext.argo.plan.inputs import PlanInputs
from kedro_matrix_ext.argo.preflight.run import check_inputs

STORE = "s3://shop/code"
LINE = ["python", "-m", "kedro_matrix_ext.argo.code", "kedro", "run"]


def _codes(code: str | None, *, mount: str = "/keys", **container: Any) -> list[str]:
    container |= {"volume_mounts": [{"name": "v", "mount_path": mount}]}
    template = {"name": "own", "container": container, "volumes": [{"name": "v", "size": 1}]}
    sections = {"deployment": {"image": "host/shop", "code": code}, "template": {"templates": [template]}}
    inputs = PlanInputs(
        pipeline=Pipeline([Node(len, "params:x", None, name="n")]), config=ArgoConfig.model_validate(sections)
    )
    wanted = {"template-lacks-code", "code-store-local"}
    return [each.code for each in check_inputs(inputs).findings if each.code in wanted]


@pytest.mark.parametrize(
    ("container", "found"),
    [
        ({"command": ["kedro", "run"]}, True),
        ({"command": ["/bin/sh", "-c"], "args": ["set -e; kedro run"]}, True),
        ({"command": LINE}, False),
        ({"command": ["/bin/sh", "-c"], "args": [f"set -e; {' '.join(LINE)}"]}, False),
        ({"command": ["kedro", "run"], "image": "other:1"}, False),
        ({"command": ["python", "serve.py"], "args": ["--title=the kedro-viz page"]}, False),
    ],
)
def test_a_template_that_calls_kedro_without_the_code_is_reported(
    container: dict[str, Any], *, found: bool
) -> None:
    """Its image holds the dependencies alone; an image of its own may hold a project."""
    assert _codes(STORE, **container) == (["template-lacks-code"] if found else [])
    assert _codes(None, **container) == []


@pytest.mark.parametrize(
    ("code", "mount", "found"),
    [
        ("file:///srv/code", "/keys", True),
        ("packages", "/keys", True),
        ("file:///srv/code", "/srv", False),
        ("/srv/code", "/srv/code", False),
        (STORE, "/keys", False),
    ],
)
def test_a_store_on_this_machine_is_reported_unless_a_template_mounts_it(
    code: str, mount: str, *, found: bool
) -> None:
    """Pods have other disks."""
    assert _codes(code, mount=mount, command=LINE) == (["code-store-local"] if found else [])

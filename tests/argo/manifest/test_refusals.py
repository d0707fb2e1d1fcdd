"""What no manifest is made of, and what Argo's schemas refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, build_manifest
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable

GPU = ArgoResourceConfig(num_gpus=1)


@pytest.mark.parametrize(
    ("sections", "options", "message"),
    [
        ({"deployment": {}}, {}, "nothing says which image"),
        ({"template": {"environment": [{"name": "A", "value": "{{x}}"}]}}, {}, "contains '{{'"),
        ({"annotations": {"a": "{{x}}"}}, {}, "contains '{{'"),
        ({}, {"workflow_name": "Not_a_name"}, "'Not_a_name' is not a name for a Workflow"),
        ({}, {"workflow_name": "n" * 57}, "is not a name for a Workflow"),
        (
            {"schedule": "@daily"},
            {"kind": "CronWorkflow", "workflow_name": "n" * 53},
            "is not a name for a CronWorkflow",
        ),
        ({}, {"kind": "Job"}, "'Job' is not a kind of manifest"),
        ({}, {"kind": "CronWorkflow"}, "a CronWorkflow needs a schedule"),
        ({}, {"kind": "CronWorkflow", "schedule": "daily"}, "'daily' is not a schedule"),
        (
            {
                "template": {
                    "templates": [
                        {"name": "t", "container": {"command": "{{inputs.parameters.enviroment}}"}}
                    ],
                    "default_template": "t",
                }
            },
            {},
            "'inputs.parameters.enviroment', which it does not receive. Did you mean 'environment'?",
        ),
        (
            {
                "template": {
                    "templates": [
                        {
                            "name": name,
                            "container": {"command": "x"},
                            "outputs": {"parameters": [{"name": output, "path": "/x"}]},
                        }
                        for name, output in (("t", "run-id"), ("u", "RUN_ID"))
                    ],
                    "init_templates": ["t", "u"],
                }
            },
            {},
            "init templates 't' and 'u' both pass 'RUN_ID'",
        ),
    ],
)
def test_what_argo_would_misread_is_refused(
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
    sections: dict[str, Any],
    options: dict[str, Any],
    message: str,
) -> None:
    """Each refusal names the offender."""
    with pytest.raises(ArgoError) as caught:
        build_manifest(make_plan({"a": []}), config=make_config(**sections), **options)
    assert message in str(caught.value)


def test_plans_that_cannot_run_are_refused(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig]
) -> None:
    """No tasks, an unknown template, or an order in which tasks cannot run."""
    with pytest.raises(ArgoError, match="has no tasks"):
        build_manifest(make_plan({}), config=make_config())
    with pytest.raises(ArgoError, match="wants the template 'grph', which"):
        build_manifest(make_plan({"a": []}, template="grph"), config=make_config())
    backwards: dict[str, list[str]] = {f"t{n}": [f"t{n + 1}"] if n < 300 else [] for n in range(301)}
    with pytest.raises(ArgoError, match="depends on 't1', which is not before it"):
        build_manifest(make_plan(backwards), config=make_config())


def test_the_schemas_of_argo_are_what_manifests_are_admitted_by(
    shared_folder: Any,
    schemas: dict[str, Any],
    make_plan: Callable[..., Plan],
    make_config: Callable[..., ArgoConfig],
) -> None:
    """Where the public schemas are next to the project, they refuse what Argo's server refuses."""
    manifest = build_manifest(make_plan({"a": []}), config=make_config())
    assert schemas["Workflow"].is_valid(manifest)
    manifest["spec"]["arguments"]["parameters"][0]["value"] = 1
    assert not schemas["Workflow"].is_valid(manifest)

"""What Argo refuses, we refuse too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo import build_manifest, build_plan
from kedro_matrix_ext.argo.configuration import ArgoConfig
from kedro_matrix_ext.argo.validation import find_faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.argo.real.validator import ArgoValidator


def make_workflow(**changes: Any) -> dict[str, Any]:
    """A workflow of one container template, in a DAG of two tasks."""
    tasks = [{"name": "a", "template": "run"}, {"name": "b", "template": "run", "depends": "a"}]
    run = {"name": "run", "container": {"image": "i", "command": ["c"]}}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "shop"},
        "spec": {"entrypoint": "pipeline", "templates": [{"name": "pipeline", "dag": {"tasks": tasks}}, run]},
        **changes,
    }


def set_task(**fields: Any) -> Callable[[dict[str, Any]], None]:
    """Change the second task."""
    return lambda manifest: manifest["spec"]["templates"][0]["dag"]["tasks"][1].update(fields)


def set_template(**fields: Any) -> Callable[[dict[str, Any]], None]:
    """Change the container template."""
    return lambda manifest: manifest["spec"]["templates"][1].update(fields)


REFUSED = {
    "two tasks of one name": set_task(name="a"),
    "an unknown template": set_task(template="ran"),
    "a cycle": set_task(depends="b"),
    "an unknown dependency": set_task(depends="c"),
    "both forms of dependencies": set_task(dependencies=["a"]),
    "a name with a dot": set_task(name="a.b"),
    "an unknown tag": set_template(container={"image": "{{inputs.parameters.x}}", "command": ["c"]}),
    "a tag of no task": set_task(arguments={"parameters": [{"name": "x", "value": "{{tasks.c.status}}"}]}),
    "no entrypoint": lambda manifest: manifest["spec"].update(entrypoint="none"),
    "a long name": lambda manifest: manifest["metadata"].update(name="a" * 64),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_a_manifest_that_argo_refuses_is_refused(
    argo: list[ArgoValidator], change: Callable[[dict[str, Any]], None]
) -> None:
    """The manifest is valid except for one change, which every version of Argo and our rules refuse."""
    manifest = make_workflow()
    assert [validator.refuse(manifest) for validator in argo] == ["" for _ in argo]
    assert find_faults(manifest) == []
    change(manifest)
    assert all(validator.refuse(manifest) for validator in argo)
    assert find_faults(manifest) != []


@pytest.mark.parametrize("pod", [{}, {"terminationGracePeriodSeconds": 120}])
@pytest.mark.parametrize("preset", ["gke", "aks", "eks", "karpenter"])
def test_argo_takes_the_patch_of_spot_machines(
    argo: list[ArgoValidator], preset: str, pod: dict[str, Any]
) -> None:
    """The patch is an expression over the attempt's number, which every version of Argo checks."""
    config = ArgoConfig.model_validate(
        {"deployment": {"image": "shop"}, "spot": preset, "retries": "spot", "pod": pod}
    )
    pipeline = Pipeline([Node(make_workflow, None, "model", name="train")])
    plan = build_plan(pipeline, config=config)
    manifest = build_manifest(plan, config=config)
    templates = manifest["spec"]["templates"]
    (patch,) = [template["podSpecPatch"] for template in templates if "podSpecPatch" in template]
    assert "asInt(retries)" in patch
    assert [validator.refuse(manifest) for validator in argo] == ["" for _ in argo]
    assert find_faults(manifest) == []

"""Names of custom templates, and where their volumes are mounted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig, Plan, build_manifest
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    "name", ["Fetch", "1st", "not", "in", "or", "nil", "TRUE", "9", "a-", "Aa", "x" * 128]
)
@pytest.mark.parametrize("use", ["init", "task"])
def test_any_name_that_argo_yml_accepts_runs(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig], admit: Any, name: str, use: str
) -> None:
    """The template names pods, and an init task is part of an expression: it is renamed as tasks are."""
    section: dict[str, Any] = {"templates": [{"name": name, "container": {"command": "x"}}]}
    section |= {"init_templates": [name]} if use == "init" else {"default_template": name}
    manifest = build_manifest(make_plan({"a": [], "b": ["a"]}), config=make_config(template=section))
    admit(manifest)
    names = [template["name"] for template in manifest["spec"]["templates"]]
    tasks = manifest["spec"]["templates"][0]["dag"]["tasks"]
    for text in (*names, *(task["name"] for task in tasks)):
        assert text == text.lower()
        assert text[0].isalpha()
        assert not {text} & {"not", "in", "or", "nil", "true"}


def test_a_volume_at_the_path_of_scratch_storage_is_refused(
    make_plan: Callable[..., Plan], make_config: Callable[..., ArgoConfig]
) -> None:
    """The pod would have two volumes at one path."""
    container = {"command": "x", "volume_mounts": [{"name": "v", "mount_path": "/data/"}]}
    template = {"name": "own", "container": container, "volumes": [{"name": "v", "size": 1}]}
    config = make_config(template={"templates": [template], "default_template": "own"})
    with pytest.raises(ArgoError, match="'v' and scratch storage"):
        build_manifest(make_plan({"a": []}), config=config)

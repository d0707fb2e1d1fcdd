"""What the preflight finds about the image: environments that it does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo import ArgoConfig
from kedro_matrix_ext.argo.plan.inputs import PlanInputs
from kedro_matrix_ext.argo.preflight.context import ProjectFiles
from kedro_matrix_ext.argo.preflight.run import check_inputs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("ignored", "layers", "default_env", "found"),
    [
        ("conf/local\n", ("base", "local"), "local", ["local"]),
        ("conf/local/**\n", ("base", "local", "prod"), "local", ["local"]),  # prod inherits local
        ("conf/dev*\n", ("base", "dev"), "local", ["dev"]),
        ("*\n!src\n", ("base", "cloud"), "local", ["base", "cloud"]),
        ("conf/local\n", ("base", "cloud"), "local", []),
        ("conf/*/credentials*\n", ("base", "cloud"), "local", []),
        ("conf/local\n!conf/local\n", ("base", "local"), "local", []),
        (None, ("base", "local"), "local", ["local"]),
        (None, ("base", "mine"), "mine", ["mine"]),
        (None, ("base", "cloud"), "local", []),
        (None, ("base",), "base", []),
    ],
)
def test_environments_that_the_image_does_not_hold(
    tmp_path: Path, ignored: str | None, layers: tuple[str, ...], default_env: str, found: list[str]
) -> None:
    """Every layer is judged by the ignore file; without one, only the default environment is refused."""
    for env in {*layers, "cloud"}:
        (tmp_path / "conf" / env).mkdir(parents=True)
        (tmp_path / "conf" / env / "catalog.yml").touch()
    if ignored is not None:
        (tmp_path / ".dockerignore").write_text(ignored)
    files = ProjectFiles(
        project=tmp_path,
        conf_source=tmp_path / "conf",
        layers=layers,
        base_env="base",
        default_env=default_env,
    )
    config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
    inputs = PlanInputs(pipeline=Pipeline([Node(len, "params:x", None, name="n")]), config=config)
    findings = check_inputs(inputs, files=files).findings
    outside = [each for each in findings if each.code == "environment-not-in-image"]
    assert [each.location.file for each in outside] == [f"conf/{env}" for env in found]
    assert all(each.severity.value == "error" for each in outside)

"""The preflight finds programs that templates call and the image lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.argo import ArgoConfig
from kedro_matrix_ext.argo.plan.inputs import PlanInputs
from kedro_matrix_ext.argo.preflight.context import ProjectFiles
from kedro_matrix_ext.argo.preflight.run import check_inputs

if TYPE_CHECKING:
    from pathlib import Path

GENERATED = 'FROM a AS packages\nRUN apt-get install git\nFROM a AS environment\n# as "curl git"\nRUN true\n'


@pytest.mark.parametrize(
    ("container", "dockerfile", "arguments", "found"),
    [
        ({"command": ["curl", "https://x"]}, GENERATED, {}, ["curl"]),
        ({"command": ["/usr/bin/curl"]}, GENERATED, {}, ["curl"]),
        (
            {"command": ["sh", "-c"], "args": ["set -e; curl x | jq .a && echo git"]},
            GENERATED,
            {},
            ["curl", "jq"],
        ),
        ({"command": ["git", "clone"]}, GENERATED, {}, ["git"]),
        ({"command": ["ssh", "host"]}, GENERATED, {"PROGRAMS": "openssh-client"}, []),
        ({"command": ["curl"]}, GENERATED, {"PROGRAMS": "curl jq"}, []),
        ({"command": ["curl"]}, "FROM a\nRUN apt-get install -y curl\n", {}, []),
        ({"command": ["curl"], "image": "registry.example/curl"}, GENERATED, {}, []),
        ({"command": ["kedro", "run"]}, GENERATED, {}, []),
        ({"command": ["curl"]}, None, {}, []),
    ],
)
def test_programs_of_templates(
    tmp_path: Path,
    container: dict[str, Any],
    dockerfile: str | None,
    arguments: dict[str, str],
    found: list[str],
) -> None:
    """In commands and scripts, unless the Dockerfile, its arguments or another image have them."""
    if dockerfile is not None:
        (tmp_path / "Dockerfile").write_text(dockerfile)
    config = ArgoConfig.model_validate(
        {
            "deployment": {"image": "registry.example/shop", "build_args": arguments},
            "template": {"templates": [{"name": "notify", "container": container}]},
        }
    )
    files = ProjectFiles(
        project=tmp_path, conf_source=None, layers=("base",), base_env="base", default_env="local"
    )
    inputs = PlanInputs(pipeline=Pipeline([Node(len, "params:x", None, name="n")]), config=config)
    lacking = [
        each for each in check_inputs(inputs, files=files).findings if each.code == "image-lacks-program"
    ]
    assert [each.message.split("'")[3] for each in lacking] == found
    assert {each.severity.value for each in lacking} <= {"warning"}

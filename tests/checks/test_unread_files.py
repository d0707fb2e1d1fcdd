"""Files that look like parameters or catalog and that nothing reads are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.config import OmegaConfigLoader

from kedro_matrix_ext import config_loader_args
from kedro_matrix_ext.checks import Project
from kedro_matrix_ext.checks.unread_files import find_unread_files

if TYPE_CHECKING:
    from pathlib import Path

FILES = [
    "base/parameters.yml",
    "base/team/parameters/train.yml",
    "base/model_params.yml",
    "base/nested/catalog_x.yml",
    "base/catalogue.yml",
    "base/spark.yml",
    "cloud/params.yml",
]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, ["base/model_params.yml", "base/team/parameters/train.yml", "cloud/params.yml"]),
        (config_loader_args(), ["base/model_params.yml", "cloud/params.yml"]),
        (config_loader_args(config_patterns={"own": ["*params*"]}), []),
    ],
)
def test_files_that_no_pattern_reads(tmp_path: Path, arguments: dict[str, Any], found: list[str]) -> None:
    """By the project's patterns; files with other names are not judged."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a: 1\n")
    project = Project(conf_source=str(tmp_path), loader_class=OmegaConfigLoader, loader_arguments=arguments)
    files = [str(each.location.file) for each in find_unread_files(project, "cloud")]
    assert sorted(file.partition("/")[2] for file in files) == found

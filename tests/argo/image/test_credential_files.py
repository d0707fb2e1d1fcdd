"""Files that a project reads as credentials under other names than Kedro gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

SETTINGS = """
    from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

    CONFIG_LOADER_CLASS = LayeredConfigLoader
    CONFIG_LOADER_ARGS = config_loader_args(config_patterns={"credentials": ["keys*", "vault/**"]})
    """


def test_an_image_leaves_out_what_the_loader_reads_as_credentials(project: KedroProject) -> None:
    """By the patterns of settings.py, in every environment; other files are sent."""
    project.write("src/shop/settings.py", SETTINGS)
    project.write("Dockerfile", "FROM scratch\n")
    project.write("conf/base/argo.yml", "deployment: {image: registry.example/shop, tag: v1}\n")
    project.write("conf/base/catalog.yml", "")
    project.write("conf/base/keys.yml", "shop: {password: hunter2}\n")
    project.write("conf/cloud/vault/shop.yml", "shop: {password: hunter2}\n")
    said = project.kedro("argo", "build", "-e", "base", "--allow-dirty", check=False).stderr
    assert "'conf/base/keys.yml', 'conf/cloud/vault/shop.yml'" in " ".join(said.split())
    assert "catalog.yml" not in said
    project.write(".dockerignore", "**/keys*\n**/vault\n")
    said = project.kedro("argo", "build", "-e", "base", "--allow-dirty", check=False).stderr
    assert "would hold secrets" not in said

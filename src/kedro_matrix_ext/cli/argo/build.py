"""``kedro argo build``: build the image of tasks, push it and print it by its digest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.argo.selection import cluster_env_option
from kedro_matrix_ext.cli.output import print_line

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.configuration.deployment import Deployment
    from kedro_matrix_ext.argo.image.build import ImageBuild

__all__ = ["build", "plan_project_build"]


@click.command()
@cluster_env_option("The environment whose argo.yml names the image.")
@click.option("--allow-dirty", is_flag=True, help="Allow uncommitted changes.")
@click.pass_obj
def build(metadata: ProjectMetadata, *, env: str, allow_dirty: bool) -> None:
    """Build and push the image of tasks, and print its name by digest.

    With 'deployment.code' in argo.yml it holds the dependencies alone, and the code store records it.
    What the tool prints goes to standard error. In CI: IMAGE=$(kedro argo build -e cloud).
    """
    from kedro_matrix_ext.argo.image.build import build_image
    from kedro_matrix_ext.argo.image.git import read_commit
    from kedro_matrix_ext.cli.argo.code_package import record_image
    from kedro_matrix_ext.cli.argo.project import load_config

    commit = read_commit(Path(metadata.project_path), allow_dirty=allow_dirty)
    deployment = load_config(metadata, env).deployment
    planned = plan_project_build(metadata, deployment, commit)
    image = build_image(planned)
    record_image(metadata, deployment, image)
    print_line(image)


def plan_project_build(metadata: ProjectMetadata, deployment: Deployment, commit: str | None) -> ImageBuild:
    """Find out whether and how the project's image can be built, without its credentials.

    Raises:
        ArgoError: If it cannot, or the build would send files with credentials.
    """
    from kedro_matrix_ext.argo.image.build import plan_build
    from kedro_matrix_ext.resolvers.run_ids import random_suffix

    project = Path(metadata.project_path)
    files = _list_credential_files(project)
    return plan_build(deployment, project, suffix=random_suffix(), commit=commit, credentials=files)


def _list_credential_files(project: Path) -> list[Path]:
    """List the files that the loader reads as credentials by patterns of the project's own."""
    from kedro.framework.project import settings

    from kedro_matrix_ext.config.layers.sources import open_config_source

    patterns = (settings.CONFIG_LOADER_ARGS.get("config_patterns") or {}).get("credentials")
    folder = project / settings.CONF_SOURCE
    if patterns is None or not folder.is_dir():
        return []  # Kedro's own names are known to be secret
    source = open_config_source(str(folder), base_env=settings.CONFIG_LOADER_ARGS.get("base_env") or "")
    return [folder / file for env in source.environments() for file in source.list_files(env, patterns)]

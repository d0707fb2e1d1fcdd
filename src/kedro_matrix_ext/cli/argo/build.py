"""``kedro argo build``: build the image of tasks, push it and print it by its digest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.argo.selection import cluster_env_option

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

__all__ = ["build"]


@click.command()
@cluster_env_option("The environment whose argo.yml names the image.")
@click.option("--allow-dirty", is_flag=True, help="Allow uncommitted changes.")
@click.pass_obj
def build(metadata: ProjectMetadata, *, env: str, allow_dirty: bool) -> None:
    """Build and push the image of tasks, and print its name by digest.

    With 'deployment.code' in argo.yml it holds the dependencies alone, and the code store records it.
    What the tool prints goes to standard error. In CI: IMAGE=$(kedro argo build -e cloud).
    """
    from kedro_matrix_ext.argo.image.build import build_image, plan_build
    from kedro_matrix_ext.argo.image.git import read_commit
    from kedro_matrix_ext.cli.argo.code_package import record_image
    from kedro_matrix_ext.cli.argo.project import load_config
    from kedro_matrix_ext.resolvers.run_ids import random_suffix

    project = Path(metadata.project_path)
    commit = read_commit(project, allow_dirty=allow_dirty)
    deployment = load_config(metadata, env).deployment
    planned = plan_build(deployment, project, suffix=random_suffix(), commit=commit)
    image = build_image(planned)
    record_image(metadata, deployment, image)
    click.echo(image)

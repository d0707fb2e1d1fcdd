"""``kedro argo init``: write the files that a project needs to run on Argo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

__all__ = ["init"]


@click.command()
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@click.option("--gpu", is_flag=True, help="Base the image on CUDA.")
@click.pass_obj
def init(metadata: ProjectMetadata, *, force: bool, gpu: bool) -> None:
    """Write argo.yml, Dockerfile, Dockerfile.dockerignore and argo-rbac.yml."""
    from kedro_matrix_ext.argo.scaffold import list_project_files, write_project_files

    project = Path(metadata.project_path)
    files = list_project_files(
        project,
        base_conf=_find_base_conf(project),
        package=metadata.package_name,
        python=".".join(map(str, sys.version_info[:2])),
        gpu=gpu,
        source=Path(metadata.source_dir).relative_to(project).as_posix(),
    )
    existed = {file.path for file in files if file.path.exists()}
    write_project_files(files, force=force, root=project)
    for file in files:
        verb = "kept" if file.path in existed and not force else "wrote"
        click.echo(f"{verb} {file.path.relative_to(project)}")
    click.echo(
        "Next: set 'namespace' and 'deployment.image' in argo.yml, then run 'kedro argo submit --dry-run'."
    )


def _find_base_conf(project: Path) -> Path:
    from kedro.framework.project import settings

    base_env = settings.CONFIG_LOADER_ARGS.get("base_env") or "base"
    return project / str(settings.CONF_SOURCE) / base_env

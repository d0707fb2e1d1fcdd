"""``kedro argo init``: write the files that a project needs to run on Argo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.argo.scaffold import FILE_KINDS
from kedro_matrix_ext.cli.output import print_line

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.scaffold import ProjectFile

__all__ = ["init"]


@click.command()
@click.option(
    "--only",
    type=click.Choice(FILE_KINDS),
    multiple=True,
    help="Write this file alone; repeat it for several.",
)
@click.option("--force", is_flag=True, help="Overwrite existing files; with --only, those alone.")
@click.option("--gpu", is_flag=True, help="Base the image on CUDA.")
@click.pass_obj
def init(metadata: ProjectMetadata, *, only: tuple[str, ...], force: bool, gpu: bool) -> None:
    """Write argo.yml, Dockerfile, Dockerfile.dockerignore and argo-rbac.yml.

    Existing files are kept. On a terminal you are asked for each one that differs.
    """
    from kedro_matrix_ext.argo.scaffold import differs, list_project_files, write_project_files

    project = Path(metadata.project_path)
    files = list_project_files(
        project,
        base_conf=_find_base_conf(project),
        package=metadata.package_name,
        python=".".join(map(str, sys.version_info[:2])),
        gpu=gpu,
        source=Path(metadata.source_dir).relative_to(project).as_posix(),
    )
    files = [file for file in files if not only or file.kind in only]

    def replace(file: ProjectFile) -> bool:
        if force or not sys.stdin.isatty():
            return force
        return click.confirm(f"{file.path.relative_to(project)} exists and differs. Overwrite it?", err=True)

    written = write_project_files(files, replace=replace, root=project)
    for file, is_written in zip(files, written, strict=True):
        print_line(f"{'wrote' if is_written else 'kept'} {file.path.relative_to(project)}")
    if any(map(differs, files)):
        print_line("Overwrite a kept file with '--force --only', as in '--force --only dockerfile'.")
    print_line(
        "Next: set 'namespace' and 'deployment.image' in argo.yml, then run 'kedro argo submit --dry-run'."
    )


def _find_base_conf(project: Path) -> Path:
    from kedro.framework.project import settings

    from kedro_matrix_ext.errors import ArgoError

    source = str(settings.CONF_SOURCE)
    conf = project / source
    if "://" in source or not conf.resolve().is_relative_to(project.resolve()):
        raise ArgoError(
            f"the configuration is in {source!r}, outside of the project, so the image would not hold it",
            config_path="settings: CONF_SOURCE",
            hint="Move it into the project.",
        )
    return conf / (settings.CONFIG_LOADER_ARGS.get("base_env") or "base")

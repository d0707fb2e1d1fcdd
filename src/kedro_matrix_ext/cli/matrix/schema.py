"""``kedro matrix schema``: JSON Schemas of our YAML files, for editors."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kedro_matrix_ext.cli.output import print_line, write_output

__all__ = ["schema"]


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--output", "-o", "folder", type=click.Path(file_okay=False), help="Write them into this folder."
)
def schema(*, name: str | None, folder: str | None) -> None:
    """Print the JSON Schema of one file, or list all; with --output write them.

    NAME is argo, catalog, environment, fabrication or tracking.

    They know the engines and formats that settings.py adds to those of 'transcode:' entries.
    """
    from kedro_matrix_ext._schemas import SCHEMA_FILES, find_schema_file

    names = [_check_name(name)] if name else list(SCHEMA_FILES)
    if folder is not None:
        for each in names:
            print_line(str(_write(each, Path(folder))))
    elif name is not None:
        write_output(_render(name).removesuffix("\n"), None)
    else:
        rows = [f"{each:<12} {SCHEMA_FILES[each]:<28} {find_schema_file(each)}" for each in names]
        write_output("\n".join(rows), None)


def _check_name(name: str) -> str:
    from kedro_matrix_ext._schemas import SCHEMA_FILES
    from kedro_matrix_ext._suggestion import did_you_mean

    if name not in SCHEMA_FILES:
        hint = did_you_mean(name, SCHEMA_FILES) or f"There are: {', '.join(SCHEMA_FILES)}."
        raise click.BadParameter(f"there is no schema {name!r}. {hint}", param_hint="NAME")
    return name


def _write(name: str, folder: Path) -> Path:
    from kedro_matrix_ext._atomic_file import write_file

    file = folder / f"{name}.schema.json"
    try:
        write_file(file, _render(name))
    except OSError as error:
        raise click.FileError(str(file), hint=error.strerror or str(error)) from error
    return file


def _render(name: str) -> str:
    from kedro_matrix_ext._schemas.generation import make_schema

    return json.dumps(make_schema(name), ensure_ascii=False, indent=2) + "\n"

"""Environment variables from ``.env.defaults`` and ``.env``."""

from __future__ import annotations

import inspect
import os
from collections import ChainMap
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values
from dotenv.variables import parse_variables
from kedro.utils import find_kedro_project

from kedro_matrix_ext._terminal_output import keep_output_short
from kedro_matrix_ext.errors import SettingsError

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["DOTENV_FILES", "load_environment_variables"]

# Read one after the other; what comes later wins, the environment the process was started with over both.
DOTENV_FILES = (".env.defaults", ".env")
_LONGEST = 131_000  # bytes; Linux takes 128 KiB per variable, its name included


def load_environment_variables(project_path: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """Set environment variables from ``.env.defaults``, which is committed, and ``.env``, which is not.

    A variable that is set already is left alone. A reference ``${NAME}`` in a file sees the environment
    first, then what was read before it, also in the other file. A name without ``=`` is set to empty text,
    which is enough to switch a hook off.

    Args:
        project_path: The project's folder. Without it, the Kedro project that holds the calling file, else
            the one around the current folder, else the current folder.

    Returns:
        What was set, by name; empty where neither file is there.

    Raises:
        SettingsError: If ``project_path`` is not a folder, or a file is not UTF-8 or holds what no variable
            can.

    Examples:
        >>> import tempfile
        >>> load_environment_variables(tempfile.mkdtemp())
        {}
    """
    keep_output_short()
    folder = Path(project_path) if project_path is not None else _project_of(inspect.currentframe())
    if not folder.is_dir():
        raise SettingsError(
            f"cannot load environment variables: {str(folder)!r} is not a folder",
            hint="Give the project's folder, or nothing to have it found.",
        )
    found: dict[str, str] = {}
    for name in DOTENV_FILES:
        for variable, raw in _read(folder / name).items():
            value = "" if raw is None else _expanded(raw, found)  # a bare name is present
            found[variable] = _checked(variable, value, folder / name)
    added = {variable: value for variable, value in found.items() if variable not in os.environ}
    os.environ.update(added)
    return added


def _checked(variable: str, value: str, file: Path) -> str:
    """Return a value that a process can be given."""
    if "\0" in variable + value:
        problem, hint = "holds a NUL character", "Remove it; variables of a process are plain text."
    elif len(os.fsencode(value)) > _LONGEST:
        problem = f"is longer than {_LONGEST:,} bytes with its references expanded"
        hint = "Linux starts no process with longer ones. Check for references that double their value."
    else:
        return value
    name = variable.replace("\0", "\\0")
    raise SettingsError(f"the value of {name!r} {problem}", file=str(file), hint=hint)


def _project_of(frame: FrameType | None) -> Path:
    """Find the project of the file that called, not of the current folder."""
    caller = frame.f_back if frame else None
    file = caller.f_globals.get("__file__") if caller else None
    starts = [Path(file).resolve().parent] if file else []
    projects = (find_kedro_project(start) for start in [*starts, Path.cwd()])
    return next(filter(None, projects), Path.cwd())


def _read(file: Path) -> dict[str, str | None]:
    """Parse one file; references in it are not yet expanded."""
    if not file.is_file():
        return {}
    try:
        return dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"cannot read {file.name!r}: it is not UTF-8 ({error})",
            file=str(file),
            line=file.read_bytes().count(b"\n", 0, error.start) + 1,
            hint="Save it as UTF-8.",
        ) from error


def _expanded(raw: str, found: dict[str, str]) -> str:
    """Replace references by their values; python-dotenv itself would put the file before the environment."""
    known = ChainMap(os.environ, found)
    parts: list[str] = []
    length = 0
    for atom in parse_variables(raw):
        parts.append(atom.resolve(known))
        length += len(parts[-1])
        if length > _LONGEST:  # refused anyway; a line of references could fill the memory
            break
    return "".join(parts)

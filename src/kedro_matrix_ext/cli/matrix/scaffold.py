"""What ``kedro matrix init`` would change in a project: files as they are and as they would be."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_matrix_ext._atomic_file import write_file
from kedro_matrix_ext.cli.matrix.settings_lines import add_settings_lines
from kedro_matrix_ext.cli.matrix.templates import project_templates, read_template
from kedro_matrix_ext.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["FileChange", "Scaffold", "plan_scaffold"]

_READS_PATHS = "${globals:paths.base"
_OVERRIDE_PATHS = {"globals.yml", ".env.defaults"}  # which has the variable that one of the globals reads


@dataclass(frozen=True)
class FileChange:
    """One file as it is and as it would be.

    Attributes:
        name: Its path relative to the project's root.
        before: Its text; None where there is no such file.
        after: The text to write.
    """

    name: str
    before: str | None
    after: str

    def diff(self) -> str:
        """Show the change as a unified diff."""
        before = [] if self.before is None else self.before.splitlines(keepends=True)
        origin = "/dev/null" if self.before is None else f"a/{self.name}"
        lines = unified_diff(before, self.after.splitlines(keepends=True), origin, f"b/{self.name}")
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

    def write(self, project_path: Path) -> None:
        """Write the file, with the line ends that it had."""
        file = project_path / self.name
        line_end = "\r\n" if file.is_file() and b"\r\n" in file.read_bytes() else "\n"
        try:
            write_file(file, self.after, newline=line_end, root=project_path)
        except OSError as error:
            raise SettingsError(
                f"cannot write it: {error.strerror or error}",
                file=str(file),
                hint="Make it writable, then run the command again: it completes what is missing.",
            ) from error


@dataclass(frozen=True)
class Scaffold:
    """All that would change, and what is left alone although it matters.

    Attributes:
        changes: The files to write.
        added: The names of this package that ``settings.py`` would use in addition.
        notes: What the user should know.
    """

    changes: tuple[FileChange, ...]
    added: tuple[str, ...]
    notes: tuple[str, ...]


def plan_scaffold(
    project_path: Path,
    *,
    settings_file: Path,
    conf_source: str = "conf",
    base_env: str = "base",
    settings_values: Mapping[str, object] | None = None,
) -> Scaffold:
    """Work out what a project lacks of the environment layout; nothing is written.

    Args:
        project_path: The project's folder.
        settings_file: Its ``settings.py``.
        conf_source: ``CONF_SOURCE``.
        base_env: The lowest environment.
        settings_values: What the settings module holds once it has run.

    Raises:
        SettingsError: If ``settings.py`` is missing or no Python, a file of the layout cannot be read, or the
            configuration is elsewhere.
    """
    if "://" in conf_source or not Path(normpath(project_path / conf_source)).is_relative_to(project_path):
        raise SettingsError(
            f"CONF_SOURCE is {conf_source!r}, which is not inside the project",
            hint="Lay the environments out where that configuration is kept.",
        )
    settings_name = settings_file.relative_to(project_path).as_posix()
    before = _read(settings_file)
    if before is None:
        raise SettingsError(f"there is no {settings_name!r}", hint="Run this inside a Kedro project.")
    settings = add_settings_lines(before, file=settings_name, values=settings_values)
    changes = [_plan_gitignore(project_path)]
    notes = list(settings.notes)
    layout = dict(_layout(conf_source, base_env))
    base = Path(conf_source, base_env)
    if not _has_paths(project_path, base):
        unread = [name for name in layout if Path(name).name in _OVERRIDE_PATHS and Path(name).parent != base]
        layout = {name: text for name, text in layout.items() if name not in unread}
        listed = ", ".join(unread)
        notes.append(
            f"{listed} were not written: base's globals have no 'paths.base', so nothing would read them."
        )
    notes += _list_what_is_left(project_path, base)
    for name, text in layout.items():
        obstacle = _obstacle(project_path, name, base_env, layout)
        if obstacle is None:
            changes.append(FileChange(name, None, text))
        elif _read(project_path / name) != text:
            notes.append(obstacle)
    changes.append(FileChange(settings_name, before, settings.text))  # last: it needs the others
    pending = tuple(change for change in changes if change.before != change.after)
    return Scaffold(pending, settings.added, tuple(notes))


def _has_paths(project_path: Path, base: Path) -> bool:
    """Check whether base's globals have the path that those of environments override, or will have it."""
    from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping

    files = sorted((project_path / base).rglob("globals*"))
    data = [parse_mapping(_read(file) or "", str(file.relative_to(project_path))) for file in files]
    return not files or any(isinstance(each.get("paths"), dict) and "base" in each["paths"] for each in data)


def _list_what_is_left(project_path: Path, base: Path) -> Iterator[str]:
    """Say what the user has to write for the new environments to have an effect."""
    texts = [_read(file) or "" for file in sorted((project_path / base).rglob("catalog*")) if file.is_file()]
    if any("filepath:" in text for text in texts) and not any(_READS_PATHS in text for text in texts):
        yield (
            f"left to do: the catalog in {base.as_posix()} does not refer to {_READS_PATHS}}}, so "
            f"environments would use the same data. Write filepaths as {_READS_PATHS}}}/01_raw/companies.csv."
        )


def _layout(conf_source: str, base_env: str) -> Iterator[tuple[str, str]]:
    """Give the files of the layout under the names that the project has for its folders."""
    for name, text in project_templates().items():
        folder, *rest = Path(name).parts
        if folder == "conf":
            env, *rest = rest
            yield Path(conf_source, base_env if env == "base" else env, *rest).as_posix(), text
        else:
            yield name, text


def _obstacle(project_path: Path, name: str, base_env: str, layout: Mapping[str, str]) -> str | None:
    """Say why a file is not written: it is there, or something that already does its work."""
    file = project_path / name
    if file.exists():
        return f"{name} is there already and was left alone."
    env = file.parent
    if env.name == base_env:
        others = sorted(env.rglob("globals*"))
        return f"{name} was not written: {others[0].relative_to(project_path)} is there." if others else None
    if env != project_path and env.exists() and not _was_begun(project_path, env, layout):
        return f"{name} was not written: the environment {env.name!r} is there already."
    return None


def _was_begun(project_path: Path, env: Path, layout: Mapping[str, str]) -> bool:
    """Check whether an environment holds files of the layout and nothing else: an earlier run was killed."""
    files = [file for file in env.rglob("*") if file.is_file() and file.name != ".gitkeep"]
    return all(layout.get(file.relative_to(project_path).as_posix()) == _read(file) for file in files)


def _plan_gitignore(project_path: Path) -> FileChange:
    """Add the lines that are missing; what is there stays above them."""
    before = _read(project_path / ".gitignore")
    present = {line.strip() for line in (before or "").splitlines()}
    missing = [line for line in read_template("gitignore.txt").splitlines() if line not in present]
    if not missing:
        return FileChange(".gitignore", before, before or "")
    above = f"{before.rstrip()}\n\n" if before and before.strip() else ""
    return FileChange(".gitignore", before, above + "".join(f"{line}\n" for line in missing))


def _read(file: Path) -> str | None:
    """Read a file's text, whatever its line ends; None where there is none."""
    try:
        return file.read_text(encoding="utf-8") if file.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"cannot read this file: {error}", file=str(file), hint="Save it as UTF-8, where you may read it."
        ) from error

"""Where configuration files are: a folder, a zip or tar archive, or a URL that fsspec reads."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from posixpath import basename
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ENVIRONMENT_FILE", "ConfigSource", "SourceFile", "open_config_source"]

ENVIRONMENT_FILE = "environment.yml"
"""The file that names what an environment inherits; it is not configuration itself."""

_SUFFIXES = (".yml", ".yaml", ".json")
_ZIP_TYPES = ("application/zip", "application/x-zip-compressed", "application/zip-compressed")


@dataclass(frozen=True)
class SourceFile:
    """One file of an environment, parsed.

    Attributes:
        env: The environment it belongs to.
        name: How messages call it.
        text: Its text.
        data: Its raw mapping.
    """

    env: str
    name: str
    text: str
    data: dict[Any, Any]


@dataclass(frozen=True)
class ConfigSource:
    """A tree of configuration files.

    Args:
        filesystem: The fsspec file system it is on.
        root: The configuration folder on that file system.
        label: What messages call that folder.
        ignore_hidden: Whether files and folders whose name starts with a dot are left out.
    """

    filesystem: Any
    root: str
    label: str
    ignore_hidden: bool = True

    def has_environment(self, name: str) -> bool:
        """Return whether there is a folder for an environment."""
        if ".." in name.split("/") or name.startswith("/"):
            return False
        return bool(self.filesystem.isdir(self._path(name)))

    def environments(self) -> list[str]:
        """List the folders that may be environments, by name."""
        if not self.has_environment(""):
            return []
        entries = self.filesystem.ls(self.root, detail=True)
        folders = [basename(entry["name"].rstrip("/")) for entry in entries if entry["type"] == "directory"]
        return sorted(folder for folder in folders if not folder.startswith("."))

    def names_in(self, env: str) -> set[str]:
        """List the names of files and folders directly in an environment's folder."""
        return {basename(path.rstrip("/")) for path in self.filesystem.ls(self._path(env), detail=False)}

    def files(self, env: str, patterns: Iterable[str]) -> list[SourceFile]:
        """Read the YAML and JSON files of an environment that match a pattern.

        Raises:
            ConfigurationError: If a file cannot be read or parsed.
        """
        return [self._parse(env, path) for path in self._matching(env, patterns)]

    def broken_files(self, env: str, patterns: Iterable[str]) -> list[ConfigurationError]:
        """Try each file that `files` reads, past those that cannot be read."""
        tried = (self._try(env, path) for path in self._matching(env, patterns))
        return [error for error in tried if error is not None]

    def _matching(self, env: str, patterns: Iterable[str]) -> list[str]:
        matches = [_compile_pattern(pattern) for pattern in patterns]
        return [
            f"{env}/{name}" if env else name
            for name in self._walk(env)
            if name.endswith(_SUFFIXES) and name != ENVIRONMENT_FILE and any(m.match(name) for m in matches)
        ]

    def unread_files(self, env: str, patterns: Iterable[str]) -> list[str]:
        """List the YAML and JSON files of an environment that match no pattern."""
        matches = [_compile_pattern(pattern) for pattern in patterns]
        return [
            name
            for name in self._walk(env)
            if name.endswith(_SUFFIXES)
            and name != ENVIRONMENT_FILE
            and not any(m.match(name) for m in matches)
        ]

    def _try(self, env: str, path: str) -> ConfigurationError | None:
        try:
            self._parse(env, path)
        except ConfigurationError as error:
            return error
        return None

    def _parse(self, env: str, path: str) -> SourceFile:
        text, shown = self.read(path), self.display(path)
        return SourceFile(env, shown, text, parse_mapping(text, shown))

    def read(self, path: str) -> str:
        """Read a file's text.

        Raises:
            ConfigurationError: If it cannot be read or is not UTF-8.
        """
        try:
            content: bytes = self.filesystem.cat_file(self._path(path))
            return content.decode("utf8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"cannot read this file: {error}", file=self.display(path)) from error

    def display(self, path: str) -> str:
        """Write a path as messages show it."""
        return f"{self.label}/{path}" if path else self.label

    def _path(self, path: str) -> str:
        return (
            f"{self.root}/{path}".strip("/")
            if not self.root.startswith("/")
            else f"{self.root}/{path}".rstrip("/")
        )

    def _walk(self, env: str) -> list[str]:
        """All files below an environment's folder, relative to it, in order."""
        folder = self._path(env)
        prefix = len(folder) + 1 if folder else 0
        names = [path[prefix:] for path in self.filesystem.find(folder)]
        if self.ignore_hidden:
            names = [name for name in names if not (name.startswith(".") or "/." in name)]
        return sorted(names)


def open_config_source(conf_source: str, *, base_env: str, ignore_hidden: bool = True) -> ConfigSource:
    """Open the place of configuration files."""
    import fsspec

    kind = mimetypes.guess_type(conf_source)[0]
    protocol = "tar" if kind == "application/x-tar" else "zip" if kind in _ZIP_TYPES else None
    if protocol:
        archive = fsspec.filesystem(protocol, fo=conf_source)
        return ConfigSource(archive, _archive_root(archive, base_env), basename(conf_source), ignore_hidden)
    filesystem, root = fsspec.core.url_to_fs(conf_source)
    label = basename(root.rstrip("/")) if _is_local(filesystem) else conf_source.rstrip("/")
    return ConfigSource(filesystem, root.rstrip("/") or "/", label, ignore_hidden)


def _archive_root(archive: Any, base_env: str) -> str:
    """The folder that holds the environments: the archive's top, or its one folder, as Kedro packs it."""
    entries = archive.ls("", detail=True)
    folders = [entry["name"].strip("/") for entry in entries if entry["type"] == "directory"]
    if base_env in folders:
        return ""
    for folder in folders:
        if archive.isdir(f"{folder}/{base_env}"):
            return str(folder)
    return str(folders[-1]) if folders else ""


def _is_local(filesystem: Any) -> bool:
    protocol = filesystem.protocol
    return "file" in ((protocol,) if isinstance(protocol, str) else protocol)


@lru_cache(maxsize=256)
def _compile_pattern(pattern: str) -> re.Pattern[str]:
    """Translate a glob as fsspec reads it."""
    parts = pattern.strip("/").split("/")
    last = len(parts) - 1
    text = ""
    for index, part in enumerate(parts):
        if part == "**":
            text += "(?:.+/)?" if index < last else ".*"
        else:
            text += _translate(part) + ("/" if index < last else "")
    return re.compile(f"(?s:{text})\\Z")


def _translate(part: str) -> str:
    """One component of a glob: ``*``, ``?`` and ``[...]`` stay within it."""
    pieces = re.split(r"(\*+|\?|\[!?\]?[^\]]*\])", part)
    return "".join(_translate_piece(piece) for piece in pieces)


def _translate_piece(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 2:  # noqa: PLR2004  brackets and content
        return f"[^{piece[2:]}" if piece[1] == "!" else piece
    return re.escape(piece)

"""Where configuration files are: a folder, a zip or tar archive, or a URL that fsspec reads."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from posixpath import basename, normpath, relpath
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._archives import ARCHIVE_ERRORS, require_sound_archive
from kedro_matrix_ext.config.errors import FileEncodingError
from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ENVIRONMENT_FILE", "ConfigSource", "SourceFile", "open_config_source"]

ENVIRONMENT_FILE = "environment.yml"
"""The file that names what an environment inherits; it is not configuration itself."""

_SAVE_AS_UTF8 = "Save it as UTF-8."
_SURROGATE_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE
)
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

    @property
    def is_archive(self) -> bool:
        """Whether it is a zip or tar."""
        return self.filesystem.protocol in ("zip", "tar")

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
        return [self._parse(env, path) for path in self.list_files(env, patterns)]

    def broken_files(self, env: str, patterns: Iterable[str]) -> list[ConfigurationError]:
        """Try each file that `files` reads, past those that cannot be read."""
        tried = (self._try(env, path) for path in self.list_files(env, patterns))
        return [error for error in tried if error is not None]

    def list_files(self, env: str, patterns: Iterable[str]) -> list[str]:
        """List the YAML and JSON files of an environment that match a pattern."""
        names = self._walk(env)
        found = {path for pattern in patterns for path in self._glob(env, pattern, names)}
        return sorted(
            path
            for path in found
            if path.endswith(_SUFFIXES)
            and basename(path) != ENVIRONMENT_FILE
            and not (self.ignore_hidden and _is_hidden(path))
        )

    def _glob(self, env: str, pattern: str, names: list[str]) -> list[str]:
        """Return the files that match a pattern, as fsspec reads it, relative to the configuration folder."""
        folder = self._path(env)
        glob = PurePosixPath(f"{folder}/{pattern}" if folder else pattern).as_posix()
        glob = normpath(glob) if self._is_local else glob
        prefix = f"{folder}/" if folder else ""
        if not glob.startswith(prefix):  # '../shared/*' leads out of the environment's folder
            paths = [path for path in self.filesystem.glob(glob) if self.filesystem.isfile(path)]
            return [relpath(path, self.root) for path in paths]
        pattern = glob.removeprefix(prefix)
        if "**" not in pattern:  # '[!a]' alone would match a slash
            names = [name for name in names if name.count("/") == pattern.count("/")]
        matches = _compile_pattern(pattern).match
        return [f"{env}/{name}" if env else name for name in names if matches(name)]

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
        if path.endswith(".json"):
            text = _SURROGATE_PAIR.sub(_join_surrogates, text)
        return SourceFile(env, shown, text, parse_mapping(text, shown))

    def read(self, path: str) -> str:
        """Read a file's text, without a byte order mark.

        Raises:
            ConfigurationError: If it cannot be read or is not UTF-8.
        """
        try:
            content: bytes = self.filesystem.cat_file(self._path(path))
        except (OSError, *ARCHIVE_ERRORS) as error:
            raise ConfigurationError(f"cannot read this file: {error}", file=self.display(path)) from error
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise _not_utf8(content, error, self.display(path)) from error

    def display(self, path: str) -> str:
        """Write a path as messages show it."""
        return f"{self.label}/{path}" if path else self.label

    @property
    def _is_local(self) -> bool:
        return _is_local(self.filesystem)

    def _path(self, path: str) -> str:
        return (
            f"{self.root}/{path}".strip("/")
            if not self.root.startswith("/")
            else f"{self.root}/{path}".rstrip("/")
        )

    def _walk(self, env: str) -> list[str]:
        """List all files below an environment's folder, relative to it."""
        folder = self._path(env)
        prefix = len(folder) + 1 if folder else 0
        return [path[prefix:] for path in self.filesystem.find(folder)]


def open_config_source(conf_source: str, *, base_env: str, ignore_hidden: bool = True) -> ConfigSource:
    """Open the place of configuration files.

    Raises:
        ConfigurationError: If an archive is damaged, too large, or holds links or paths that lead upwards.
    """
    import fsspec

    kind = mimetypes.guess_type(conf_source)[0]
    protocol = "tar" if kind == "application/x-tar" else "zip" if kind in _ZIP_TYPES else None
    if protocol:
        require_sound_archive(conf_source, protocol)
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
    """Translate a pattern as fsspec does.

    Raises:
        ConfigurationError: If fsspec refuses it, as ``a**b``.
    """
    from fsspec.utils import glob_translate

    try:
        return re.compile(glob_translate(pattern))
    except ValueError as error:
        raise ConfigurationError(
            f"the pattern {pattern!r} of configuration files is invalid: {error}",
            hint="Write '**' between slashes, as in 'catalog*/**'.",
        ) from error


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in path.split("/"))


def _not_utf8(content: bytes, error: UnicodeDecodeError, file: str) -> FileEncodingError:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileEncodingError("this file is UTF-16, not UTF-8", file=file, line=1, hint=_SAVE_AS_UTF8)
    line = content.count(b"\n", 0, error.start) + 1
    column = error.start - content.rfind(b"\n", 0, error.start)
    return FileEncodingError(
        f"this file is not UTF-8: byte 0x{content[error.start]:02x} at column {column}",
        file=file,
        line=line,
        hint=_SAVE_AS_UTF8,
    )


def _join_surrogates(pair: re.Match[str]) -> str:
    """Return the character that two escapes of JSON stand for."""
    return f"{pair[1]}{bytes.fromhex(pair[2] + pair[3]).decode('utf-16-be')}"

"""Whether an archive given as ``--conf-source`` may be read: its size, its links, its paths."""

from __future__ import annotations

import stat
import zlib
from pathlib import PurePosixPath
from tarfile import TarError
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile

from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ARCHIVE_ERRORS", "require_sound_archive"]

ARCHIVE_ERRORS = (BadZipFile, TarError, zlib.error, EOFError, RuntimeError, NotImplementedError)
"""What Python raises for damaged, encrypted and unknown archives, in addition to ``OSError``."""

_LARGEST = 100 * 2**20  # bytes, unpacked
_MOST = 100_000  # files
_LONGEST_HEADER = 65_536  # bytes, of one member of a tar


class _Member(NamedTuple):
    name: str
    size: int
    is_link: bool


def require_sound_archive(conf_source: str, kind: str) -> None:
    """Make sure that an archive can be read, and is not larger unpacked than configuration ever is.

    Nothing is unpacked: sizes are those that its directory or headers give, and no more is read than those.

    Raises:
        ConfigurationError: If it is damaged or too large, or holds a link, a device or a path that leads
            upwards.
    """
    import fsspec

    try:
        with fsspec.open(conf_source, "rb") as file:
            _require_sound(_list_zip(file) if kind == "zip" else _list_tar(file), conf_source)
    except (*ARCHIVE_ERRORS, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ConfigurationError(
            f"this archive cannot be read: {error or type(error).__name__}",
            file=conf_source,
            hint="Pack the configuration again, for example with 'kedro package'.",
        ) from error


def _list_zip(file: Any) -> Iterator[_Member]:
    from zipfile import ZipFile

    with ZipFile(file) as archive:
        for info in archive.infolist():
            yield _Member(info.filename, info.file_size, stat.S_ISLNK(info.external_attr >> 16))


def _list_tar(file: Any) -> Iterator[_Member]:
    from tarfile import TarFile

    class BoundedTarFile(TarFile):
        """Reads the unpacked stream through a bound: extended headers are read whole, however long."""

        def __init__(self, name: Any = None, mode: Any = "r", fileobj: Any = None, **options: Any) -> None:
            bounded: Any = _BoundedStream(fileobj)
            super().__init__(name, mode, bounded, **options)

    with BoundedTarFile.open(fileobj=file, mode="r:*") as archive:
        for member in archive:
            yield _Member(member.name, member.size, not (member.isreg() or member.isdir()))


class _BoundedStream:
    """A stream that gives at most the bytes of a long header in one read.

    Args:
        stream: The unpacked stream.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.seek, self.tell, self.close = stream.seek, stream.tell, stream.close

    def read(self, size: int) -> bytes:
        """Read bytes.

        Raises:
            TarError: If more are asked for than a header has.
        """
        if size > _LONGEST_HEADER:
            raise TarError(f"a header takes more than {_LONGEST_HEADER:,} bytes")
        content: bytes = self._stream.read(size)
        return content


def _require_sound(members: Iterable[_Member], conf_source: str) -> None:
    total = 0
    for count, member in enumerate(members, start=1):
        path = PurePosixPath(member.name.replace("\\", "/"))
        total += member.size
        if member.is_link:
            problem = f"{member.name!r} is a link or a device, not a file"
        elif ".." in path.parts or path.is_absolute():
            problem = f"the path {member.name!r} leads out of the archive"
        elif total > _LARGEST:
            problem = f"its files take more than {_LARGEST // 2**20} MiB unpacked"
        elif count > _MOST:
            problem = f"it holds more than {_MOST:,} files"
        else:
            continue
        raise ConfigurationError(
            f"this archive is not read: {problem}",
            file=conf_source,
            hint="Pack the files of the configuration folder, and nothing else.",
        )

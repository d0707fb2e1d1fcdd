"""Write files so that a kill or a full disk leaves the old file or the new one."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["LinkError", "flush_folder", "write_file"]

_NEW_FILE = 0o666
_OWNER_ONLY = 0o600


class LinkError(OSError):
    """A link that leads out of the project, or to a file that does not exist."""


def write_file(
    path: Path, text: str, *, newline: str | None = None, root: Path | None = None, private: bool = False
) -> None:
    r"""Write a temporary file, flush it to the disk, and rename it to the old one.

    A link is kept, and the file that it leads to is replaced. The permissions of an existing file are kept.
    Devices and pipes are written to as they are.

    Raises:
        OSError: If the file cannot be written; the old one is still there then. ``LinkError`` if the path is
            a link to no file, or leads out of ``root``.

    Examples:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_file(folder / "conf" / "globals.yml", "bucket: data\n")
        >>> (folder / "conf" / "globals.yml").read_text()
        'bucket: data\n'
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline=newline) as stream:
            stream.write(text)
        return
    target = _follow_link(path, root)
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline=newline) as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(beside).chmod(_choose_mode(target, private=private))
        Path(beside).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(beside).unlink()
        raise
    flush_folder(target.parent)


def _follow_link(path: Path, root: Path | None) -> Path:
    if path.is_symlink() and not path.exists():
        raise LinkError(f"it is a link to {str(path.readlink())!r}, which does not exist")
    target = path.resolve()
    if root is not None and not target.is_relative_to(root.resolve()):
        raise LinkError(f"it leads out of the project, to {str(target)!r}")
    return target


def _choose_mode(target: Path, *, private: bool) -> int:
    if private:
        return _OWNER_ONLY
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return _NEW_FILE & ~mask


def flush_folder(folder: Path) -> None:
    """Flush the folder's entry too; some file systems cannot."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

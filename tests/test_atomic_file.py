"""A kill at any moment, or a full disk, leaves the old file or the new one."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kedro_matrix_ext._atomic_file import LinkError, write_file
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW = "old\n" * 1000, "new\n" * 1000
# Kills itself at the audit event whose number is given, counted from the first one of `write_file`.
KILLED = """
import os, signal, sys
from pathlib import Path
from kedro_matrix_ext._atomic_file import write_file
path, moment, seen = Path(sys.argv[1]), int(sys.argv[2]), 0
def watch(event, arguments):
    global seen
    if event in {"open", "os.rename", "os.chmod", "os.mkdir", "os.remove", "os.listdir"}:
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
write_file(path, "new\\n" * 1000)
"""


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    """At every step that touches the disk, until one run is not killed any more."""
    file = tmp_path / "settings.py"
    killed = 0
    for moment in range(1, 30):
        file.write_text(OLD)
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, str(file), str(moment)], check=False, timeout=PATIENCE
        )
        if ran.returncode == 0:
            break
        assert ran.returncode == -signal.SIGKILL
        killed += 1
        assert file.read_text() in {OLD, NEW}
    assert file.read_text() == NEW
    assert killed >= 3


@pytest.mark.parametrize("call", ["fsync", "fdopen"])
def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """The error is the system's."""
    file = tmp_path / "argo.yml"
    file.write_text(OLD)

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="No space left"):
        write_file(file, NEW)
    assert file.read_text() == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["argo.yml"]


def test_permissions_are_kept_and_private_files_are_the_owners(tmp_path: Path) -> None:
    """An executable stays one; what may hold a secret is readable by its owner alone."""
    file = tmp_path / "run.sh"
    file.write_text(OLD)
    file.chmod(0o750)
    write_file(file, NEW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    write_file(tmp_path / "workflow.yml", NEW, private=True)
    assert stat.S_IMODE((tmp_path / "workflow.yml").stat().st_mode) == 0o600


def test_a_link_is_kept_and_its_file_replaced_but_never_outside_of_the_root(tmp_path: Path) -> None:
    """A link to nothing is refused too."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "real.yml").write_text(OLD)
    (root / "link.yml").symlink_to("real.yml")
    write_file(root / "link.yml", NEW, root=root)
    assert (root / "link.yml").is_symlink()
    assert (root / "real.yml").read_text() == NEW
    (tmp_path / "outside.yml").write_text(OLD)
    (root / "out.yml").symlink_to(tmp_path / "outside.yml")
    (root / "dangling.yml").symlink_to("absent.yml")
    (root / "folder").symlink_to(tmp_path)
    for name in ("out.yml", "dangling.yml", "folder/new.yml"):
        with pytest.raises(LinkError):
            write_file(root / name, NEW, root=root)
    assert (tmp_path / "outside.yml").read_text() == OLD
    assert not (tmp_path / "new.yml").exists()


def test_a_device_is_written_to_as_it_is() -> None:
    """`-o /dev/null` does not replace the device."""
    from pathlib import Path

    write_file(Path(os.devnull), NEW)
    assert not Path(os.devnull).is_file()

"""Archives given as `--conf-source` that would fill the memory, lead elsewhere, or are damaged."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"base/parameters.yml": b"rate: 2\n", "local/parameters.yml": b"{}\n"}
HUGE = 200 * 2**20


def make_tar(path: Path, *extra: tarfile.TarInfo) -> None:
    """Pack sound configuration, then members without content."""
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
        for name, content in GOOD.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in extra:
            archive.addfile(info)


def make_zip(path: Path, **extra: bytes) -> None:
    """Pack sound configuration, then further files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**GOOD, **extra}.items():
            archive.writestr(name, content)


def load(path: Path) -> Any:
    """Load its parameters."""
    return LayeredConfigLoader(str(path), "local", **config_loader_args())["parameters"]


def member(name: str, kind: bytes = tarfile.REGTYPE, *, link: str = "", size: int = 0) -> tarfile.TarInfo:
    """Make a member of a tar."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, size
    return info


@pytest.mark.parametrize("name", ["conf.zip", "conf.tar", "conf.tar.gz"])
def test_a_sound_archive_is_read(tmp_path: Path, name: str) -> None:
    """As a folder is."""
    (make_zip if name.endswith("zip") else make_tar)(tmp_path / name)
    assert load(tmp_path / name) == {"rate": 2}


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (member("base/globals.yml", tarfile.SYMTYPE, link="/etc/passwd"), "'base/globals.yml' is a link"),
        (member("base/globals.yml", tarfile.LNKTYPE, link="base/parameters.yml"), "is a link"),
        (member("base/globals.yml", tarfile.SYMTYPE, link="parameters.yml"), "is a link"),
        (member("base", tarfile.SYMTYPE, link="../.."), "'base' is a link"),
        (member("base/pipe", tarfile.FIFOTYPE), "a device"),
        (member("base/disk", tarfile.BLKTYPE), "a device"),
        (member("../base/globals.yml"), "'../base/globals.yml' leads out"),
        (member("base/../../x.yml"), "leads out"),
        (member("/etc/x.yml"), "leads out"),
        (member("base/x.yml", size=HUGE), "more than 100 MiB"),
    ],
)
@pytest.mark.parametrize("name", ["conf.tar", "conf.tar.gz"])
def test_a_tar_with_links_upward_paths_or_too_much_is_refused(
    tmp_path: Path, name: str, extra: tarfile.TarInfo, problem: str
) -> None:
    """Before anything of it is read."""
    make_tar(tmp_path / name, extra)
    with pytest.raises(ConfigurationError, match=problem) as raised:
        load(tmp_path / name)
    assert name in str(raised.value)


def test_zips_with_too_much_links_and_upward_paths_are_refused(tmp_path: Path) -> None:
    """A small file that is large unpacked, in one file or in many; a link; a path upwards."""
    bomb, many, linked, upward = (tmp_path / f"{name}.zip" for name in ("bomb", "many", "link", "up"))
    make_zip(bomb, **{"base/x.yml": bytes(HUGE)})
    make_zip(many, **{f"base/{n}.yml": bytes(HUGE // 100) for n in range(101)})
    make_zip(upward, **{"base/../../x.yml": b"a: 1"})
    with zipfile.ZipFile(linked, "w") as archive:
        info = zipfile.ZipInfo("base/x.yml")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert bomb.stat().st_size < HUGE // 500
    for file, problem in [(bomb, "100 MiB"), (many, "100 MiB"), (linked, "a link"), (upward, "leads out")]:
        with pytest.raises(ConfigurationError, match=problem):
            load(file)


@pytest.mark.parametrize("name", ["conf.zip", "conf.tar", "conf.tar.gz"])
@pytest.mark.parametrize("damage", ["empty", "text", "cut", "flipped"])
def test_a_damaged_archive_is_one_error_that_names_it(tmp_path: Path, name: str, damage: str) -> None:
    """Empty, not an archive, cut off, or with wrong bytes in the middle."""
    (make_zip if name.endswith("zip") else make_tar)(file := tmp_path / name)
    whole = file.read_bytes()
    middle = len(whole) // 2 if name != "conf.tar" else 20
    file.write_bytes(
        {
            "empty": b"",
            "text": b"not an archive at all" * 9,
            "cut": whole[:middle],
            "flipped": whole[: middle - 20]
            + bytes(byte ^ 0xFF for byte in whole[middle - 20 : middle + 20])
            + whole[middle + 20 :],
        }[damage]
    )
    with pytest.raises(ConfigurationError, match=name):
        load(file)


def test_a_zip_whose_file_is_damaged_or_encrypted_names_that_file(tmp_path: Path) -> None:
    """What shows only when the file is read."""
    make_zip(file := tmp_path / "conf.zip")
    whole = bytearray(file.read_bytes())
    for offset, marks in ((6, b"PK\x03\x04"), (8, b"PK\x01\x02")):
        at = -1
        while (at := whole.find(marks, at + 1)) >= 0:
            whole[at + offset] |= 1  # says that it is encrypted
    file.write_bytes(bytes(whole))
    with pytest.raises(ConfigurationError, match=r"cannot read this file.*encrypted"):
        load(file)

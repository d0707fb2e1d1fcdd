"""Archives given as `--conf-source` that would fill the memory, lead elsewhere, or are damaged."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"base/parameters.yml": b"rate: 2\n", "local/parameters.yml": b"{}\n"}
NAMES = ["conf.zip", "conf.tar", "conf.tar.gz", "conf.tar.bz2", "conf.tar.xz"]
HUGE = 200 * 2**20


def make_tar(path: Path, *extra: tarfile.TarInfo) -> None:
    """Pack sound configuration, then members without content."""
    compression = path.suffix.removeprefix(".").removeprefix("tar")
    with tarfile.open(path, f"w:{compression}") as archive:  # type: ignore[call-overload]
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


@pytest.mark.parametrize("name", NAMES)
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


@pytest.mark.parametrize(
    "kind",
    [
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    ],
)
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_long_header_of_a_tar_is_not_read(tmp_path: Path, kind: bytes, place: str) -> None:
    """A few kilobytes that unpack to a header of 60 MiB take no memory; Python reads a header whole."""
    head = member("header", kind, size=60 * 2**20).tobuf(tarfile.USTAR_FORMAT)
    sound = member("base/parameters.yml").tobuf(tarfile.USTAR_FORMAT)
    with gzip.open(file := tmp_path / "conf.tar.gz", "wb", compresslevel=1) as packed:
        packed.write(sound if place == "last" else b"")
        packed.write(head)
        for _ in range(60):
            packed.write(bytes(2**20))
        packed.write(sound + bytes(1024))
    tracemalloc.start()
    try:
        with pytest.raises(ConfigurationError, match="a header takes more than 65,536 bytes"):
            load(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 2**20


def test_ordinary_long_names_are_read(tmp_path: Path) -> None:
    """A path of 300 characters takes a separate header in both formats."""
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        with tarfile.open(file := tmp_path / "conf.tar.gz", "w:gz", format=form) as archive:
            for name in (*GOOD, f"base/{'long/' * 60}parameters_more.yml"):
                archive.addfile(info := tarfile.TarInfo(name), io.BytesIO())
                assert info.size == 0
        assert load(file) == {}


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


@pytest.mark.parametrize("name", NAMES)
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

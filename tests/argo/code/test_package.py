"""The code package: the same for the same tree, without secrets, and refused where it is damaged."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedro_matrix_ext.argo.code import package as packing
from kedro_matrix_ext.argo.code.package import pack_project
from kedro_matrix_ext.argo.code.unpacking import unpack
from kedro_matrix_ext.argo.configuration.deployment import Deployment
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {
    "pyproject.toml": '[project]\nname = "my-shop"\nversion = "1.0"\n[project.scripts]\nshop = "shop:main"\n',
    ".env.defaults": "A=1",
    ".env": "TOKEN=secret",
    "src/shop/__init__.py": "",
    "src/shop/nodes.py": "def f(): return 1\n",
    "src/shop/key.pem": "secret",
    "conf/base/catalog.yml": "{}",
    "conf/base/credentials.yml": "a: {password: secret}",
    "conf/local/parameters.yml": "{}",
    "conf/cloud/Credentials/s3.yml": "secret",
    "data/01_raw/cars.csv": "a,b",
    "notes/model.md": "about it",
    ".gitignore": "conf/local/**\n.env\n*.log\n",
    "src/shop/run.log": "noise",
}
PACKED = (
    ".env.defaults",
    "conf/base/catalog.yml",
    "pyproject.toml",
    "src/my_shop-1.0.dist-info/METADATA",
    "src/my_shop-1.0.dist-info/entry_points.txt",
    "src/shop/__init__.py",
    "src/shop/nodes.py",
)


@pytest.fixture
def make_tree(tmp_path: Path) -> Callable[..., Path]:
    """Make a project's folder, a git repository or not."""

    def make(name: str = "shop", *, git: bool = True) -> Path:
        for path, text in FILES.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        if git:
            subprocess.run(["git", "init", "-q"], cwd=tmp_path / name, check=True)  # noqa: S607
            subprocess.run(["git", "add", "."], cwd=tmp_path / name, check=True)  # noqa: S607
        return tmp_path / name

    return make


def _pack(project: Path, **deployment: object) -> packing.CodePackage:
    config = Deployment.model_validate({"code": "s3://shop/code", **deployment})
    return pack_project(project, config, source="src", conf_source="conf", name="shop")


def test_it_holds_code_and_configuration_and_no_secret(make_tree: Callable[..., Path]) -> None:
    """Tracked credentials, keys and variables stay out, and so does what git ignores."""
    package = _pack(make_tree())
    assert package.files == PACKED
    assert b"secret" not in package.data


def test_without_git_the_same_rules_hold_except_for_what_git_ignores(make_tree: Callable[..., Path]) -> None:
    """A folder outside of a repository is packed by the ignore file of the image."""
    project = make_tree(git=False)
    assert set(_pack(project).files) == {*PACKED, "src/shop/run.log"}
    (project / "Dockerfile.dockerignore").write_text("**/*.log\n")
    assert _pack(project).files == PACKED


def test_a_project_that_the_repository_around_it_ignores_is_packed(make_tree: Callable[..., Path]) -> None:
    """As a project in a scratch folder of another one."""
    project = make_tree(git=False)
    subprocess.run(["git", "init", "-q"], cwd=project.parent, check=True)  # noqa: S607
    (project.parent / ".gitignore").write_text("*\n")
    assert set(_pack(project).files) == {*PACKED, "src/shop/run.log"}


def test_further_files_are_packed_where_the_project_lists_them(make_tree: Callable[..., Path]) -> None:
    """`code_include` adds a folder."""
    assert set(_pack(make_tree(), code_include=["notes"]).files) == {*PACKED, "notes/model.md"}


def test_equal_trees_have_one_digest(make_tree: Callable[..., Path]) -> None:
    """Times, places and the order on disk do not count; one changed byte does."""
    first, second = make_tree("one"), make_tree("two")
    for file in second.rglob("*.py"):
        os.utime(file, (0, 0))
    assert _pack(first).digest == _pack(second).digest
    (second / "src/shop/nodes.py").write_text("def f(): return 2\n")
    assert _pack(first).digest != _pack(second).digest


def test_changes_that_are_not_committed_are_packed(make_tree: Callable[..., Path]) -> None:
    """`--allow-dirty` submits what is on disk: changed, new and removed files."""
    project = make_tree()
    (project / "src/shop/new.py").write_text("")
    (project / "src/shop/nodes.py").unlink()
    assert set(_pack(project).files) == {*PACKED, "src/shop/new.py"} - {"src/shop/nodes.py"}


def test_a_large_file_is_an_error_that_names_it(
    make_tree: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model or a table that was committed by mistake."""
    monkeypatch.setattr(packing, "MAX_BYTES", 2**20)
    project = make_tree()
    (project / "src/shop/model.bin").write_bytes(bytes(2**21))
    with pytest.raises(ArgoError, match=r"src/shop/model\.bin \(2\.0 MiB\)"):
        _pack(project)


def test_a_link_out_of_the_project_is_an_error(
    make_tree: Callable[..., Path],
) -> None:
    """What a link leads to is packed, so that no pod follows one."""
    project = make_tree()
    (project / "src/shop/same.py").symlink_to("nodes.py")
    assert "src/shop/same.py" in _pack(project).files
    (project.parent / "outside.py").write_text("")
    (project / "src/shop/other.py").symlink_to(project.parent / "outside.py")
    with pytest.raises(ArgoError, match=r"'src/shop/other\.py' is a link that leads out"):
        _pack(project)


@pytest.mark.parametrize("conf", ["/etc/conf", "../conf", "a/../../conf"])
def test_configuration_outside_of_the_project_is_an_error(make_tree: Callable[..., Path], conf: str) -> None:
    """It would not be in the package."""
    with pytest.raises(ArgoError, match="not inside the project"):
        pack_project(make_tree(), Deployment(code="s3://a"), source="src", conf_source=conf, name="shop")


def test_a_package_without_code_is_an_error(make_tree: Callable[..., Path]) -> None:
    """An ignore file that covers the code, or nothing added to git."""
    project = make_tree()
    (project / "Dockerfile.dockerignore").write_text("src\n")
    with pytest.raises(ArgoError, match="no file of 'src'"):
        _pack(project)


def test_what_is_packed_is_unpacked(make_tree: Callable[..., Path], tmp_path: Path) -> None:
    """Contents and executable bits survive."""
    project = make_tree()
    (project / "src/shop/run.sh").write_text("#!/bin/sh")
    (project / "src/shop/run.sh").chmod(0o755)
    package = _pack(project)
    target = tmp_path / "unpacked"
    target.mkdir()
    unpack(package.data, target)
    written = {file.relative_to(target).as_posix() for file in target.rglob("*") if file.is_file()}
    assert written == set(package.files)
    assert os.access(target / "src/shop/run.sh", os.X_OK)
    assert (target / "src/shop/nodes.py").read_text() == FILES["src/shop/nodes.py"]


def _archive(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 1) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname, member.size = kind, link, size
        archive.addfile(member, io.BytesIO(bytes(size)))
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (_archive("../evil"), "leads out"),
        (_archive("/etc/evil"), "leads out"),
        (_archive("a/../../evil"), "leads out"),
        (_archive("a\\..\\evil"), "leads out"),
        (_archive("a", tarfile.SYMTYPE, "/etc/passwd", 0), "not a file"),
        (_archive("a", tarfile.LNKTYPE, "b", 0), "not a file"),
        (_archive("a", tarfile.FIFOTYPE, "", 0), "not a file"),
        (_archive("a", tarfile.CHRTYPE, "", 0), "not a file"),
        (_archive("a")[:600], "cannot be unpacked"),
        (b"\x1f\x8b not a tar", "cannot be unpacked"),
    ],
)
def test_an_archive_with_anything_but_files_is_refused(data: bytes, problem: str, tmp_path: Path) -> None:
    """Links, devices and paths that lead out of the folder write nothing outside of it."""
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(ArgoError, match=problem):
        unpack(data, inside)
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]


@given(data=st.binary(max_size=2000))
def test_noise_is_an_error_or_empty(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No input ends in anything but an unpacked folder or one error."""
    folder = tmp_path_factory.mktemp("noise")
    try:
        unpack(data, folder)
    except ArgoError:
        return
    assert list(folder.iterdir()) == []

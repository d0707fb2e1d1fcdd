"""Trees unlike those of templates: the package holds what git knows, or one error names the file."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo.code.distribution import describe_distribution, read_source_folder
from kedro_matrix_ext.argo.code.listing import list_packed_files
from kedro_matrix_ext.argo.code.package import CodePackage, pack_project
from kedro_matrix_ext.argo.code.unpacking import unpack
from kedro_matrix_ext.argo.configuration.deployment import Deployment
from kedro_matrix_ext.argo.image.secret_files import is_secret
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Tree = Callable[..., Path]

BASIC = {
    "pyproject.toml": '[project]\nname = "my-shop"\nversion = "1"\n',
    "src/shop/__init__.py": "",
    "conf/base/catalog.yml": "{}",
    ".gitignore": "*.log\nconf/dev/**\n",
}
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END PRIVATE KEY-----\n"


def _git(folder: Path, *words: str) -> None:
    settings = ("user.name=Ann", "user.email=ann@example.com", "protocol.file.allow=always")
    options = [word for setting in settings for word in ("-c", setting)]
    subprocess.run(["git", *options, *words], cwd=folder, check=True, capture_output=True)  # noqa: S607


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Make a project's folder with further files and links, a git repository or not."""

    def make(
        files: dict[str, str] | None = None, *, name: str = "shop", git: bool = True, **links: str
    ) -> Path:
        folder = tmp_path / name
        for path, text in {**BASIC, **(files or {})}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        for path, target in links.items():
            (folder / "src/shop" / path).symlink_to(target)
        if git:
            _git(folder, "init", "-q")
            _git(folder, "add", "-A")
        return folder

    return make


def _pack(project: Path, source: str = "src", conf: str = "conf", **deployment: Any) -> CodePackage:
    config = Deployment.model_validate({"code": "s3://shop/code", **deployment})
    return pack_project(project, config, source=source, conf_source=conf, name="shop")


def _further(package: CodePackage) -> set[str]:
    return {path for path in package.files if path not in BASIC and "dist-info" not in path}


@pytest.mark.parametrize("git", [True, False])
def test_a_link_to_a_folder_is_packed_as_the_files_in_it(tree: Tree, *, git: bool) -> None:
    """As Python sees the project here, and without what git leaves out."""
    project = tree({"sql/a.sql": "", "sql/deep/b.sql": "", "sql/key.pem": ""}, git=git, queries="../../sql")
    assert _further(_pack(project)) == {"src/shop/queries/a.sql", "src/shop/queries/deep/b.sql"}


@pytest.mark.parametrize("git", [True, False])
def test_a_link_to_a_secret_stays_out(tree: Tree, *, git: bool) -> None:
    """The name of the link says nothing about what it leads to."""
    files = {".env": "hunter2", "conf/local/parameters.yml": "hunter2"}
    package = _pack(tree(files, git=git, notes="../../.env", settings="../../conf/local"))
    assert (_further(package), b"hunter2" in package.data) == (set(), False)


def test_links_that_lead_out_or_in_circles_are_named(tree: Tree) -> None:
    """Folders and targets that this machine lacks, too; a link that leads nowhere is left out."""
    for target, problem in (("/etc", "leads out"), ("/no/such", "leads out"), (".", "is in itself")):
        project = tree(name=f"to{target.replace('/', '-')}", odd=target)
        with pytest.raises(ArgoError, match="'src/shop/odd' is a link") as caught:
            _pack(project)
        assert problem in str(caught.value)
    project = tree({"src/shop/a/x.py": "", "src/shop/b/y.py": ""})
    (project / "src/shop/a/to_b").symlink_to("../b")
    (project / "src/shop/b/to_a").symlink_to("../a")
    with pytest.raises(ArgoError, match="is in itself"):
        _pack(project)
    assert _further(_pack(tree(name="broken", nowhere="gone.py", itself="itself"))) == set()


def test_submodules_and_repositories_inside_are_packed(tree: Tree) -> None:
    """By what their own repository knows; one that is not checked out is an error."""
    library = tree({"lib.py": "", "noise.log": ""}, name="library")
    _git(library, "commit", "-q", "-m", "All")
    project = tree()
    _git(project, "submodule", "add", "-q", str(library), "src/shop/lib")
    inside = project / "src/shop/inside"
    inside.mkdir()
    (inside / "module.py").write_text("")
    (inside / "noise.log").write_text("")
    (inside / ".gitignore").write_text("*.log\n")
    _git(inside, "init", "-q")
    found = _further(_pack(project))
    assert {"src/shop/lib/lib.py", "src/shop/inside/module.py"} <= found
    assert not [path for path in found if path.endswith(".log")]
    _git(project, "commit", "-q", "-m", "All")
    clone = project.parent / "clone"
    _git(project.parent, "clone", "-q", str(project), str(clone))
    with pytest.raises(ArgoError, match="submodule 'src/shop/lib' is not checked out") as caught:
        _pack(clone)
    assert "git submodule update --init" in str(caught.value.hint)


def test_odd_names_survive(tree: Tree, tmp_path: Path) -> None:
    """Spaces, line breaks, what git quotes, bytes that are not text; a backslash is an error."""
    names = (
        "a b.py",
        "a\nb.txt",
        "é日.sql",
        "-x.py",
        '"q".py',
        ":(top)x",
        "x" * 200,
        os.fsdecode(b"\xff.bin"),
    )
    project = tree({f"src/shop/{name}": name.encode("utf-8", "surrogateescape").hex() for name in names})
    package = _pack(project)
    assert _further(package) == {f"src/shop/{name}" for name in names}
    (tmp_path / "there").mkdir()
    unpack(package.data, tmp_path / "there")
    for path in package.files:
        if (project / path).exists():
            assert (tmp_path / "there" / path).read_bytes() == (project / path).read_bytes()
    (project / "src/shop/a\\b.py").write_text("")
    with pytest.raises(ArgoError, match="backslash"):
        _pack(project)


def test_where_git_fails_nothing_is_packed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else files that git ignores would travel: a foreign owner, or a repository without git."""
    project = tree({"src/shop/dump.log": "hunter2"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(ArgoError, match=r"git does not list .*dubious ownership"):
        _pack(project)
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER")
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(ArgoError, match="it cannot be run"):
        _pack(project)
    alone = tree(name="alone", git=False)
    if any((folder / ".git").exists() for folder in alone.parents):  # the tests' folder is in a repository
        with pytest.raises(ArgoError, match="it cannot be run"):
            _pack(alone)
    else:
        assert _further(_pack(alone)) == set()


def test_a_folder_that_git_ignores_is_not_listed_instead_of_its_files(tree: Tree) -> None:
    """As `kedro argo check` asks for the folder of an environment."""
    project = tree({"conf/dev/parameters.yml": ""})
    assert list_packed_files(project, Deployment(code="s3://a"), ["conf/dev"]) == []
    assert list_packed_files(project, Deployment(code="s3://a"), ["conf"]) == ["conf/base/catalog.yml"]


@pytest.mark.parametrize("name", ["gcp.json", "notes.txt"])
def test_a_private_key_under_any_name_is_an_error(tree: Tree, name: str) -> None:
    """Also inside of a JSON file; code that only writes about keys is packed."""
    text = KEY.replace("\n", "\\n") if name.endswith("json") else KEY
    with pytest.raises(ArgoError, match=rf"'src/shop/{name}' holds a private key"):
        _pack(tree({f"src/shop/{name}": text}))
    talk = 'if text.startswith("-----BEGIN PRIVATE KEY-----"):\n    pass\n'
    assert _further(_pack(tree({"src/shop/keys.py": talk}, name="talk"))) == {"src/shop/keys.py"}


def test_a_secrets_name_may_end_in_white_space() -> None:
    """A slip of the hand in a shell."""
    assert is_secret("conf/base/.env\n")


@pytest.mark.parametrize(
    ("conf", "packed"), [("config", {"config/base/a.yml", "config/local/.gitkeep"}), ("conf", set())]
)
def test_the_local_environment_stays_out_whatever_the_configuration_is_called(
    tree: Tree, conf: str, packed: set[str]
) -> None:
    """`CONF_SOURCE` may be renamed; it may be an absolute path too."""
    names = ("base/a.yml", "local/parameters.yml", "local/deep/a.yml", "local/.gitkeep")
    project = tree({f"config/{name}": "" for name in names}, git=False)
    assert _further(_pack(project, conf=conf)) == packed
    assert _pack(project, conf=str(project / conf)).files == _pack(project, conf=conf).files


@pytest.mark.parametrize("written", ["", ".", "code/python"])
def test_code_may_be_in_another_folder_than_src(tree: Tree, written: str) -> None:
    """Kedro's `source_dir`, the project's own folder too."""
    source = written or "."
    project = tree({f"{source}/other/__init__.py": "", "code/python/x.py": ""})
    with (project / "pyproject.toml").open("a") as file:
        file.write(f'[tool.kedro]\nsource_dir = "{written}"\n')
    assert read_source_folder(project) == source
    prefix = "" if source == "." else f"{source}/"
    files = _pack(project, source=source).files
    assert {f"{prefix}other/__init__.py", f"{prefix}my_shop-1.dist-info/METADATA"} <= set(files)


@pytest.mark.parametrize(
    ("ignored", "deployment", "problem"),
    [
        ("*\n!src\n!conf\n", {}, "would lack 'pyproject.toml'"),
        ("", {"code_include": ["lookup"]}, "no file of 'lookup'"),
        ("", {"code_include": ["src/*.py"]}, "without patterns"),
        ("", {"code_include": ["../other"]}, "not inside the project"),
    ],
)
def test_a_package_that_would_lack_something_is_an_error(
    tree: Tree, ignored: str, deployment: dict[str, Any], problem: str
) -> None:
    """The project's description, and what the project lists."""
    with pytest.raises(ArgoError, match=problem.replace("*", r"\*")) as caught:
        _pack(tree({".dockerignore": ignored}), **deployment)
    assert "argo: deployment.code" in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_error(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gets a traceback for the rights of a file."""
    project = tree()
    read = type(project).read_bytes

    def refuse(file: Path) -> bytes:
        if file.name == "__init__.py":
            raise PermissionError(13, "Permission denied")
        return read(file)

    monkeypatch.setattr(type(project), "read_bytes", refuse)
    with pytest.raises(ArgoError, match=r"cannot hold 'src/shop/__init__\.py': Permission denied"):
        _pack(project)


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ('project = "x"\n', []),
        ('[project]\nname = "my-shop"\nversion = "../../x"\n', ["my_shop-.._.._x.dist-info/METADATA"]),
    ],
)
def test_an_odd_description_does_no_harm(tree: Tree, text: str, described: list[str]) -> None:
    """What pip refuses leads out of no folder."""
    project = tree({"pyproject.toml": text})
    assert list(describe_distribution(project, "src")) == described

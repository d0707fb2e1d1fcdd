"""What an image build leaves out: the pattern language is Docker's, and secrets never reach a builder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.waiting import PATIENCE

from kedro_matrix_ext.argo.image.context import (
    list_context_files,
    list_git_ignored,
    refuse_secrets,
)
from kedro_matrix_ext.argo.image.ignore import IgnoreFile, read_ignore_file
from kedro_matrix_ext.argo.image.secret_files import is_secret
from kedro_matrix_ext.argo.scaffold import list_project_files, write_project_files
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    Judge = Callable[[list[str], list[str]], list[bool] | None]

JUDGE = Path(__file__).parent / "patternmatcher"
NAMES = ["a", "b.py", "data", "src", ".env", "Credentials.yml", "a b", "x-y", "$", "ü"]
WORDS = [
    "*",
    "**",
    "?",
    "a",
    "b.py",
    "data",
    "src",
    ".env",
    "[ab]*",
    "[^a]",
    "*.py",
    "d?ta",
    "\\*",
    "x-y",
    "$",
]
PATTERNS = st.lists(
    st.builds(
        lambda sign, words, tail: sign + "/".join(words) + tail,
        st.sampled_from(["", "", "!", "/", "./", " "]),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
        st.sampled_from(["", "", "/", "/**", " "]),
    )
    | st.sampled_from(["", "# note", "[", "a[", "!"]),
    max_size=5,
)
PATHS = st.lists(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map("/".join), min_size=1, max_size=6
)
SECRETS = (
    "conf/base/credentials.yml",
    "conf/base/Credentials_prod.yaml",
    "conf/cloud/credentials/db.json",
    "conf/local/parameters.yml",
    ".env",
    "a/.env.production",
    "prod.env",
    ".envrc",
    "src/shop/tls.key",
    "certificates/server.PEM",
    "gcp-service-account.json",
    ".netrc",
    ".aws/credentials.ini",
    ".aws/credentials",
    ".ssh/known_hosts",
    "src/.docker/config.json",
    ".kube/config",
    "kubeconfig",
    "shop.kubeconfig.yaml",
    "conf/base/credentials.yml.bak",
    "conf/base/credentials.json~",
    "src/shop/dev-credentials.json",
    "conf/local/deep/parameters.yml",
    "conf/local/.git-credentials",
    ".env_prod",
    *(".env~", ".env1", "a/.flaskenv", ".env.swp", "a/.credentials.yml.swp", "prod.env.bak", "prod.env~"),
    "id_rsa.old",
    "src/shop/id_ed25519_sk",
    "client_secret_1.json",
    ".streamlit/secrets.toml",
    "conf/base/secrets.yml",
    ".s3cfg",
    "infra/terraform.tfstate.backup",
)
NEEDED = (
    "pyproject.toml",
    ".env.defaults",
    "conf/base/catalog.yml",
    "conf/cloud/parameters.yml",
    "src/shop/nodes.py",
    "src/shop/credentials.py",
    "src/shop/secrets.py",
    "src/shop/credentials/__init__.py",
    "conf/base/parameters_secrets.yml",
    "src/shop/data/ids.csv",
    "src/shop/docs/text.py",
)
UNNEEDED = ("data/01_raw/cars.csv", "logs/info.log", "mlruns/0/meta.yaml", ".git/config", "notebooks/a.ipynb")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """Docker's own matcher, in Go; None for patterns that it refuses."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed, which builds Docker's own matcher")
    program = tmp_path_factory.mktemp("matcher") / "matcher"
    built = subprocess.run(
        [go, "build", "-o", str(program), "."], cwd=JUDGE, capture_output=True, text=True, check=False
    )
    if built.returncode:
        pytest.skip(f"Docker's matcher cannot be built here: {built.stderr[-200:]}")
    running = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(patterns: list[str], paths: list[str]) -> list[bool] | None:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(json.dumps({"patterns": patterns, "paths": paths}) + "\n")
        running.stdin.flush()
        answer = json.loads(running.stdout.readline())
        found: list[bool] = answer.get("ignored")
        return None if "error" in answer else found

    yield ask
    assert running.stdin is not None
    running.stdin.close()
    assert running.stdout is not None
    running.stdout.close()
    running.wait(PATIENCE)


def test_patterns_match_as_docker_matches_them(judge: Judge, tmp_path: Path) -> None:
    """Property: the same paths are left out, and the same patterns refused."""
    file = tmp_path / "Dockerfile.dockerignore"

    @settings(max_examples=600)
    @given(PATTERNS, PATHS)
    def check(patterns: list[str], paths: list[str]) -> None:
        file.write_text("\n".join(patterns))
        try:
            ignored = read_ignore_file(file)
        except ArgoError:
            assert judge(patterns, paths) is None, patterns
            return
        assert judge(patterns, paths) == [ignored.matches(path) for path in paths], patterns

    check()


def _lay_out(folder: Path, paths: tuple[str, ...]) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")


@pytest.mark.parametrize("place", [".", "apps/shop"])
def test_the_written_ignore_file_keeps_secrets_out_of_any_context(tmp_path: Path, place: str) -> None:
    """The project's own folder or a monorepo's: secrets and data stay out, what a task needs goes in."""
    project = tmp_path / place
    _lay_out(project, (*SECRETS, *NEEDED, *UNNEEDED))
    (project / "pyproject.toml").write_text("")
    write_project_files(
        list_project_files(project, base_conf=project / "conf/base", package="shop", python="3.11"),
        replace=lambda _: True,
    )
    prefix = "" if place == "." else f"{place}/"
    sent = set(list_context_files(project / "Dockerfile", tmp_path))
    assert {f"{prefix}{path}" for path in NEEDED} <= sent
    assert not {f"{prefix}{path}" for path in (*SECRETS, *UNNEEDED)} & sent
    refuse_secrets(project / "Dockerfile", tmp_path)


@pytest.mark.parametrize("conf", ["conf", "my conf"])
def test_the_written_ignore_file_covers_everything_that_a_build_refuses(tmp_path: Path, conf: str) -> None:
    """Property: in any folder and letter case, so that following the advice of the refusal helps."""
    (tmp_path / "pyproject.toml").write_text("")
    files = list_project_files(tmp_path, base_conf=tmp_path / conf / "base", package="shop", python="3.11")
    (text,) = [file.text for file in files if file.kind == "dockerignore"]
    written = IgnoreFile(tuple(text.splitlines()))

    @given(
        folders=st.lists(st.sampled_from(["conf", "local", "src", "credentials", "a b"]), max_size=3),
        path=st.sampled_from(SECRETS),
        seed=st.randoms(use_true_random=False),
    )
    def check(folders: list[str], path: str, seed: random.Random) -> None:
        moved = "/".join([*folders, path])
        odd = "".join(seed.choice((letter.upper(), letter.lower())) for letter in path)
        if not path.startswith("conf/local"):  # the name of an environment has one case
            assert is_secret(odd), odd
        for each in (moved, odd):
            assert written.matches(each) or not is_secret(each), each

    check()


@pytest.mark.parametrize("path", SECRETS)
def test_every_kind_of_secret_is_refused_where_no_pattern_covers_it(tmp_path: Path, path: str) -> None:
    """With the file named, and the way out."""
    _lay_out(tmp_path, (path, *NEEDED))
    (tmp_path / ".dockerignore").write_text("data\n")
    with pytest.raises(ArgoError, match="would hold secrets") as caught:
        refuse_secrets(tmp_path / "Dockerfile", tmp_path)
    assert repr(path) in str(caught.value)
    assert "kedro argo init" in str(caught.value.hint)


def test_files_that_a_task_needs_are_not_secrets() -> None:
    """A module called credentials is code."""
    assert [path for path in NEEDED if is_secret(path)] == []


def test_an_own_ignore_file_of_the_dockerfile_comes_before_the_contexts(tmp_path: Path) -> None:
    """As BuildKit has it."""
    _lay_out(tmp_path, (".env", "a.py"))
    (tmp_path / ".dockerignore").write_text("a.py\n")
    (tmp_path / "Dockerfile.dockerignore").write_text(".env\n")
    sent = list(list_context_files(tmp_path / "Dockerfile", tmp_path))
    assert "a.py" in sent
    assert ".env" not in sent


def test_an_ignore_file_that_docker_does_not_read_covers_no_secret(tmp_path: Path) -> None:
    """Podman alone has `.containerignore`; the error names the file that both read."""
    _lay_out(tmp_path, (".env", "docker/train.Dockerfile"))
    (tmp_path / ".containerignore").write_text(".env\n")
    with pytest.raises(ArgoError, match="there is no ignore file") as caught:
        refuse_secrets(tmp_path / "docker" / "train.Dockerfile", tmp_path)
    assert "'train.Dockerfile.dockerignore'" in str(caught.value.hint)


def test_a_pattern_that_builders_refuse_is_reported_with_its_line(tmp_path: Path) -> None:
    """File and line."""
    (tmp_path / ".dockerignore").write_text("data\n[ab\n")
    with pytest.raises(ArgoError, match=r"'\[ab' is not a pattern") as caught:
        read_ignore_file(tmp_path / ".dockerignore")
    assert (caught.value.file, caught.value.line) == (str(tmp_path / ".dockerignore"), 2)


def test_files_that_git_ignores_and_a_build_sends_are_listed(git_project: Path) -> None:
    """They are in no commit, so the workflow's label does not cover them."""
    (git_project / ".gitignore").write_text("*.csv\nscratch/\n")
    _lay_out(git_project, ("src/big.csv", "scratch/a.py", "data/b.csv", "src/a.py"))
    (git_project / ".dockerignore").write_text("data\n")
    assert list_git_ignored(git_project / "Dockerfile", git_project) == ["scratch/a.py", "src/big.csv"]


def test_nothing_is_listed_outside_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor where git is missing."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert list_git_ignored(tmp_path / "Dockerfile", tmp_path) == []
    monkeypatch.setenv("PATH", os.devnull)
    assert list_git_ignored(tmp_path / "Dockerfile", tmp_path) == []


def test_an_ignore_file_without_patterns_matches_nothing() -> None:
    """Comments and empty lines are ignored."""
    assert not IgnoreFile(("# data", "", "   ")).matches("data")


@pytest.mark.parametrize(
    ("text", "excluded", "included"),
    [
        ("conf/local", ["conf/local/a.yml", "conf/local/b/c"], ["conf/locale", "x/conf/local/a"]),
        ("/conf/local/", ["conf/local/a.yml"], ["conf/a.yml"]),
        ("conf/*", ["conf/a", "conf/a/b"], ["conf", "other/a"]),
        ("conf/local/**", ["conf/local/a", "conf/local/b/c"], ["conf/local"]),
        ("**/.env.*\n!**/.env.defaults", [".env.prod", "a/b/.env.x"], [".env.defaults", "a/.env.defaults"]),
        ("*\n!src", ["a", "conf/a"], ["src/a", "src/a/b"]),
        ("!src\n*", ["src/a"], []),
        ("a?c\n[xy].txt", ["abc", "x.txt"], ["ac", "a/c", "z.txt"]),
        ("# comment\n\n  data  ", ["data/a"], ["# comment"]),
        ("a**b", ["a/x/b", "ab"], ["a"]),
        ("**/*.pem", ["k.pem", "a/b/k.pem"], ["k.pem.txt"]),
        ("a\\*b", ["a*b"], ["axb"]),
    ],
)
def test_patterns_match_at_any_depth(text: str, excluded: list[str], included: list[str]) -> None:
    """Folders with their contents, `**` at any depth, `!` for exceptions; the last match counts."""
    patterns = IgnoreFile(tuple(text.splitlines()))
    assert [path for path in [*excluded, *included] if patterns.matches(path)] == excluded


def test_a_folder_is_covered_if_all_its_files_are(tmp_path: Path) -> None:
    """An exception inside it, or no file at all, keeps it."""
    folder = tmp_path / "conf" / "local"
    folder.mkdir(parents=True)
    patterns = IgnoreFile(("conf/local/*", "!conf/local/keep.yml"))
    assert not patterns.covers_folder(folder, tmp_path)
    (folder / "a.yml").touch()
    assert patterns.covers_folder(folder, tmp_path)
    (folder / "keep.yml").touch()
    assert not patterns.covers_folder(folder, tmp_path)

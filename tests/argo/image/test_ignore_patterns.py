"""Ignore files of a build context, in Docker's notation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kedro_matrix_ext.argo.configuration.deployment import Deployment
from kedro_matrix_ext.argo.image.ignore_patterns import IgnorePatterns, read_ignore_patterns

if TYPE_CHECKING:
    from pathlib import Path


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
def test_patterns_exclude_as_docker_does(text: str, excluded: list[str], included: list[str]) -> None:
    """Folders with their contents, `**` at any depth, `!` for exceptions; the last match counts."""
    patterns = IgnorePatterns.parse(text)
    assert [path for path in [*excluded, *included] if patterns.excludes(path)] == excluded


def test_the_ignore_file_of_the_dockerfile_replaces_that_of_the_context(tmp_path: Path) -> None:
    """As BuildKit reads them; without either there are no patterns."""
    deployment = Deployment(context=".", dockerfile="docker/Dockerfile")
    assert read_ignore_patterns(deployment, tmp_path) is None
    (tmp_path / ".dockerignore").write_text("data\n")
    patterns = read_ignore_patterns(deployment, tmp_path)
    assert patterns is not None
    assert patterns.excludes("data/a")
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "Dockerfile.dockerignore").write_text("conf\n")
    patterns = read_ignore_patterns(deployment, tmp_path)
    assert patterns is not None
    assert (patterns.excludes("data/a"), patterns.excludes("conf/a")) == (False, True)


def test_a_folder_is_excluded_if_all_its_files_are(tmp_path: Path) -> None:
    """An exception inside it, or no file at all, keeps it."""
    folder = tmp_path / "conf" / "local"
    folder.mkdir(parents=True)
    patterns = IgnorePatterns.parse("conf/local/*\n!conf/local/keep.yml")
    assert not patterns.excludes_folder(folder, tmp_path)
    (folder / "a.yml").touch()
    assert patterns.excludes_folder(folder, tmp_path)
    (folder / "keep.yml").touch()
    assert not patterns.excludes_folder(folder, tmp_path)

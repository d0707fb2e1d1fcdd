"""Git state, and images built by tools that record their arguments."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.image_tools import DIGEST, commit

from kedro_matrix_ext.argo.configuration.deployment import Deployment
from kedro_matrix_ext.argo.image.build import ImageBuild, build_image, choose_tag, plan_build
from kedro_matrix_ext.argo.image.git import read_commit
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IMAGE = "registry.example/shop"


def _plan(project: Path, **fields: Any) -> ImageBuild:
    named = {} if "image" in fields else {"image": IMAGE, "tag": "v1"}
    deployment = Deployment.model_validate({**named, **fields})
    return plan_build(deployment, project, suffix="x7k2p9", commit="c0ffee")


def test_commit_of_a_clean_tree_is_named(git_project: Path) -> None:
    """A folder inside the repository counts alone: changes next to it do not."""
    (git_project / "part").mkdir()
    (git_project / "part" / "code.py").write_text("")
    head = commit(git_project)
    assert read_commit(git_project) == head
    (git_project / "beside.txt").write_text("")
    assert read_commit(git_project / "part") == head


def test_changes_that_are_not_committed_are_refused_unless_allowed(git_project: Path) -> None:
    """The error names the files; where they are allowed, the label says so."""
    head = read_commit(git_project)
    for number in range(7):
        (git_project / f"new{number}").write_text("")
    with pytest.raises(ArgoError, match=r"7 changed files are not committed: new0, .*, new4 and 2 more"):
        read_commit(git_project)
    assert read_commit(git_project, allow_dirty=True) == f"{head}-dirty"


def test_settings_of_git_hide_no_change(git_project: Path) -> None:
    """Files that git does not track are packed, so they count; names are shown as they are."""
    for setting in ("status.showUntrackedFiles=no", "core.quotePath=true"):
        with (git_project / ".git/config").open("a") as file:
            section, _, rest = setting.partition(".")
            file.write(f"[{section}]\n{rest}\n")
    (git_project / "añejo.py").write_text("")
    with pytest.raises(ArgoError, match=r"1 changed file is not committed: añejo\.py"):
        read_commit(git_project)


def test_folder_without_a_commit_is_refused_unless_allowed(
    git_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No repository, or no git."""
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))  # whatever holds the tests' folder
    with pytest.raises(ArgoError, match="not a git repository"):
        read_commit(outside)
    assert read_commit(outside, allow_dirty=True) is None
    monkeypatch.setenv("PATH", str(outside))
    with pytest.raises(ArgoError, match="git cannot be run: No such file"):
        read_commit(git_project)
    assert read_commit(git_project, allow_dirty=True) is None


def test_damaged_index_never_counts_as_clean(git_project: Path) -> None:
    """Git still names the commit then, but not what is changed; its own words are in the error."""
    (git_project / ".git" / "index").write_bytes(b"damaged")
    with pytest.raises(ArgoError, match="index"):
        read_commit(git_project)
    assert read_commit(git_project, allow_dirty=True) is None


def test_repository_of_another_user_is_reported(git_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git refuses to read it; the error has git's words and its remedy."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(ArgoError, match=r"dubious ownership.*safe\.directory"):
        read_commit(git_project)


def test_buildx_builds_and_pushes_in_one_command(
    git_project: Path, install_tool: Callable[..., None], tool_log: Callable[[], list[list[str]]]
) -> None:
    """Platform, Dockerfile, its own tag and the commit; the digest is what buildx reports."""
    install_tool("docker")
    install_tool("podman")
    build = _plan(git_project, target_platform="linux/arm64", dockerfile="Dockerfile", context="./")
    assert build_image(build) == f"{IMAGE}@{DIGEST}"
    *asked, built = tool_log()
    assert asked == [["docker", "buildx", "version"], ["docker", "info"]]
    digest_file = built[built.index("--metadata-file") + 1]
    assert built == [
        *("docker", "buildx", "build", "--platform", "linux/arm64"),
        *("--file", str(git_project / "Dockerfile"), "--tag", f"{IMAGE}:v1-x7k2p9"),
        *("--label", "org.opencontainers.image.revision=c0ffee"),
        *("--push", "--metadata-file", digest_file, str(git_project)),
    ]


@pytest.mark.parametrize("tool", ["podman", "buildah"])
def test_podman_or_buildah_builds_and_then_pushes(
    git_project: Path, install_tool: Callable[..., None], tool_log: Callable[[], list[list[str]]], tool: str
) -> None:
    """Where docker is missing, another takes its place."""
    install_tool(tool)
    assert build_image(_plan(git_project)) == f"{IMAGE}@{DIGEST}"
    built, pushed = tool_log()
    assert built[:2] == [tool, "build"]
    assert built[-1] == str(git_project)
    assert (pushed[:3], pushed[-1]) == ([tool, "push", "--digestfile"], f"{IMAGE}:v1-x7k2p9")


def test_tag_in_use_is_never_overwritten() -> None:
    """Every tag has the random suffix, once; text that is not a tag is an error."""
    assert choose_tag("latest", "x7k2p9") == "latest-x7k2p9"
    assert choose_tag("x7k2p9", "x7k2p9") == "x7k2p9"
    with pytest.raises(ArgoError, match="'a b-x7k2p9' is not a tag"):
        choose_tag("a b", "x7k2p9")


def test_podman_builds_where_the_daemon_of_docker_does_not_answer(
    git_project: Path, install_tool: Callable[..., None]
) -> None:
    """The daemon is asked before anything else; without podman the error says what is wrong with docker."""
    install_tool("docker", status=1)
    with pytest.raises(ArgoError, match="the daemon of 'docker' does not answer"):
        _plan(git_project)
    install_tool("podman")
    assert _plan(git_project).tool == "podman"


def test_arguments_secrets_and_options_reach_the_builder(
    git_project: Path,
    install_tool: Callable[..., None],
    tool_log: Callable[[], list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A secret is named by its variable or file, so its value is in no argument; options go as written."""
    install_tool("podman")
    monkeypatch.setenv("INDEX_PASSWORD", "s3cr3t-value")
    (git_project / "company.crt").write_text("certificate")
    (git_project / "Dockerfile.dockerignore").write_text("data\n")
    build_image(
        _plan(
            git_project,
            build_args={"PYTHON": "3.12"},
            build_secrets=[
                {"id": "index", "env": "INDEX_PASSWORD"},
                {"id": "certificates", "file": "company.crt"},
            ],
            build_options=["--no-cache", "--network=host"],
        )
    )
    built = tool_log()[0]
    assert built[built.index("--build-arg") + 1] == "PYTHON=3.12"
    assert "id=index,env=INDEX_PASSWORD" in built
    assert f"id=certificates,src={git_project / 'company.crt'}" in built
    assert built[-5:-1] == [
        *("--no-cache", "--network=host"),
        *("--ignorefile", str(git_project / "Dockerfile.dockerignore")),
    ]
    assert "s3cr3t" not in str(tool_log())


def test_a_platform_among_the_options_takes_the_place_of_ours(
    git_project: Path, install_tool: Callable[..., None], tool_log: Callable[[], list[list[str]]]
) -> None:
    """Two would build an image of two platforms."""
    install_tool("docker")
    for options in (["--platform=linux/arm64"], ["--no-cache", "--platform", "linux/arm64"]):
        build = _plan(git_project, build_options=options)
        assert build.platform == "linux/arm64"
        build_image(build)
        assert [word for word in tool_log()[-1] if "linux/" in word] == options[-1:]


def test_arguments_reach_the_builder_with_spaces_and_quotes_as_written(
    git_project: Path, install_tool: Callable[..., None], tool_log: Callable[[], list[list[str]]]
) -> None:
    """No shell reads them."""
    install_tool("docker")
    values = {"REQUIREMENTS": "kedro 'pandas<3' $HOME", "PROGRAMS": "curl git", "EMPTY": ""}
    build_image(_plan(git_project, build_args=values))
    built = tool_log()[-1]
    assert [f"{name}={value}" for name, value in values.items()] == [
        after for word, after in pairwise(built) if word == "--build-arg"
    ]


def test_a_secret_in_the_home_folder_is_found(
    git_project: Path,
    install_tool: Callable[..., None],
    tool_log: Callable[[], list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """As logins of an index are: ``~/.netrc``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine packages.example.com")
    install_tool("docker")
    build_image(_plan(git_project, build_secrets=[{"id": "netrc", "file": "~/.netrc"}]))
    assert f"id=netrc,src={tmp_path / '.netrc'}" in tool_log()[-1]


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ({"id": "index", "env": "ABSENT_PASSWORD"}, "variable 'ABSENT_PASSWORD'"),
        ({"id": "index", "file": "absent.txt"}, "no file .*absent.txt"),
        ({"id": "index", "file": "keys,old/login.txt"}, "'index' has a comma .*keys,old/login.txt"),
        ({"id": "index,a", "env": "HOME"}, "'index,a' has a comma"),
    ],
)
def test_a_build_secret_that_is_missing_or_has_a_comma_stops_the_build(
    git_project: Path, install_tool: Callable[..., None], secret: dict[str, str], message: str
) -> None:
    """Before the builder starts."""
    install_tool("docker")
    with pytest.raises(ArgoError, match=message):
        _plan(git_project, build_secrets=[secret])


def test_a_context_above_the_project_is_built_from_the_projects_folder(
    git_project: Path, install_tool: Callable[..., None], tool_log: Callable[[], list[list[str]]]
) -> None:
    """The Dockerfile counts from the project, and learns where in the context the project is."""
    project = git_project / "apps" / "shop"
    project.mkdir(parents=True)
    (project / "Dockerfile").write_text("FROM scratch\n")
    install_tool("docker")
    build_image(_plan(project, context="../.."))
    built = tool_log()[-1]
    assert built[built.index("--file") + 1] == str(project / "Dockerfile")
    assert built[built.index("--build-arg") + 1] == "PROJECT=apps/shop"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image": None}, "nothing says what to call the image"),
        ({"image": f"{IMAGE}@{DIGEST}"}, "is an image that is built already"),
        ({"image": f"{IMAGE}:v1"}, "must not include a tag"),
        ({"dockerfile": "docker/File"}, "there is no Dockerfile at '.*docker/File'"),
        ({"context": "../../monorepo"}, "there is no folder '.*monorepo'"),
        ({}, "there is no 'docker', and there is no 'podman' or 'buildah' on PATH"),
    ],
)
def test_what_keeps_an_image_from_being_built_is_told(
    git_project: Path, install_tool: Callable[..., None], fields: dict[str, str], message: str
) -> None:
    """Before anything is built; each with what to do."""
    with pytest.raises(ArgoError, match=message) as caught:
        _plan(git_project, **fields)
    assert caught.value.hint


def test_an_option_and_its_value_in_one_item_is_refused() -> None:
    """The builder would know no such option; values may have spaces."""
    with pytest.raises(ValueError, match="write '--network=host', or two items"):
        Deployment.model_validate({"build_options": ["--network host"]})
    options = ["--label=owner=Ann Other", "--label", "owner=Ann Other", "--no-cache"]
    assert Deployment.model_validate({"build_options": options}).build_options == tuple(options)


def test_tools_that_fail_or_keep_the_digest_to_themselves_are_told(
    git_project: Path, install_tool: Callable[..., None]
) -> None:
    """The command that failed is named whole; without a digest nothing is pinned."""
    install_tool("docker", status=3, answers_info=True)
    with pytest.raises(ArgoError, match="'docker buildx' exited 3, so there is no image") as caught:
        build_image(_plan(git_project))
    assert "--tag registry.example/shop:v1-x7k2p9" in str(caught.value.hint)
    for digest in ("none", ""):
        install_tool("docker", digest=digest)
        with pytest.raises(ArgoError, match="does not say under which digest"):
            build_image(_plan(git_project))

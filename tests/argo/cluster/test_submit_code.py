"""`kedro argo submit` and `resubmit` with a code package: the code travels, the image stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import kedro.framework.project  # noqa: F401  it logs when it is first imported
import pytest
from click.testing import CliRunner, Result
from tests.argo.cluster.loaded_project import loaded
from tests.argo.image_tools import DIGEST, commit

from kedro_matrix_ext.cli.argo import commands, plan_and_check
from kedro_matrix_ext.cli.argo import project as project_module
from kedro_matrix_ext.resolvers.run_ids import random_suffix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.argo.cluster.kubernetes_api import KubernetesApi

    from kedro_matrix_ext.argo import ArgoConfig, Plan


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where packages are kept."""
    return tmp_path / "code-store"


@pytest.fixture
def run(  # noqa: PLR0913, PLR0917  fixtures
    git_project: Path,
    store: Path,
    plan: Plan,
    api: KubernetesApi,
    make_config: Callable[..., ArgoConfig],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Result]:
    """Run `kedro argo ...` in a project whose code travels: ``run("submit", "--yes")``."""
    for path, text in {"src/shop/__init__.py": "", "conf/cloud/argo.yml": "", "pyproject.toml": ""}.items():
        (git_project / path).parent.mkdir(parents=True, exist_ok=True)
        (git_project / path).write_text(text)
    commit(git_project)
    metadata = SimpleNamespace(
        project_path=git_project, source_dir=git_project / "src", package_name="shop", project_name="Shop"
    )

    def invoke(*words: str, **sections: Any) -> Result:
        deployment = {"image": "registry.example/shop-env", "tag": "v1", "code": store.as_uri()}
        config = make_config(deployment=deployment, server_url=api.address, **sections)
        monkeypatch.setattr(plan_and_check, "plan_checked", lambda *_, **__: (plan, loaded(config)))
        monkeypatch.setattr(project_module, "load_config", lambda *_: config)
        random_suffix.cache_clear()
        return CliRunner().invoke(commands, ["argo", *words], obj=metadata)

    return invoke


def _parameters(workflow: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in workflow["spec"]["arguments"]["parameters"]}


def test_a_submission_uploads_the_code_and_builds_nothing(
    run: Callable[..., Result],
    api: KubernetesApi,
    store: Path,
    install_tool: Callable[..., None],
    tool_log: Callable[[], list[list[str]]],
) -> None:
    """The workflow names the package by address and digest, in each container's environment."""
    install_tool("docker")
    result = run("submit", "--yes")
    assert result.exit_code == 0, result.output
    (package,) = (store / "shop").glob("*.tar")
    found = _parameters(api.workflow())
    assert (found["code"], found["code-digest"]) == (package.as_uri(), package.stem)
    assert found["image"] == "registry.example/shop-env:v1"
    assert package.stem in result.stderr
    containers = [part["container"] for part in api.workflow()["spec"]["templates"] if "container" in part]
    for container in containers:
        names = {each["name"]: each.get("value") for each in container["env"]}
        assert names["KEDRO_MATRIX_CODE"] == "{{workflow.parameters.code}}"
        assert names["KEDRO_MATRIX_CODE_DIGEST"] == "{{workflow.parameters.code-digest}}"
        assert container["command"] == ["python", "-m", "kedro_matrix_ext.argo.code", "kedro"]
    assert tool_log() == []


def test_the_image_that_was_built_last_is_pinned(
    run: Callable[..., Result],
    api: KubernetesApi,
    install_tool: Callable[..., None],
    tool_log: Callable[[], list[list[str]]],
    git_project: Path,
) -> None:
    """`--build` builds the stage without the project; changed dependencies are refused then."""
    install_tool("docker")
    assert run("submit", "--yes", "--build").exit_code == 0
    (built,) = [words for words in tool_log() if "--push" in words]
    assert built[built.index("--target") + 1] == "environment"
    pinned = f"registry.example/shop-env@{DIGEST}"
    assert run("submit", "--yes", "--workflow-name", "second").exit_code == 0
    assert {_parameters(each)["image"] for each in api.objects.values()} == {pinned}
    (git_project / "uv.lock").write_text("version = 1")
    refused = run("submit", "--yes", "--allow-dirty")
    assert (refused.exit_code, "dependencies have changed" in refused.stderr) == (1, True)
    accepted = run("submit", "--yes", "--allow-dirty", "--stale-image", "--workflow-name", "third")
    assert accepted.exit_code == 0, accepted.output


def test_a_dry_run_uploads_nothing(run: Callable[..., Result], store: Path) -> None:
    """It names the package that a submission would upload."""
    result = run("submit", "--dry-run")
    assert (result.exit_code, store.exists()) == (0, False), result.output
    assert f"{store.as_uri()}/shop/" in result.stdout


@pytest.mark.parametrize(("words", "is_new"), [(("--code", "same"), False), ((), True)])
def test_a_retry_takes_the_code_as_it_is_now_or_as_it_was(
    run: Callable[..., Result], api: KubernetesApi, git_project: Path, words: tuple[str, ...], *, is_new: bool
) -> None:
    """In place by parameters of the retry; the rest alone by its own manifest."""
    assert run("submit", "--yes", "--workflow-name", "w").exit_code == 0
    before = _parameters(api.workflow())["code-digest"]
    name = api.workflow()["metadata"]["name"]
    api.end(name, ("load", "report"), {"clean": "Error (exit code 1)"})
    (git_project / "src/shop/__init__.py").write_text("fixed = True")
    commit(git_project)
    result = run("resubmit", "--yes", "--no-rebuild", "--workflow-name", name, *words)
    assert result.exit_code == 0, result.output
    body = api.calls("PUT", "retry")[-1].body or {}
    given = dict(each.split("=", 1) for each in body["parameters"])
    assert ("code-digest" in given) is is_new
    assert given.get("code-digest") != before


def _fail(run: Callable[..., Result], api: KubernetesApi) -> tuple[str, str]:
    """Submit a workflow that fails; return its name and commit."""
    assert run("submit", "--yes", "--workflow-name", "w").exit_code == 0
    metadata = api.workflow()["metadata"]
    api.end(metadata["name"], ("load", "report"), {"clean": "Error (exit code 1)"})
    return metadata["name"], metadata["labels"]["kedro-matrix-ext/commit"]


def test_code_that_is_not_committed_goes_into_no_retry_unless_allowed(
    run: Callable[..., Result], api: KubernetesApi, git_project: Path
) -> None:
    """As with a submission; a retry of the same code does not ask."""
    name, _ = _fail(run, api)
    (git_project / "src/shop/__init__.py").write_text("fixed = True")
    words = ("resubmit", "--yes", "--no-rebuild", "--workflow-name", name)
    refused = run(*words)
    assert (refused.exit_code, "not committed: src/shop/__init__.py" in refused.stderr) == (1, True)
    for word in ("--code=same", "--allow-dirty"):
        assert run(*words, word).exit_code == 0
        api.end(name, ("load", "report"), {"clean": "Error (exit code 1)"})


@pytest.mark.parametrize("code", ["same", "new"])
def test_the_rest_is_labelled_with_the_commit_of_its_code(
    run: Callable[..., Result], api: KubernetesApi, git_project: Path, code: str
) -> None:
    """The old one with the old code, also where the project has changed since."""
    name, before = _fail(run, api)
    (git_project / "src/shop/__init__.py").write_text("fixed = True")
    head = commit(git_project)
    words = ("resubmit", "--yes", "--no-rebuild", "--from-failed", "--workflow-name", name, "--code", code)
    result = run(*words)
    assert result.exit_code == 0, result.output
    (rest,) = (workflow for (_, other), workflow in api.objects.items() if other != name)
    assert rest["metadata"]["labels"]["kedro-matrix-ext/commit"] == (before if code == "same" else head)

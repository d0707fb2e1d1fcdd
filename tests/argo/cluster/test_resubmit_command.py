"""`kedro argo resubmit`: which workflow, in place or the rest alone, with or without a new image."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import kedro.framework.project  # noqa: F401  it logs when it is first imported
import pytest
from click.testing import CliRunner, Result
from tests.argo.cluster.api_answers import make_status
from tests.argo.cluster.loaded_project import loaded
from tests.argo.image_tools import DIGEST

from kedro_matrix_ext.argo.cluster import create, remaining_tasks
from kedro_matrix_ext.argo.cluster.create import create_manifest, mark_submission
from kedro_matrix_ext.argo.cluster.remaining_tasks import select_unfinished
from kedro_matrix_ext.argo.cluster.submission_record import read_run_id, record_submission
from kedro_matrix_ext.cli.argo import commands, plan_and_check
from kedro_matrix_ext.cli.argo import project as project_module
from kedro_matrix_ext.resolvers.run_ids import random_suffix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.argo.cluster.kubernetes_api import KubernetesApi

    from kedro_matrix_ext.argo import ArgoConfig, Plan
    from kedro_matrix_ext.argo.cluster.client import Cluster
    from kedro_matrix_ext.cli.argo.selection import Selection

SELECTION = {"pipeline": "ds", "env": "cloud", "group_by": "node", "tags": ["nightly"]}
OLD_IMAGE = f"registry.example/shop@sha256:{'11' * 32}"
NEW_IMAGE = f"registry.example/shop@{DIGEST}"


@pytest.fixture
def fail(
    api: KubernetesApi, cluster: Cluster, plan: Plan, make_manifest: Callable[..., dict[str, Any]]
) -> Callable[..., str]:
    """Have a workflow run and fail at `clean`: ``fail("x7k2p9")``."""

    def make(suffix: str = "x7k2p9", **options: Any) -> str:
        manifest = make_manifest(suffix=suffix, image=OLD_IMAGE, **options)
        create_manifest(
            cluster, mark_submission(record_submission(manifest, plan, SELECTION, project="shop"))
        )
        name = str(manifest["metadata"]["name"])
        api.end(name, ("load", "report"), {"clean": "Error (exit code 1)"})
        return name

    return make


@pytest.fixture
def selections() -> list[Selection]:
    """What was planned again."""
    return []


@pytest.fixture
def resubmit(  # noqa: PLR0913, PLR0917  fixtures
    git_project: Path,
    plan: Plan,
    api: KubernetesApi,
    make_config: Callable[..., ArgoConfig],
    selections: list[Selection],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Result]:
    """Run `kedro argo resubmit`, the Argo server being there: ``resubmit("--yes")``."""

    def run(
        *words: str, answer: str | None = None, server: bool = True, planned: Plan | None = None
    ) -> Result:
        config = make_config(server_url=api.address if server else None)

        def plan_again(_metadata: Any, selection: Selection, **_: Any) -> tuple[Plan, SimpleNamespace]:
            selections.append(selection)
            return planned or plan, loaded(config)

        monkeypatch.setattr(plan_and_check, "plan_checked", plan_again)
        monkeypatch.setattr(project_module, "load_config", lambda *_: config)
        metadata = SimpleNamespace(project_path=git_project, package_name="shop")
        return CliRunner().invoke(commands, ["argo", "resubmit", *words], obj=metadata, input=answer)

    return run


def test_failed_workflow_is_retried_in_place(
    api: KubernetesApi, resubmit: Callable[..., Result], fail: Callable[..., str]
) -> None:
    """The only one is taken; its failed tasks are shown; its image stays unless a new one is asked for."""
    name = fail()
    result = resubmit(answer="n\ny\n")
    assert result.exit_code == 0, result.output
    assert (
        f"Workflow '{name}' ended as Failed: 2 of 4 tasks done, 0 running, 1 failed\n"
        "  clean: Error (exit code 1)\n"
        "Build a new image first? [y/N]:"
    ) in result.stderr
    assert f"image      {OLD_IMAGE}\n" in result.stderr
    assert result.stdout.startswith(f"retried Workflow {name}\n  follow: argo watch -n jobs {name}\n")
    assert f"  open:   {api.address}/workflows/jobs/{name}\n" in result.stdout
    (asked,) = api.calls("PUT", "retry")
    assert (asked.body or {})["parameters"] == []


def test_new_image_is_built_under_a_new_tag(
    api: KubernetesApi,
    resubmit: Callable[..., Result],
    fail: Callable[..., str],
    install_tool: Callable[..., None],
    tool_log: Callable[[], list[list[str]]],
) -> None:
    """The retried tasks run it by its digest."""
    fail()
    install_tool("podman")
    result = resubmit("--rebuild", "--yes")
    assert result.exit_code == 0, result.output
    tag = tool_log()[1][-1]
    assert tag.startswith("registry.example/shop:v1-")
    assert tag in result.stderr
    (asked,) = api.calls("PUT", "retry")
    assert (asked.body or {})["parameters"] == [f"image={NEW_IMAGE}"]


def test_workflow_is_asked_for_where_several_have_failed(
    api: KubernetesApi, resubmit: Callable[..., Result], fail: Callable[..., str]
) -> None:
    """The newest first; without someone to ask, the error lists them; a name settles it."""
    first, second = fail("aaaaaa"), fail("bbbbbb")
    api.workflow(second)["metadata"]["creationTimestamp"] = "2030-02-01T00:00:00Z"
    words = ("--no-rebuild",)
    result = resubmit(*words, answer="2\ny\n")
    assert f"  1  {second}  2030-02-01T00:00:00Z  Failed\n  2  {first}  " in result.stderr
    assert f"retried Workflow {first}\n" in result.stdout
    api.end(first, ("load",), {"clean": ""})
    for asked in (resubmit(*words, "--yes"), resubmit(*words)):
        assert asked.exit_code == 1
        assert f"several workflows have failed: {second}, {first}" in asked.stderr
    named = resubmit(*words, "--yes", "--workflow-name", second)
    assert f"retried Workflow {second}\n" in named.stdout


def test_workflow_that_has_not_failed_is_refused(
    api: KubernetesApi, resubmit: Callable[..., Result], fail: Callable[..., str]
) -> None:
    """None at all, none of that name, one that runs, one that succeeded: one line and a hint each."""
    assert "no workflow of kedro-matrix-ext in namespace 'jobs' has failed" in resubmit("--yes").stderr
    absent = resubmit("--yes", "-w", "ds-absent")
    assert (absent.exit_code, "there is no workflow 'ds-absent'" in absent.stderr) == (1, True)
    name = fail()
    for phase, told in (("Running", "it is Running\n  Wait until"), ("Succeeded", "nothing to go on with")):
        api.workflow()["status"] = make_status(phase)
        result = resubmit("--yes", "-w", name)
        assert (result.exit_code, told in result.stderr) == (1, True)
    assert api.calls("PUT") == []


def test_no_way_to_retry_is_told_before_the_cluster_is_asked(
    api: KubernetesApi, resubmit: Callable[..., Result], install_tool: Callable[..., None]
) -> None:
    """Neither server nor command."""
    result = resubmit("--yes", server=False)
    assert (result.exit_code, "nothing here can retry a workflow in place" in result.stderr) == (1, True)
    assert api.seen == []


def test_saying_no_changes_nothing(
    api: KubernetesApi, resubmit: Callable[..., Result], fail: Callable[..., str]
) -> None:
    """At either question; where nobody answers, the options that spare it are named."""
    fail()
    assert "Nothing was submitted." in resubmit("--no-rebuild", answer="n\n").stderr
    silent = resubmit()
    assert (silent.exit_code, "Give '--rebuild' or '--no-rebuild'" in silent.stderr) == (1, True)
    assert api.calls("PUT") == []


def test_rest_is_submitted_alone_with_the_same_run_id(
    api: KubernetesApi,
    resubmit: Callable[..., Result],
    fail: Callable[..., str],
    selections: list[Selection],
) -> None:
    """Selection, parameters, image and run id are those of the first; labels say whose rest it is."""
    name = fail(params={"model": {"depth": 3}})
    result = resubmit("--from-failed", "--yes", server=False)
    assert result.exit_code == 0, result.output
    (new,) = (each for _, each in api.objects if each != name)
    assert new.startswith("ds-")
    stored = api.workflow(new)
    tasks = {task["name"]: task.get("depends") for task in stored["spec"]["templates"][0]["dag"]["tasks"]}
    assert tasks == {"clean": None, "train": "clean"}
    parameters = {each["name"]: each["value"] for each in stored["spec"]["arguments"]["parameters"]}
    run_id = parameters.pop("run-id")
    assert re.fullmatch(r"2030-01-31T12\.00\.00\.(\d{3}){1,2}Z", run_id)
    assert run_id == read_run_id(api.workflow(name)) == read_run_id(stored)
    assert parameters == {"image": OLD_IMAGE}
    env = stored["spec"]["templates"][1]["container"]["env"]
    assert any("depth" in variable.get("value", "") for variable in env)
    assert stored["metadata"]["labels"]["kedro-matrix-ext/continues"] == name
    assert "tasks      2 of 4" in result.stderr
    assert f"goes on    where {name} ended, as run {run_id}" in result.stderr
    assert (selections[0].pipeline, selections[0].tags, selections[0].nodes) == ("ds", ("nightly",), ())
    assert selections[0].on_cycle == "error"


def test_rest_of_the_rest_goes_on_with_the_same_run(
    api: KubernetesApi, resubmit: Callable[..., Result], fail: Callable[..., str], plan: Plan
) -> None:
    """A second failure is gone on from in the same way, here with a new image."""
    name = fail()
    resubmit("--from-failed", "--yes")
    (second,) = (each for _, each in api.objects if each != name)
    api.end(second, ("clean",), {"train": "Error"})
    assert [task.name for task in select_unfinished(plan, api.workflow(second)).tasks] == ["train"]
    random_suffix.cache_clear()
    result = resubmit("--from-failed", "--yes", "-w", second)
    assert result.exit_code == 0, result.output
    (third,) = (each for _, each in api.objects if each not in (name, second))
    parameters = {
        each["name"]: each["value"] for each in api.workflow(third)["spec"]["arguments"]["parameters"]
    }
    assert parameters["run-id"] == read_run_id(api.workflow(name))


@pytest.mark.parametrize(
    ("phase", "hint"),
    [
        ("", "Wait until it ends"),
        ("Pending", "Wait until it ends"),
        ("Running", "Wait until it ends"),
        ("Succeeded", "nothing left to do"),
        ("Failed", "kedro argo resubmit -w"),
        ("Error", "kedro argo resubmit -w"),
    ],
)
def test_one_run_id_has_one_writer(
    api: KubernetesApi,
    resubmit: Callable[..., Result],
    fail: Callable[..., str],
    phase: str,
    hint: str,
) -> None:
    """What another workflow continues is neither continued again nor retried in place; that one is named."""
    name = fail()
    resubmit("--from-failed", "--yes")
    (second,) = (each for _, each in api.objects if each != name)
    api.workflow(second)["status"] = make_status(phase) if phase else {}
    for way in ("--from-failed", "--no-rebuild"):
        result = resubmit(way, "--yes", "-w", name)
        assert result.exit_code == 1
        assert f"workflow {second!r}, which is {phase or 'Pending'}, continues {name!r}" in result.stderr
        assert hint in result.stderr
    assert len(api.objects) == 2
    assert api.calls("PUT") == []


def test_of_two_at_the_same_time_the_cluster_takes_one(
    api: KubernetesApi,
    resubmit: Callable[..., Result],
    fail: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both look before either is there; both want the same name, at the dry run or at the creation itself."""
    name = fail()
    seen: list[str] = []

    def look_too_early(cluster: Cluster, workflow: dict[str, Any]) -> None:
        seen.append(workflow["metadata"]["name"])

    monkeypatch.setattr(remaining_tasks, "refuse_second_writer", look_too_early)
    first = resubmit("--from-failed", "--yes")
    assert first.exit_code == 0, first.output
    (second,) = (each for _, each in api.objects if each != name)
    random_suffix.cache_clear()
    for checks_first in (True, False):
        if not checks_first:
            monkeypatch.setattr(create, "dry_run_manifest", lambda *_: None)
        late = resubmit("--from-failed", "--yes", "-w", name)
        assert late.exit_code == 1
        assert f"workflow {second!r} continues {name!r} already" in late.stderr
    assert seen == [name] * 3
    assert len(api.objects) == 2


def test_rest_runs_a_new_image_where_asked(
    api: KubernetesApi,
    resubmit: Callable[..., Result],
    fail: Callable[..., str],
    install_tool: Callable[..., None],
) -> None:
    """Built after the cluster has admitted the manifest."""
    name = fail()
    install_tool("docker")
    result = resubmit("--from-failed", "--rebuild", "--yes")
    assert result.exit_code == 0, result.output
    (new,) = (each for _, each in api.objects if each != name)
    assert api.workflow(new)["spec"]["arguments"]["parameters"][0]["value"] == NEW_IMAGE


def test_rest_is_refused_where_what_is_done_has_changed(
    api: KubernetesApi,
    resubmit: Callable[..., Result],
    fail: Callable[..., str],
    make_plan: Callable[..., Plan],
) -> None:
    """One line and a hint; nothing is submitted."""
    fail()
    changed = make_plan({"load": [], "clean": ["load"], "train": ["clean"], "report": []}, {"load": ("new",)})
    result = resubmit("--from-failed", "--yes", planned=changed)
    assert result.exit_code == 1
    assert "tasks that are done run, read or write something else today: 'load'" in result.stderr
    assert len(api.objects) == 1


def test_workflow_that_we_did_not_submit_has_no_rest(
    api: KubernetesApi, resubmit: Callable[..., Result], fail: Callable[..., str]
) -> None:
    """It does not say what it was made from, and may take no image."""
    name = fail()
    api.workflow()["metadata"]["annotations"] = {}
    result = resubmit("--from-failed", "--yes", "-w", name)
    assert (result.exit_code, "does not say what it was made from" in result.stderr) == (1, True)
    api.workflow()["spec"]["arguments"] = {}
    result = resubmit("--rebuild", "--yes", "-w", name)
    assert (result.exit_code, "has no parameter 'image'" in result.stderr) == (1, True)


def test_many_failures_are_shown_in_part(
    api: KubernetesApi, resubmit: Callable[..., Result], fail: Callable[..., str]
) -> None:
    """Twenty of them, and how many more; where no task failed, Argo's message for the workflow."""
    fail()
    template = api.workflow()["spec"]["templates"][0]["dag"]["tasks"]
    template += [{**template[0], "name": f"more-{number}"} for number in range(30)]
    failed = {f"more-{number}": "Error" for number in range(30)}
    api.workflow()["status"] = make_status("Failed", failed=failed)
    assert "  and 10 more\n" in resubmit("--no-rebuild", "--yes").stderr
    api.workflow()["status"] = make_status("Error", message="exceeded its deadline")
    assert "  exceeded its deadline\n" in resubmit("--no-rebuild", "--yes").stderr


def test_retried_workflow_is_waited_for(
    api: KubernetesApi,
    resubmit: Callable[..., Result],
    fail: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one that is submitted."""
    fail()
    tasks = ("load", "clean", "train", "report")
    done = make_status("Succeeded", succeeded=tasks)
    retry = api._retry

    def retry_and_succeed(name: str, seen: Any) -> Any:
        answer = retry(name, seen)
        api.workflow(name)["status"] = done
        return answer

    monkeypatch.setattr(api, "_retry", retry_and_succeed)
    result = resubmit("--no-rebuild", "--yes", "--wait")
    assert result.stdout.endswith("4 of 4 tasks done, 0 running\nds-x7k2p9 succeeded\n")

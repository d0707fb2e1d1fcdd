"""`kedro argo submit`, from the command line to the stand-in's store; the plan is made by hand."""

from __future__ import annotations

import re
from collections import deque
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import kedro.framework.project  # noqa: F401  it logs when it is first imported
import pytest
from click.testing import CliRunner, Result
from tests.argo.cluster.api_answers import forbidden, make_status, refusal
from tests.argo.cluster.kubernetes_api import Fault, KubernetesApi
from tests.argo.cluster.loaded_project import loaded
from tests.argo.image_tools import DIGEST

from kedro_matrix_ext.cli.argo import commands, plan_and_check
from kedro_matrix_ext.resolvers.run_ids import random_suffix

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kedro_matrix_ext.argo import ArgoConfig, Plan


@pytest.fixture
def submit(
    git_project: Path, plan: Plan, make_config: Callable[..., ArgoConfig], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run `kedro argo submit` in a project with that plan: ``submit("--yes", config={...})``."""

    def run(*words: str, config: dict[str, Any] | None = None, answer: str | None = None) -> Result:
        made = (plan, loaded(make_config(**(config or {}))))
        monkeypatch.setattr(plan_and_check, "plan_checked", lambda *_, **__: made)
        random_suffix.cache_clear()  # each run is a separate process
        metadata = SimpleNamespace(project_path=git_project, package_name="shop")
        return CliRunner().invoke(commands, ["argo", "submit", *words], obj=metadata, input=answer)

    return run


def test_submission_builds_pins_and_creates(
    api: KubernetesApi, submit: Callable[..., Result], install_tool: Callable[..., None], git_project: Path
) -> None:
    """It says what it will do and asks; what is created has the digest and the commit."""
    install_tool("docker")
    result = submit(
        "--workflow-name", "nightly", answer="y\n", config={"server_url": "https://argo.example.com/"}
    )
    assert result.exit_code == 0, result.output
    stored = api.workflow()
    name = stored["metadata"]["name"]
    assert re.search(
        rf"About to submit Workflow '{name}', which the cluster admits:\n"
        rf"  namespace  jobs, in context kind-shop \({api.address}\)\n"
        r"  image      registry\.example/shop:v1-\w{6}, built for linux/amd64 and pushed by docker buildx\n"
        r"  commit     [0-9a-f]{40}\n"
        r"  tasks      4, of pipeline ds by node, env cloud\n"
        r"Go on\? \[y/N\]",
        result.stderr,
    )
    assert result.stdout == (
        f"submitted Workflow {name}\n"
        f"  follow: argo watch -n jobs {name}\n"
        f"  look:   kubectl get workflows -n jobs {name}\n"
        f"  open:   https://argo.example.com/workflows/jobs/{name}\n"
    )
    assert stored["spec"]["arguments"]["parameters"][0]["value"] == f"registry.example/shop@{DIGEST}"
    commit = stored["metadata"]["labels"]["kedro-matrix-ext/commit"]
    assert commit in result.stderr
    assert stored["spec"]["podMetadata"]["labels"]["kedro-matrix-ext/commit"] == commit
    policies = {
        part["container"]["imagePullPolicy"] for part in stored["spec"]["templates"] if "container" in part
    }
    assert policies == {"IfNotPresent"}  # a digest always names the same image


def test_files_that_git_ignores_and_the_image_holds_are_listed_before_the_question(
    submit: Callable[..., Result], install_tool: Callable[..., None], git_project: Path, api: KubernetesApi
) -> None:
    """They are in no commit, so whoever submits should know; a secret among them is refused."""
    install_tool("docker")
    (git_project / ".git" / "info" / "exclude").write_text("*.csv\n.env\n")
    (git_project / "big.csv").write_text("")
    result = submit(answer="n\n")
    assert "not in git big.csv: ignored by git, and in the image" in result.stderr
    (git_project / ".env").write_text("PASSWORD=x")
    refused = submit("--yes")
    assert refused.exit_code == 1
    assert "'.env'" in refused.stderr
    assert api.objects == {}


def test_saying_no_submits_nothing(
    api: KubernetesApi,
    submit: Callable[..., Result],
    install_tool: Callable[..., None],
    tool_log: Callable[[], list[list[str]]],
) -> None:
    """Neither does silence: nothing is built or created."""
    install_tool("podman")
    for answer, told in (("n\n", "Nothing was submitted."), (None, "Give '--yes' not to be asked.")):
        result = submit(answer=answer)
        assert (result.exit_code, told in result.stderr) == (1, True)
    assert (api.objects, tool_log()) == ({}, [])


def test_image_that_is_there_is_run_as_it_is(
    api: KubernetesApi, submit: Callable[..., Result], install_tool: Callable[..., None]
) -> None:
    """No tool is needed; a warning says that a tag may be moved to another image."""
    result = submit("--yes", "--no-build")
    assert result.exit_code == 0, result.output
    assert "image      registry.example/shop:v1, by its tag, which may" in result.stderr
    assert api.workflow()["spec"]["arguments"]["parameters"][0]["value"] == "registry.example/shop:v1"
    pinned = {"deployment": {"image": f"registry.example/shop@{DIGEST}"}}
    assert f"image      registry.example/shop@{DIGEST}\n" in submit("--no-build", config=pinned).stderr


def test_uncommitted_changes_are_refused_unless_allowed(
    api: KubernetesApi, submit: Callable[..., Result], git_project: Path
) -> None:
    """Nothing is asked of the cluster before."""
    (git_project / "new.py").write_text("")
    refused = submit("--yes", "--no-build")
    assert refused.exit_code == 1
    assert "1 changed file is not committed: new.py" in refused.stderr
    assert api.seen == []
    assert submit("--yes", "--no-build", "--allow-dirty").exit_code == 0
    assert api.workflow()["metadata"]["labels"]["kedro-matrix-ext/commit"].endswith("-dirty")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            Fault("POST", "workflows", answer=forbidden("create", "workflows"), dry=True),
            "you are not allowed to create",
        ),
        (Fault("POST", "workflows", answer=(404, "404 page not found"), dry=True), "Is Argo Workflows inst"),
        (Fault("POST", "workflows", answer=refusal(422, "Invalid", "no"), dry=True), "does not admit"),
    ],
)
def test_what_the_cluster_refuses_costs_no_build(  # noqa: PLR0913, PLR0917  each is a part of the case
    api: KubernetesApi,
    submit: Callable[..., Result],
    install_tool: Callable[..., None],
    tool_log: Callable[[], list[list[str]]],
    fault: Fault,
    message: str,
) -> None:
    """The dry run comes first: one error and exit status 1, nothing built, nothing stored."""
    install_tool("podman")
    api.faults.append(fault)
    result = submit("--yes")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert (tool_log(), api.objects) == ([], {})


def test_build_that_fails_submits_nothing(
    api: KubernetesApi, submit: Callable[..., Result], install_tool: Callable[..., None]
) -> None:
    """The tool's own output is above; the error names its command."""
    install_tool("podman", status=125)
    result = submit("--yes")
    assert result.exit_code == 1
    assert "'podman build' exited 125, so there is no image" in result.stderr
    assert api.objects == {}


def test_missing_kubeconfig_and_tool_are_told_before_anything(
    submit: Callable[..., Result], install_tool: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line and a hint each."""
    monkeypatch.setenv("KUBECONFIG", "absent")
    assert "nothing builds images here" in submit("--yes").stderr
    result = submit("--yes", "--no-build")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: there is no kubeconfig at 'absent'\n"
        "  Have your cluster's provider write one, or name one in the variable KUBECONFIG.\n"
    )


def test_templates_and_schedules_are_updated(api: KubernetesApi, submit: Callable[..., Result]) -> None:
    """The first submission creates, the second says that it updates; both link to their pages."""
    config = {"server_url": "https://argo.example.com"}
    words = ["--yes", "--no-build", "--kind", "WorkflowTemplate"]
    assert "submitted WorkflowTemplate shop-default-cloud\n" in submit(*words).stdout
    again = submit(*words, config=config)
    assert "About to update WorkflowTemplate 'shop-default-cloud'" in again.stderr
    assert again.stdout == (
        "updated WorkflowTemplate shop-default-cloud\n"
        "  look:   kubectl get workflowtemplates -n jobs shop-default-cloud\n"
        "  run:    argo submit -n jobs --from workflowtemplate/shop-default-cloud\n"
        "  open:   https://argo.example.com/workflow-templates/jobs/shop-default-cloud\n"
    )
    cron = submit("--yes", "--no-build", "--schedule", "0 6 * * *")
    assert "submitted CronWorkflow shop-default-cloud\n" in cron.stdout
    assert set(api.objects) == {
        ("workflowtemplates", "shop-default-cloud"),
        ("cronworkflows", "shop-default-cloud"),
    }


def test_stored_names_say_what_differs(api: KubernetesApi, submit: Callable[..., Result]) -> None:
    """Environment, selection and long names that are alike in the beginning give different names."""
    words = ["--yes", "--no-build", "--kind", "WorkflowTemplate"]
    long = "data_" * 20
    for more in (["-e", "test"], ["--tags", "daily"], ["--tags", "weekly"], ["-p", f"{long}a"], ["-p", long]):
        assert submit(*words, *more).exit_code == 0
    names = {name for _, name in api.objects}
    assert {"shop-default-test", "shop-default-cloud-daily", "shop-default-cloud-weekly"} < names
    assert len(names) == 5
    assert all(len(name) <= 52 for name in names)


def test_template_of_something_else_is_not_replaced(
    api: KubernetesApi, submit: Callable[..., Result]
) -> None:
    """One name for two selections or projects: the error says what the stored one is of."""
    words = ["--yes", "--no-build", "--kind", "WorkflowTemplate", "--workflow-name", "nightly"]
    assert submit(*words, "--tags", "daily").exit_code == 0
    other = submit(*words, "--tags", "weekly")
    assert other.exit_code == 1
    assert "of tags 'daily', not 'weekly'" in other.stderr
    (stored,) = api.objects.values()
    stored["metadata"]["annotations"]["kedro-matrix-ext/project"] = "cars"
    foreign = submit(*words, "--tags", "daily")
    assert "of project 'cars', not 'shop'" in foreign.stderr
    assert "--workflow-name" in foreign.stderr


def test_renamed_schedule_is_replaced_and_does_not_run_twice(
    api: KubernetesApi, submit: Callable[..., Result]
) -> None:
    """A schedule by the old name is deleted once it is agreed to; without an answer nothing changes."""
    words = ["--no-build", "--schedule", "0 6 * * *"]
    assert submit(*words, "--yes", "--workflow-name", "ds").exit_code == 0
    api.objects["cronworkflows", "ds"]["spec"]["suspend"] = True
    unanswered = submit(*words)
    assert (unanswered.exit_code, "old name 'ds'" in unanswered.stderr) == (1, True)
    assert set(api.objects) == {("cronworkflows", "ds")}
    assert submit(*words, "--tags", "daily", "--yes").exit_code == 0
    assert ("cronworkflows", "ds") in api.objects, "of another selection"
    replaced = submit(*words, answer="y\n")
    assert "deleted CronWorkflow ds\n" in replaced.stdout, replaced.output
    assert ("cronworkflows", "ds") not in api.objects
    assert api.objects["cronworkflows", "shop-default-cloud"]["spec"]["suspend"] is True


def test_waiting_ends_as_the_workflow_does(
    api: KubernetesApi, submit: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 0 where it succeeds, 1 where it fails or is not scheduled in time."""
    words = ["--yes", "--no-build", "--wait", "--timeout", "0"]
    statuses = {
        "good": make_status("Succeeded", succeeded=("load", "clean", "train", "report")),
        "bad": make_status("Failed", failed={"load": "Error (exit code 1)"}),
        "none": {},
    }

    def look(name: str) -> Result:
        monkeypatch.setattr("kedro_matrix_ext.resolvers.run_ids.random_suffix", lambda: "x7k2p9")
        api.statuses[f"{name}-x7k2p9"] = deque([statuses[name]])
        return submit(*words, "--workflow-name", name)

    good = look("good")
    assert (good.exit_code, good.stdout.splitlines()[-2:]) == (
        0,
        ["4 of 4 tasks done, 0 running", "good-x7k2p9 succeeded"],
    )
    bad = look("bad")
    assert (bad.exit_code, "ended as Failed: load: Error (exit code 1)" in bad.stderr) == (1, True)
    none = look("none")
    assert (none.exit_code, "Argo's controller does not take it up" in none.stderr) == (1, True)


def test_ctrl_c_while_waiting_leaves_the_workflow(
    api: KubernetesApi, submit: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on; the exit status is that of an interrupted command."""

    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kedro_matrix_ext.argo.cluster.wait.wait_for_workflow", interrupt)
    result = submit("--yes", "--no-build", "--wait")
    assert (result.exit_code, "goes on." in result.stderr) == (130, True)
    assert len(api.objects) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "x.yml"], "--output goes with --dry-run"),
        (["--wait", "--kind", "WorkflowTemplate"], "--wait goes with --kind Workflow"),
        (["--wait", "--schedule", "0 6 * * *"], "a CronWorkflow does not run by itself"),
        (["--timeout", "soon"], "'soon' is not a duration"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    submit: Callable[..., Result], words: list[str], message: str
) -> None:
    """Before anything is looked at."""
    result = submit(*words)
    assert (result.exit_code, message in result.stderr) == (2, True)

"""The rest of a failed workflow: what is left, and when it must not be submitted alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.argo.cluster.api_answers import make_status

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest
from kedro_matrix_ext.argo.cluster.remaining_tasks import select_unfinished
from kedro_matrix_ext.argo.cluster.submission_record import (
    digest_task,
    read_image,
    read_params,
    read_run_id,
    read_selection,
    read_task_digests,
    record_submission,
)
from kedro_matrix_ext.errors import ArgoError
from kedro_matrix_ext.resolvers.run_ids import require_version_format

if TYPE_CHECKING:
    from collections.abc import Callable

SELECTION = {"pipeline": "ds", "env": "cloud", "group_by": "node", "tags": ["{{x}}", "$(y)"]}


@pytest.fixture
def submit(make_config: Callable[..., ArgoConfig]) -> Callable[..., dict[str, Any]]:
    """What the cluster has stored of a plan that was submitted: ``submit(plan, done=("load",))``."""

    def make(
        plan: Plan, *, part: Plan | None = None, done: tuple[str, ...] = (), **options: Any
    ) -> dict[str, Any]:
        manifest = record_submission(
            build_manifest(part or plan, config=make_config(), **options), plan, SELECTION, project="shop"
        )
        manifest["metadata"]["creationTimestamp"] = "2030-01-31T12:00:00Z"
        failed = {task.name: "" for task in (part or plan).tasks if task.name not in done}
        return {**manifest, "status": make_status("Failed", succeeded=done, failed=failed)}

    return make


def test_tasks_that_are_not_done_are_left(plan: Plan, submit: Callable[..., dict[str, Any]]) -> None:
    """With the dependencies among them alone; all else of the plan stays."""
    rest = select_unfinished(plan, submit(plan, done=("load", "report")))
    assert {task.name: task.depends_on for task in rest.tasks} == {"clean": (), "train": ("clean",)}
    assert (rest.pipeline, rest.env, rest.group_by) == (plan.pipeline, plan.env, plan.group_by)


def test_rest_of_the_rest_is_found(plan: Plan, submit: Callable[..., dict[str, Any]]) -> None:
    """A workflow of the rest knows the whole plan: what it does not hold is done."""
    rest = select_unfinished(plan, submit(plan, done=("load", "report")))
    last = select_unfinished(plan, submit(plan, part=rest, done=("clean",)))
    assert [task.name for task in last.tasks] == ["train"]


def test_task_that_is_not_done_may_change(
    make_plan: Callable[..., Plan], plan: Plan, submit: Callable[..., dict[str, Any]]
) -> None:
    """The usual way to fix a failure: another input for the task that failed, and a task before it."""
    mended = make_plan(
        {"load": [], "clean": ["load"], "tune": ["clean"], "train": ["clean", "tune"], "report": []},
        {"train": ("clean_table", "params:depth", "tune_table")},
    )
    rest = select_unfinished(mended, submit(plan, done=("load", "clean", "report")))
    assert [task.name for task in rest.tasks] == ["tune", "train"]


def test_task_that_is_done_may_not_change(
    make_plan: Callable[..., Plan], plan: Plan, submit: Callable[..., dict[str, Any]]
) -> None:
    """Neither in what it reads, nor may something new be made before it."""
    other = {"load": [], "clean": ["load"], "train": ["clean"], "report": []}
    stored = submit(plan, done=("load", "clean", "report"))
    changed = make_plan(other, {"clean": ("load_table", "params:depth")})
    with pytest.raises(ArgoError, match="read or write something else today: 'clean'") as caught:
        select_unfinished(changed, stored)
    assert "kedro argo submit" in str(caught.value.hint)
    new = make_plan({"fetch": [], **other, "load": ["fetch"]}, {"load": ()})
    stale = Plan(
        pipeline=new.pipeline,
        env=new.env,
        group_by=new.group_by,
        tasks=tuple(sorted(new.tasks, key=lambda task: task.name != "fetch")),
    )
    with pytest.raises(ArgoError, match="depend on tasks that must rerun: 'load'"):
        select_unfinished(stale, stored)


def test_manifest_created_by_other_means_goes_by_the_whole_plan(
    make_plan: Callable[..., Plan], plan: Plan, submit: Callable[..., dict[str, Any]]
) -> None:
    """What `--dry-run` wrote has the plan's digest alone: any change is refused."""
    stored = submit(plan, done=("load",))
    for name in ("selection", "task-digests"):
        del stored["metadata"]["annotations"][f"kedro-matrix-ext/{name}"]
    assert len(select_unfinished(plan, stored).tasks) == 3
    assert read_selection(stored) == {"pipeline": "ds", "env": "cloud", "group_by": "node"}
    with pytest.raises(ArgoError, match="the workflow does not say which it had"):
        select_unfinished(make_plan({"load": []}), stored)


def test_nothing_left_and_nothing_known_are_told(plan: Plan, submit: Callable[..., dict[str, Any]]) -> None:
    """Both before anything is made."""
    with pytest.raises(ArgoError, match="nothing is left to submit"):
        select_unfinished(plan, submit(plan, done=tuple(task.name for task in plan.tasks)))
    stored = submit(plan)
    stored["status"] = {"phase": "Failed", "offloadNodeStatusVersion": "fnv:1"}
    with pytest.raises(ArgoError, match="offloaded to Argo's database"):
        select_unfinished(plan, stored)


def test_what_was_given_at_submit_is_remembered(plan: Plan, submit: Callable[..., dict[str, Any]]) -> None:
    """Selection, parameters, run id and image; braces and dollars come back as they were."""
    params = {"model": {"depth": 3}, "text": "{{x}} $(y)"}
    stored = submit(plan, params=params)
    assert read_selection(stored) == SELECTION
    assert read_params(stored) == params
    assert require_version_format(read_run_id(stored)).startswith("2030-01-31T12.00.00.")
    assert read_image(stored) == "registry.example/shop:v1"
    assert read_task_digests(stored) == {task.name: digest_task(task) for task in plan.tasks}
    given = submit(plan, run_id="2029-01-01T00.00.00.000Z")
    assert (read_run_id(given), read_params(given)) == ("2029-01-01T00.00.00.000Z", {})


@st.composite
def plans_and_done(draw: st.DrawFn) -> tuple[Plan, frozenset[str]]:
    """Any plan, and tasks of it that are done: with each, all it depends on."""
    count = draw(st.integers(1, 12))
    tasks: list[Task] = []
    done: set[str] = set()
    for number in range(count):
        above = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        depends = tuple(sorted(f"t{task}" for task in above))
        tasks.append(
            Task(name=f"t{number}", nodes=(f"n{number}",), depends_on=depends, resources=ArgoResourceConfig())
        )
        if done.issuperset(depends) and draw(st.booleans()):
            done.add(f"t{number}")
    return Plan(pipeline="ds", env="cloud", group_by="node", tasks=tuple(tasks)), frozenset(done)


@given(plans_and_done())
def test_rest_of_any_plan_runs_each_task_once_after_all_it_needs(case: tuple[Plan, frozenset[str]]) -> None:
    """Done and left make the whole; what is left depends on the same tasks, except those that are done."""
    plan, done = case
    config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
    stored = record_submission(build_manifest(plan, config=config), plan, SELECTION, project="shop")
    stored["status"] = make_status("Failed", succeeded=tuple(done))
    if len(done) == len(plan.tasks):
        with pytest.raises(ArgoError, match="nothing is left"):
            select_unfinished(plan, stored)
        return
    rest = select_unfinished(plan, stored)
    assert {task.name for task in rest.tasks} == {task.name for task in plan.tasks} - done
    whole = {task.name: set(task.depends_on) for task in plan.tasks}
    assert all(set(task.depends_on) == whole[task.name] - done for task in rest.tasks)

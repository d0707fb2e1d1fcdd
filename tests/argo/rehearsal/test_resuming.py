"""When a rehearsal may be resumed, what its expressions mean, and how it is summed up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.argo.rehearsal.conftest import leaf, workflow

from kedro_matrix_ext.argo.rehearsal.report.results import StepResult
from kedro_matrix_ext.argo.rehearsal.report.summary import find_critical_path, render_failures, render_summary
from kedro_matrix_ext.argo.rehearsal.run_directory import read_results
from kedro_matrix_ext.argo.rehearsal.workflow.expressions import evaluate
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from tests.argo.rehearsal.conftest import Stage

SPOT = (
    "lastRetry.status == 'Error' || lastRetry.exitCode in ['143','75'] || "
    "lastRetry.message matches '(?i)imminent node shutdown|pod deleted|draining|evict|preempt'"
)
VALUES = {"lastRetry.exitCode": "1", "lastRetry.status": "Failed", "lastRetry.message": "Error (exit code 1)"}


@pytest.mark.parametrize(
    ("expression", "code", "holds"),
    [
        (SPOT, "143", True),
        (SPOT, "137", False),
        ("asInt(lastRetry.exitCode) > 1 && lastRetry.status != 'Error'", "2", True),
        ("!(lastRetry.exitCode == '1') and true", "1", False),
        ("lastRetry.exitCode not in ['1', \"2\",]", "1", False),
        ("lastRetry.message contains 'exit code' or false", "1", True),
        ("lastRetry.message startsWith 'x' || not (asInt(lastRetry.exitCode) <= 1)", "1", False),
    ],
)
def test_expressions_of_retries(expression: str, code: str, holds: bool) -> None:  # noqa: FBT001  a table's column
    """Comparisons and their combinations, as Argo's language has them."""
    assert evaluate(expression, {**VALUES, "lastRetry.exitCode": code}) is holds


@pytest.mark.parametrize(
    "expression",
    [
        *("", "lastRetry.exitCode", "a == 'b'", "lastRetry.exitCode ==", "(true", "1 < 'x'", "'x' not"),
        *("true true", "lastRetry.message matches '('", "sprig.atoi('1') == 1", "['a'"),
        "lastRetry.exitCode ? true : false",
    ],
)
def test_expressions_that_are_not_known_are_refused(expression: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ArgoError, match="not one that a rehearsal can work out"):
        evaluate(expression, VALUES)


def test_only_the_same_plan_and_parameters_are_resumed(stage: Stage) -> None:
    """Otherwise what succeeded may have come out otherwise; the latest of several is taken."""
    one, two = workflow([leaf("a", "exit 1")], {"a": ""}), workflow([leaf("a", "exit 2")], {"a": ""})
    two["metadata"]["name"] = "shop-second"
    with pytest.raises(
        ArgoError, match=r"no rehearsal of this plan with these parameters is there to resume\n"
    ):
        stage.prepare(one, resume=True)
    stage.rehearse(one)
    with pytest.raises(ArgoError, match="the latest, 'shop-abc123', was of another plan"):
        stage.prepare(two, resume=True)
    stage.rehearse(two)
    assert stage.prepare(one, resume=True).name == "shop-abc123"
    env = [{"name": "KEDRO_MATRIX_PARAMS", "value": "{}"}]
    for manifest in (one, two):
        manifest["metadata"]["annotations"] = {"kedro-matrix-ext/plan-digest": "d"}
    stage.rehearse(one)
    two["spec"]["templates"][1]["container"]["env"] = []
    assert stage.prepare(two, resume=True).name == "shop-abc123"
    two["spec"]["templates"][1]["container"]["env"] = env
    with pytest.raises(ArgoError, match="with these parameters"):
        stage.prepare(two, resume=True)


def test_a_damaged_record_is_an_error_with_its_line(stage: Stage) -> None:
    """A line that is not whole costs that line, wherever it is; another record is refused."""
    stage.rehearse(workflow([leaf("a"), leaf("b")], {"a": "", "b": ""}))
    (file,) = stage.folder.glob(".kedro_matrix/rehearsals/*/tasks.jsonl")
    good = file.read_text()
    file.write_text(good + '{"task": ')
    assert len(read_results(file)) == 2
    file.write_bytes(b'{"torn\x00\xff\n' + good.encode() + b'{"torn\xff')
    assert len(read_results(file)) == 2
    assert stage.prepare(workflow([leaf("a"), leaf("b")], {"a": "", "b": ""}), resume=True).done
    file.write_text(good.splitlines()[0].replace('"attempts": 1', '"attempts": "x"') + "\n")
    with pytest.raises(ArgoError, match="is not a record of a task"):
        read_results(file)
    with pytest.raises(ArgoError, match="cannot read this file"):
        read_results(file.parent)
    file.write_text("[]\n" + good)
    with pytest.raises(ArgoError, match=r"(?s)'\[\]' is not a record of a task.*tasks\.jsonl:1"):
        read_results(file)


def test_the_longest_chain_is_the_critical_path(stage: Stage) -> None:
    """By seconds, not by number of tasks."""
    graph = {"a": "", "b": "a", "c": "b", "d": "a"}
    steps = stage.prepare(workflow([leaf(name) for name in graph], graph)).steps
    seconds = {"a": 1.0, "b": 2.0, "c": 2.0, "d": 5.0}
    results = {
        name: StepResult(task=name, status="succeeded", seconds=value) for name, value in seconds.items()
    }
    assert find_critical_path(steps, results) == (["a", "d"], 6.0)
    assert find_critical_path([], {}) == ([], 0.0)


def test_the_summary_names_what_failed_and_how_its_output_ended(stage: Stage) -> None:
    """A row per task, the chain, the counts, and the last lines of what failed; of very many, the worst."""
    graph = {f"t{number:02}": "" for number in range(60)}
    templates = [leaf(name) for name in graph]
    templates[50] = leaf("t50", "for i in $(seq 99); do echo line $i; done; kill -9 $$$$")
    outcome = stage.rehearse(workflow(templates, graph), keep_going=True)
    folder = next(stage.folder.glob(".kedro_matrix/rehearsals/*"))
    text = render_summary(outcome, folder)
    rows = text.splitlines()
    assert rows[0].split() == ["TASK", "STATUS", "START", "SECONDS", "CPU", "S", "PEAK", "LIMIT"]
    assert rows[1].startswith("t50   failed")
    assert f"... and 20 more in {folder / 'tasks.jsonl'}" in text
    assert "59 succeeded, 1 failed" in text
    failures = render_failures(outcome, folder / "logs").splitlines()
    assert failures[0] == "'t50' failed: exit 137, killed by SIGKILL"
    assert failures[1] == f"  its output: {folder / 'logs/t50.log'}"
    assert [failures[2], failures[-1], len(failures)] == ["  | line 85", "  | line 99", 17]

"""Pods run: their order, outputs, retries, limits, and how a rehearsal ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.rehearsal.conftest import Recorder, leaf, workflow
from tests.waiting import wait_until

from kedro_matrix_ext.argo.rehearsal import launcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.argo.rehearsal.conftest import Stage

    from kedro_matrix_ext.argo.rehearsal import Outcome

PATH_OF_ID = [{"name": "id", "valueFrom": {"path": "/id.txt"}, "globalName": "run"}]
READS_ID = {"inputs": {"parameters": [{"name": "id"}, {"name": "size", "value": "3"}]}}


def _await_end(pid: int) -> None:
    wait_until(lambda: _has_ended(pid), what=f"process {pid} ended")


def _has_ended(pid: int) -> bool:
    """Return whether a process has ended; even if its parent still has to read its exit status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_outputs_and_the_end_are_handed_on(stage: Stage) -> None:
    """An init template's file becomes an argument; the exit handler learns it, and how all ended."""
    templates = [
        leaf("init", "echo 42 > /id.txt", outputs={"parameters": PATH_OF_ID}),
        leaf(
            "show",
            'echo "$ID" {{inputs.parameters.size}} {{tasks.name}} {{workflow.name}} {{workflow.labels.team}}',
            env=[{"name": "ID", "value": "{{inputs.parameters.id}}!"}],
            **READS_ID,
        ),
        leaf("bye", "echo {{workflow.status}} {{workflow.outputs.parameters.run}}"),
    ]
    argument = {"parameters": [{"name": "id", "value": "{{tasks.init.outputs.parameters.id}}"}]}
    tasks: list[dict[str, Any]] = [
        {"name": "init", "template": "init"},
        {"name": "show", "template": "show", "depends": "init", "arguments": argument},
    ]
    outcome = stage.rehearse(workflow(templates, tasks, onExit="bye"))
    assert outcome.ok
    assert stage.output("show") == "42! 3 show shop-abc123 red\n"
    assert stage.output("onExit.bye") == "Succeeded 42\n"
    assert not Path("/id.txt").exists()  # it was written in a folder of ours


def test_all_inputs_are_one_json_text(stage: Stage) -> None:
    """As Argo writes them for a tag without a name."""
    show = leaf("show", "cat <<'END'\n{{inputs.parameters}}\nEND\n", **READS_ID)
    argument = {"parameters": [{"name": "id", "value": "x"}]}
    assert stage.rehearse(workflow([show], [{"name": "show", "template": "show", "arguments": argument}])).ok
    assert {"name": "id", "value": "x"} in json.loads(stage.output("show"))


def test_a_failure_lets_nothing_new_begin(
    stage: Stage, statuses: Callable[[Outcome], dict[str, str]]
) -> None:
    """As Argo: what runs may end, nothing starts; the exit handler gets the failure."""
    templates = [
        leaf("good"),
        leaf("bad", "echo oh; exit 3"),
        leaf("after"),
        leaf("later"),
        leaf("bye", "echo {{workflow.status}} '{{workflow.failures}}'"),
    ]
    graph = {"bad": "", "good": "", "after": "bad", "later": "good"}
    manifest = workflow(templates, graph, onExit="bye")
    outcome = stage.rehearse(manifest, jobs=1)
    assert statuses(outcome) == {
        "bad": "failed",
        "good": "omitted",
        "after": "omitted",
        "later": "omitted",
        "onExit.bye": "succeeded",
    }
    assert not outcome.ok
    assert (outcome.results["bad"].message, outcome.results["bad"].exit_code) == ("exit 3", 3)
    assert outcome.results["later"].message == "'good' did not succeed"
    assert stage.output("bad") == "oh\n"
    assert stage.output("onExit.bye").startswith("Failed [{")

    going = stage.rehearse(manifest, keep_going=True)
    assert statuses(going) | {"onExit.bye": ""} == {
        "bad": "failed",
        "good": "succeeded",
        "after": "omitted",
        "later": "succeeded",
        "onExit.bye": "",
    }


def test_as_many_run_at_a_time_as_may(stage: Stage) -> None:
    """`--jobs` and the manifest's `parallelism`, whichever is less; in the order of the manifest."""
    graph = dict.fromkeys("abcdef", "")
    script = "echo start >> ../running; ls; echo end >> ../running"
    templates = [leaf(name, script.replace("../", "")) for name in graph]
    recorder = Recorder()
    assert stage.rehearse(workflow(templates, graph, parallelism=1), jobs=3, recorder=recorder).ok
    assert recorder.started == list("abcdef")
    assert (stage.folder / "running").read_text().split() == ["start", "end"] * 6


def test_failed_attempts_are_repeated_as_the_manifest_says(stage: Stage) -> None:
    """Up to the limit, while the expression holds; the output of all attempts is kept."""
    expression = "lastRetry.exitCode in ['75']"
    strategy = {"limit": "3", "expression": expression, "backoff": {"duration": "60s"}}
    counting = "echo x >> count; echo try {{retries}}; [ $(wc -l < count) = 3 ] || exit 75"
    templates = [leaf("a", counting, retryStrategy=strategy), leaf("b", "exit 1", retryStrategy=strategy)]
    outcome = stage.rehearse(workflow(templates, {"a": "", "b": "a"}))
    assert (outcome.results["a"].status, outcome.results["a"].attempts) == ("succeeded", 3)
    assert stage.output("a") == "try 0\n--- attempt 2\ntry 1\n--- attempt 3\ntry 2\n"
    assert outcome.results["b"].attempts == 1


def test_what_takes_too_long_is_stopped(stage: Stage) -> None:
    """The deadlines of a task and of the workflow, with the reason."""
    late = workflow([leaf("a", "sleep 60", activeDeadlineSeconds="1")], {"a": ""})
    outcome = stage.rehearse(late)
    assert outcome.results["a"].status == "failed"
    assert outcome.results["a"].message == "took longer than its activeDeadlineSeconds, 1"
    all_late = workflow([leaf("a", "sleep 60"), leaf("b")], {"a": "", "b": "a"}, activeDeadlineSeconds=1)
    outcome = stage.rehearse(all_late)
    assert outcome.results["a"].status == "stopped"
    assert "the workflow took longer than its activeDeadlineSeconds, 1" in outcome.results["a"].message


def test_time_and_memory_are_those_of_the_task(stage: Stage) -> None:
    """A small task is not charged for this process's memory; a large one, and its children, are."""
    assert _own_peak() > 80 * 2**20
    hold = f"exec {sys.executable} -S -c 'held = bytearray(200_000_000)'"
    spin = f"{sys.executable} -S -c 'import time\nwhile time.process_time() < 0.3: pass'; true"
    limit = {"limits": {"memory": "100Mi"}}
    templates = [leaf("small"), leaf("large", hold, resources=limit), leaf("busy", spin)]
    outcome = stage.rehearse(workflow(templates, {"small": "", "large": "", "busy": ""}))
    small, large, busy = outcome.results.values()
    assert small.peak_memory_bytes is not None
    assert large.peak_memory_bytes is not None
    assert busy.cpu_seconds is not None
    assert small.peak_memory_bytes < 60 * 2**20 < 180 * 2**20 < large.peak_memory_bytes
    assert large.is_too_large
    assert not small.is_too_large
    assert busy.cpu_seconds >= 0.25


def _own_peak() -> int:
    import resource

    held = bytearray(100 * 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + 0 * len(held)


def test_secrets_come_from_the_shell_by_name(stage: Stage) -> None:
    """Those of secrets and config maps; an optional one may be absent."""
    env: list[dict[str, Any]] = [
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "m"}}},
        {"name": "MAYBE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "o", "optional": True}}},
        {"name": "BOTH", "value": "$(TOKEN)-$(MAYBE)"},
    ]
    secret: dict[str, Any] = {"TOKEN": "t$(MODE)"}
    manifest = workflow([leaf("a", 'echo "$TOKEN $MODE $BOTH ${MAYBE-none}"', env=env)], {"a": ""})
    assert stage.rehearse(manifest, MODE="m", **secret).ok
    assert stage.output("a") == "t$(MODE) m t$(MODE)-$(MAYBE) none\n"


def test_a_missing_program_or_output_fails_its_task(stage: Stage) -> None:
    """One clear line each, and the rest is reported too."""
    absent = leaf("a")
    absent["container"]["command"] = ["no-such-program"]
    silent = leaf(
        "b", "true # /out.txt", outputs={"parameters": [{"name": "o", "valueFrom": {"path": "/out.txt"}}]}
    )
    outcome = stage.rehearse(workflow([absent, silent], {"a": "", "b": ""}), keep_going=True)
    assert outcome.results["a"].message == "task 'a' runs 'no-such-program', which this machine has not"
    assert outcome.results["b"].message.startswith("its outputs cannot be read: [Errno 2]")


def test_nothing_outlives_its_task(stage: Stage) -> None:
    """What a task leaves in the background ends with it, as with a pod."""
    assert stage.rehearse(workflow([leaf("a", "sleep 3600 & echo $!")], {"a": ""})).ok
    _await_end(int(stage.output("a")))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_and_the_exit_handler_still_runs(stage: Stage, number: signal.Signals) -> None:
    """Tasks are asked to end, and their children with them; a second signal would kill them."""
    waits = f"sleep 3600 & echo $! > pid; kill -{number.name[3:]} {os.getpid()}; wait"
    templates = [leaf("a", waits), leaf("b"), leaf("bye", "echo {{workflow.status}}")]
    outcome = stage.rehearse(workflow(templates, {"a": "", "b": "a"}, onExit="bye"))
    assert outcome.interrupted == number
    assert outcome.results["a"].status == "stopped"
    assert outcome.results["b"].status == "omitted"
    assert stage.output("onExit.bye") == "Failed\n"
    _await_end(int((stage.folder / "pid").read_text()))


def test_a_second_signal_kills_what_does_not_end(stage: Stage) -> None:
    """A task deaf to SIGTERM does not hold up whoever asks twice; the exit handler is left out."""
    deaf = (
        f"trap '' TERM; kill -INT {os.getpid()}; sleep 0.2; kill -INT {os.getpid()}; sleep 3600; sleep 3600"
    )
    manifest = workflow([leaf("a", deaf), leaf("bye", "echo bye")], {"a": ""}, onExit="bye")
    outcome = stage.rehearse(manifest)
    assert outcome.interrupted == signal.SIGINT
    assert outcome.results["a"].exit_code == 137
    assert "onExit.bye" not in outcome.results


def test_tasks_end_with_a_rehearsal_that_is_killed(tmp_path: Path) -> None:
    """Even where nobody is left to stop them: the launcher sees its parent's end of the pipe closed."""
    code = f"""
import os, signal, subprocess, sys
result, write = os.pipe()
subprocess.Popen(
    [sys.executable, "-I", "-S", {launcher.__file__!r}, str(write)]
    + ["/bin/sh", "-c", "echo $$ > pid; exec sleep 3600"],
    stdin=subprocess.PIPE, pass_fds=[write], start_new_session=True,
)
while not (os.path.exists("pid") and open("pid").read()):
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    _await_end(int((tmp_path / "pid").read_text()))


def test_what_succeeded_is_not_repeated(stage: Stage, statuses: Callable[[Outcome], dict[str, str]]) -> None:
    """A resumed rehearsal keeps name, creation time and outputs, and runs what is left."""
    init = leaf("init", "echo ran >> init; echo 7 > /id.txt", outputs={"parameters": PATH_OF_ID})
    told = "echo {{inputs.parameters.id}} {{workflow.creationTimestamp.s}} {{workflow.parameters.run-id}}"
    use = leaf("use", f"{told}; [ -e mended ]", **READS_ID)
    argument = {"parameters": [{"name": "id", "value": "{{tasks.init.outputs.parameters.id}}"}]}
    tasks: list[dict[str, Any]] = [
        {"name": "init", "template": "init"},
        {"name": "use", "template": "use", "depends": "init", "arguments": argument},
    ]
    manifest = workflow([init, use, leaf("bye", "echo bye >> byes")], tasks, onExit="bye")
    run_id = {"name": "run-id", "value": "{{workflow.creationTimestamp.Y}}.1"}
    manifest["spec"]["arguments"]["parameters"].append(run_id)
    assert not stage.rehearse(manifest).ok
    first = stage.output("use")
    (stage.folder / "mended").touch()
    journal = next(stage.folder.glob(".kedro_matrix/rehearsals/*/tasks.jsonl"))
    with journal.open("a") as file:
        file.write('{"task": "cut of')  # as if the first had been killed while it wrote
    manifest["metadata"]["name"] = "shop-other1"
    run_id["value"] = "{{workflow.creationTimestamp.Y}}.2"  # as of another name
    outcome = stage.rehearse(manifest, resume=True)
    assert outcome.ok
    assert statuses(outcome) == {"init": "succeeded", "use": "succeeded", "onExit.bye": "succeeded"}
    assert (stage.folder / "byes").read_text() == "bye\n" * 2
    assert (outcome.results["init"].earlier, outcome.results["use"].earlier) == (True, False)
    assert (stage.folder / "init").read_text() == "ran\n"
    assert stage.output("use") == first
    assert first.startswith("7 ")
    assert first.endswith(".1\n")
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [(record["task"], record["status"]) for record in records] == [
        ("init", "succeeded"),
        ("use", "succeeded"),
        ("onExit.bye", "succeeded"),
    ]

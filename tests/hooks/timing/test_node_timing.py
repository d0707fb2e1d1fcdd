"""Node timings: what is measured, under which runner, and what is written and shown."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import AbstractDataset, DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner, ThreadRunner
from tests.config_folder import quiet_kedro
from tests.waiting import PATIENCE

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks import NodeTimerHooks
from kedro_matrix_ext.hooks.timing.records import NodeTiming, read_node_timings

if TYPE_CHECKING:
    from pathlib import Path


Run = Callable[..., dict[str, Any]]
MEGABYTE = 2**20


def _timings(project_path: Path, folder: str = ".kedro_matrix/node_timings") -> dict[str, NodeTiming]:
    (file,) = (project_path / "shop" / folder).glob("*.jsonl")
    return {timing.node: timing for timing in read_node_timings(file)}


def _allocate(megabytes: int) -> int:
    return sum(bytearray(b"x" * megabytes * MEGABYTE)[::MEGABYTE])


def _fail(_: object) -> None:
    raise ValueError("broken on purpose")


def _nap(seconds: float) -> int:
    time.sleep(seconds)
    return 1


class SlowDataset(AbstractDataset[int, int]):
    """Takes its time to load and to save, may fail at either, and may say that it is there already."""

    def __init__(self, *, fails: str = "", exists: bool = False) -> None:
        self._fails = fails
        self._is_there = exists

    def load(self) -> int:
        """Sleep, then fail or give 1."""
        _nap(0.05)
        if self._fails == "load":
            raise OSError("no such file")
        return 1

    def save(self, data: int) -> None:  # noqa: ARG002  Kedro gives it by position
        """Sleep, then fail or not."""
        _nap(0.05)
        if self._fails == "save":
            raise OSError("disk full")

    def _exists(self) -> bool:
        return self._is_there

    def _describe(self) -> dict[str, Any]:
        return {}


def test_a_node_is_measured_from_its_first_load_to_its_last_save(run_with_hooks: Run, tmp_path: Path) -> None:
    """Loading and saving are part of a node's time; what a sleep takes is no CPU time."""
    pipeline = Pipeline([node(lambda x: x, "raw", "clean", name="a", namespace="ns", tags=["t2", "t1"])])
    catalog = DataCatalog({"raw": SlowDataset(), "clean": SlowDataset()})
    run_with_hooks([NodeTimerHooks()], pipeline, catalog=catalog, pipeline_names=["one", "two"], env="test")

    timing = _timings(tmp_path)["ns.a"]
    assert timing.status == "succeeded"
    assert timing.seconds is not None
    assert timing.seconds >= 0.1
    assert timing.cpu_seconds is not None
    assert timing.cpu_seconds < timing.seconds
    assert (timing.namespace, timing.tags) == ("ns", ("t1", "t2"))
    assert (timing.pipeline, timing.env, timing.task) == ("one,two", "test", None)
    assert timing.started is not None
    assert timing.started.endswith("+00:00")


def test_peak_memory_is_that_of_the_node_and_not_of_one_before(run_with_hooks: Run, tmp_path: Path) -> None:
    """A node that holds 60 MB is seen to, and a small node behind it is not charged with it."""
    pipeline = Pipeline(
        [
            node(lambda: _allocate(60), None, "big", name="big"),
            node(lambda big: _allocate(1) + big, "big", "small", name="small"),
        ]
    )
    run_with_hooks([NodeTimerHooks()], pipeline)

    big, small = (_timings(tmp_path)[name] for name in ("big", "small"))
    assert big.peak_memory_bytes is not None
    assert small.peak_memory_bytes is not None
    if big.memory_source != "vmhwm":
        pytest.skip("this system does not let a process set its peak memory back")
    assert big.start_memory_bytes is not None
    assert big.peak_memory_bytes - big.start_memory_bytes > 50 * MEGABYTE
    assert small.peak_memory_bytes < big.peak_memory_bytes - 30 * MEGABYTE


def test_where_the_peak_cannot_be_set_back_the_record_says_so(
    run_with_hooks: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without /proc the peak since the process began is given, under its own name."""
    monkeypatch.setattr("kedro_matrix_ext.hooks.timing.peak_memory._CLEAR_REFS", str(tmp_path))
    run_with_hooks([NodeTimerHooks()], Pipeline([node(lambda: 1, None, "x", name="a")]))

    timing = _timings(tmp_path)["a"]
    assert timing.env == "local"
    assert timing.memory_source == "ru_maxrss"
    assert timing.peak_memory_bytes is not None
    assert timing.peak_memory_bytes > MEGABYTE
    assert timing.start_memory_bytes is None


def test_overlapping_nodes_of_a_thread_runner_each_have_their_record(
    run_with_hooks: Run, tmp_path: Path
) -> None:
    """Two nodes that provably overlap are both measured, and each has its own thread's CPU time."""
    together = threading.Barrier(2, timeout=PATIENCE)

    def work() -> int:
        together.wait()
        end = time.thread_time() + 0.1
        while time.thread_time() < end:
            pass
        together.wait()
        return 1

    def idle() -> int:
        together.wait()
        together.wait()
        return 1

    pipeline = Pipeline([node(work, None, "x", name="work"), node(idle, None, "y", name="idle")])
    run_with_hooks([NodeTimerHooks()], pipeline, runner=ThreadRunner(max_workers=2))

    timings = _timings(tmp_path)
    assert {timing.status for timing in timings.values()} == {"succeeded"}
    assert (timings["work"].cpu_seconds or 0) >= 0.1
    assert (timings["idle"].cpu_seconds or 1) < 0.05


@pytest.mark.parametrize("runner_class", [SequentialRunner, ThreadRunner])
@pytest.mark.parametrize("stage", ["load", "run", "save"])
def test_a_failed_node_is_measured_and_those_behind_it_are_skipped(
    run_with_hooks: Run, tmp_path: Path, stage: str, runner_class: type[SequentialRunner | ThreadRunner]
) -> None:
    """Whether loading, running or saving fails: the node's record says failed, its successors' skipped."""
    pipeline = Pipeline(
        [
            node(_fail if stage == "run" else lambda x: x, "raw", "clean", name="first"),
            node(lambda x: x, "clean", "end", name="second"),
        ]
    )
    catalog = DataCatalog({"raw": SlowDataset(fails=stage), "clean": SlowDataset(fails=stage)})
    with pytest.raises(Exception, match=r"purpose|Failed while"):
        run_with_hooks([NodeTimerHooks()], pipeline, catalog=catalog, runner=runner_class())

    timings = _timings(tmp_path)
    assert timings["first"].status == "failed"
    assert (timings["first"].seconds or 0) >= 0.05
    assert (timings["second"].status, timings["second"].seconds) == ("skipped", None)


def test_nodes_whose_outputs_exist_are_skipped(run_with_hooks: Run, tmp_path: Path) -> None:
    """Under ``--only-missing-outputs`` a node that Kedro leaves out has a record that says skipped."""
    pipeline = Pipeline([node(lambda: 1, None, "there", name="a"), node(lambda: 2, None, "new", name="b")])
    catalog = DataCatalog({"there": SlowDataset(exists=True), "new": SlowDataset()})
    run_with_hooks([NodeTimerHooks()], pipeline, catalog=catalog, only_missing_outputs=True)

    assert {name: timing.status for name, timing in _timings(tmp_path).items()} == {
        "a": "skipped",
        "b": "succeeded",
    }


def test_a_generator_is_measured_to_its_last_piece(run_with_hooks: Run, tmp_path: Path) -> None:
    """A node that yields works while its pieces are saved, and ends when the next node or the run ends it."""

    def pieces() -> Iterator[int]:
        for piece in range(3):
            time.sleep(0.05)
            yield piece

    pipeline = Pipeline(
        [
            node(pieces, None, "first", name="yields"),
            node(lambda _: 1, "first", "x", name="next"),
            node(pieces, None, "last", name="yields_last"),
        ]
    )
    catalog = DataCatalog({name: MemoryDataset() for name in ("first", "last")})
    run_with_hooks([NodeTimerHooks()], pipeline, catalog=catalog)

    timings = _timings(tmp_path)
    assert {timing.status for timing in timings.values()} == {"succeeded"}
    assert min(timings[name].seconds or 0 for name in ("yields", "yields_last")) >= 0.15


def test_loads_on_other_threads_belong_to_their_node(run_with_hooks: Run, tmp_path: Path) -> None:
    """With ``--async`` inputs load on threads of their own; the node is one record that spans them."""
    pipeline = Pipeline([node(lambda a, b: a + b, ["a", "b"], "sum", name="add")])
    catalog = DataCatalog({name: SlowDataset() for name in ("a", "b", "sum")})
    run_with_hooks([NodeTimerHooks()], pipeline, catalog=catalog, runner=SequentialRunner(is_async=True))

    lines = next((tmp_path / "shop/.kedro_matrix/node_timings").glob("*.jsonl")).read_text().splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["seconds"] >= 0.1


def test_the_folder_keeps_out_of_version_control_and_holds_a_file_per_run(
    run_with_hooks: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run has its file, named by its id; the folder ignores itself; a task's name is on its records."""
    monkeypatch.setenv("KEDRO_MATRIX_TASK", "task-7")
    hooks = NodeTimerHooks(folder="data/timings")
    pipeline = Pipeline([node(lambda: 1, None, "x", name="a")])
    for run_id in ("one", "two/../three"):
        run_with_hooks([hooks], pipeline, run_id=run_id)

    folder = tmp_path / "shop/data/timings"
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "one.jsonl", "two_.._three.jsonl"]
    assert (folder / ".gitignore").read_text() == "*\n"
    assert [timing.task for timing in read_node_timings(folder / "one.jsonl")] == ["task-7"]


def test_a_folder_that_cannot_be_written_costs_the_file_but_not_the_run(
    run_with_hooks: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run goes on, one warning says why nothing is kept, and the table is complete."""
    (tmp_path / "shop/taken").write_text("a file, not a folder")
    pipeline = Pipeline([node(lambda: 1, None, name, name=name) for name in ("a", "b")])
    run_with_hooks([NodeTimerHooks(folder="taken")], pipeline)

    assert len([record for record in caplog.records if "not kept" in record.message]) == 1
    assert "2 succeeded." in capsys.readouterr().out


def test_a_record_that_cannot_be_read_costs_the_table_but_not_the_run(
    run_with_hooks: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As where the disk was full for a while: a line that was cut short fails no run that succeeded."""
    folder = tmp_path / "shop/.kedro_matrix/node_timings"
    folder.mkdir(parents=True)
    (folder / "one.jsonl").write_text('{"node": "b"')
    run_with_hooks([NodeTimerHooks()], Pipeline([node(lambda: 1, None, "x", name="a")]), run_id="one")
    (warning,) = [record.getMessage() for record in caplog.records if "cannot be read" in record.message]
    assert "one.jsonl:1" in warning


def test_two_runs_at_once_with_one_hook_are_kept_apart(run_with_hooks: Run, tmp_path: Path) -> None:
    """A serving session runs pipelines on several threads with one hook; each run has its own whole file."""
    hooks, together = NodeTimerHooks(), threading.Barrier(2, timeout=PATIENCE)
    pipeline = Pipeline([node(together.wait, None, "x", name="a"), node(lambda x: x, "x", "y", name="b")])
    threads = [
        threading.Thread(target=run_with_hooks, args=([hooks], pipeline), kwargs={"run_id": run_id})
        for run_id in ("one", "two")
    ]
    with quiet_kedro():  # here too, as what threads do to warnings' filters gets mixed up
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for run_id in ("one", "two"):
        timings = read_node_timings(tmp_path / f"shop/.kedro_matrix/node_timings/{run_id}.jsonl")
        assert sorted((timing.node, timing.status) for timing in timings) == [
            ("a", "succeeded"),
            ("b", "succeeded"),
        ]


def test_a_runner_without_a_session_is_left_alone(tmp_path: Path) -> None:
    """Where no run was announced nothing is written, and nothing stays open."""
    hooks, manager = NodeTimerHooks(), _create_hook_manager()
    manager.register(hooks)
    pipeline = Pipeline([node(lambda x: x, "raw", "y", name="a")])
    SequentialRunner().run(pipeline, DataCatalog({"raw": SlowDataset()}), manager)

    assert not list(tmp_path.iterdir())
    assert hooks._clock.list_open() == []


def test_reading_gives_the_last_record_of_a_node_and_names_a_bad_line(tmp_path: Path) -> None:
    """A node run again counts once; unknown keys are passed over; a torn line is an error with its place."""
    record = {"run_id": "r", "pipeline": "p", "env": None, "task": None, "node": "a", "namespace": None}
    lines = [
        {**record, "tags": ["t"], "status": "failed"},
        {**record, "tags": [], "status": "succeeded", "new": 1},
    ]
    file = tmp_path / "r.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [(timing.node, timing.status) for timing in read_node_timings(file)] == [("a", "succeeded")]

    file.write_text(json.dumps(lines[0]) + '\n{"node": "b"')
    with pytest.raises(HookError, match="is not a record") as raised:
        read_node_timings(file)
    assert (raised.value.file, raised.value.line) == (str(file), 2)

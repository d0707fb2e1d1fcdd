"""Node timings: what is measured under which runner, written and shown."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import AbstractDataset, DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner, ThreadRunner
from tests.config_folder import quiet_kedro
from tests.waiting import PATIENCE

from kedro_matrix_ext.argo.right_sizing.measurements import read_measurements
from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks import NodeTimerHooks, NodeTiming, read_node_timings
from kedro_matrix_ext.hooks.timing.records import append_timing

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


def _sleep(seconds: float) -> int:
    time.sleep(seconds)
    return 1


class SlowDataset(AbstractDataset[int, int]):
    """Takes 50 ms to load and to save; may fail at either, and may report that it exists."""

    def __init__(self, *, fails: str = "", exists: bool = False) -> None:
        self._fails = fails
        self._exists_already = exists

    def load(self) -> int:
        """Sleep, then fail or give 1."""
        _sleep(0.05)
        if self._fails == "load":
            raise OSError("no such file")
        return 1

    def save(self, data: int) -> None:  # noqa: ARG002  Kedro gives it by position
        """Sleep, then fail or not."""
        _sleep(0.05)
        if self._fails == "save":
            raise OSError("disk full")

    def _exists(self) -> bool:
        return self._exists_already

    def _describe(self) -> dict[str, Any]:
        return {}


def test_a_node_is_measured_from_its_first_load_to_its_last_save(run_with_hooks: Run, tmp_path: Path) -> None:
    """Loading and saving are part of a node's time; sleeping takes no CPU time."""
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


def test_peak_memory_is_not_that_of_an_earlier_node(run_with_hooks: Run, tmp_path: Path) -> None:
    """A node that holds 60 MB has that in its peak, and a small node after it does not."""
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
        pytest.skip("this system does not let a process reset its peak memory")
    assert big.start_memory_bytes is not None
    assert big.peak_memory_bytes - big.start_memory_bytes > 50 * MEGABYTE
    assert small.peak_memory_bytes < big.peak_memory_bytes - 30 * MEGABYTE


def test_the_record_says_where_the_peak_could_not_be_reset(
    run_with_hooks: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without /proc the record has the peak since the process started, and names that source."""
    monkeypatch.setattr("kedro_matrix_ext.hooks.timing.peak_memory._CLEAR_REFS", str(tmp_path))
    run_with_hooks([NodeTimerHooks()], Pipeline([node(lambda: 1, None, "x", name="a")]))

    timing = _timings(tmp_path)["a"]
    assert timing.env == "local"
    assert timing.memory_source == "ru_maxrss"
    assert timing.peak_memory_bytes is not None
    assert timing.peak_memory_bytes > MEGABYTE
    assert timing.start_memory_bytes is None


def test_overlapping_nodes_of_a_thread_runner_each_have_a_record(run_with_hooks: Run, tmp_path: Path) -> None:
    """Two nodes that wait for each other are both measured, each with the CPU time of its thread."""
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
def test_a_failed_node_is_measured_and_its_successors_are_skipped(
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
    """A node that Kedro skips under ``--only-missing-outputs`` has the status ``skipped``."""
    pipeline = Pipeline([node(lambda: 1, None, "there", name="a"), node(lambda: 2, None, "new", name="b")])
    catalog = DataCatalog({"there": SlowDataset(exists=True), "new": SlowDataset()})
    run_with_hooks([NodeTimerHooks()], pipeline, catalog=catalog, only_missing_outputs=True)

    assert {name: timing.status for name, timing in _timings(tmp_path).items()} == {
        "a": "skipped",
        "b": "succeeded",
    }


def test_a_generator_is_measured_to_its_last_chunk(run_with_hooks: Run, tmp_path: Path) -> None:
    """A generator runs while its chunks are saved, and ends when the next node starts or the run ends."""

    def chunks() -> Iterator[int]:
        for chunk in range(3):
            time.sleep(0.05)
            yield chunk

    pipeline = Pipeline(
        [
            node(chunks, None, "first", name="yields"),
            node(lambda _: 1, "first", "x", name="next"),
            node(chunks, None, "last", name="yields_last"),
        ]
    )
    catalog = DataCatalog({name: MemoryDataset() for name in ("first", "last")})
    run_with_hooks([NodeTimerHooks()], pipeline, catalog=catalog)

    timings = _timings(tmp_path)
    assert {timing.status for timing in timings.values()} == {"succeeded"}
    assert min(timings[name].seconds or 0 for name in ("yields", "yields_last")) >= 0.15


def test_loads_on_other_threads_belong_to_their_node(run_with_hooks: Run, tmp_path: Path) -> None:
    """With ``--async`` inputs load on separate threads; one record covers them all."""
    pipeline = Pipeline([node(lambda a, b: a + b, ["a", "b"], "sum", name="add")])
    catalog = DataCatalog({name: SlowDataset() for name in ("a", "b", "sum")})
    run_with_hooks([NodeTimerHooks()], pipeline, catalog=catalog, runner=SequentialRunner(is_async=True))

    lines = next((tmp_path / "shop/.kedro_matrix/node_timings").glob("*.jsonl")).read_text().splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["seconds"] >= 0.1


def test_the_folder_is_ignored_by_git_and_holds_a_file_per_run(
    run_with_hooks: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run has a file named after its id, the folder has a .gitignore, and records name their task."""
    monkeypatch.setenv("KEDRO_MATRIX_TASK", "task-7")
    hooks = NodeTimerHooks(folder="data/timings")
    pipeline = Pipeline([node(lambda: 1, None, "x", name="a")])
    for run_id in ("one", "two/../three"):
        run_with_hooks([hooks], pipeline, run_id=run_id)

    folder = tmp_path / "shop/data/timings"
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "one.jsonl", "two_.._three.jsonl"]
    assert (folder / ".gitignore").read_text() == "*\n"
    assert [timing.task for timing in read_node_timings(folder / "one.jsonl")] == ["task-7"]


def test_a_run_succeeds_if_the_folder_cannot_be_written(
    run_with_hooks: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """One warning says why nothing is saved, and the table is complete."""
    (tmp_path / "shop/taken").write_text("a file, not a folder")
    pipeline = Pipeline([node(lambda: 1, None, name, name=name) for name in ("a", "b")])
    run_with_hooks([NodeTimerHooks(folder="taken")], pipeline)

    assert len([record for record in caplog.records if "not saved" in record.message]) == 1
    assert "2 succeeded." in capsys.readouterr().out


def test_a_run_succeeds_if_a_record_cannot_be_read(
    run_with_hooks: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An incomplete line, as a full disk leaves it, does not make a run fail."""
    folder = tmp_path / "shop/.kedro_matrix/node_timings"
    folder.mkdir(parents=True)
    (folder / "one.jsonl").write_text('{"node": "b"')
    run_with_hooks([NodeTimerHooks()], Pipeline([node(lambda: 1, None, "x", name="a")]), run_id="one")
    (warning,) = [record.getMessage() for record in caplog.records if "cannot be read" in record.message]
    assert "one.jsonl:1" in warning


def test_two_concurrent_runs_with_one_hook_have_separate_files(run_with_hooks: Run, tmp_path: Path) -> None:
    """A server runs pipelines on several threads with one hook; each run has its own complete file."""
    hooks, together = NodeTimerHooks(), threading.Barrier(2, timeout=PATIENCE)
    pipeline = Pipeline([node(together.wait, None, "x", name="a"), node(lambda x: x, "x", "y", name="b")])
    threads = [
        threading.Thread(target=run_with_hooks, args=([hooks], pipeline), kwargs={"run_id": run_id})
        for run_id in ("one", "two")
    ]
    with quiet_kedro():  # here too, since warning filters are shared between threads
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


def test_a_runner_without_a_session_writes_nothing(tmp_path: Path) -> None:
    """Without a run nothing is written, and no node stays open."""
    hooks, manager = NodeTimerHooks(), _create_hook_manager()
    manager.register(hooks)
    pipeline = Pipeline([node(lambda x: x, "raw", "y", name="a")])
    SequentialRunner().run(pipeline, DataCatalog({"raw": SlowDataset()}), manager)

    assert not list(tmp_path.iterdir())
    assert hooks._timer.list_open() == []


def test_reading_returns_the_last_record_of_a_node_and_reports_a_bad_line(tmp_path: Path) -> None:
    """The last run of a node counts, unknown keys are ignored, a bad line is an error with its place."""
    record = {"run_id": "r", "pipeline": "p", "env": None, "task": None, "node": "a", "namespace": None}
    lines = [
        {**record, "tags": ["t"], "status": "failed"},
        {**record, "tags": [], "status": "succeeded", "new": 1},
    ]
    file = tmp_path / "r.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [(timing.node, timing.status) for timing in read_node_timings(file)] == [("a", "succeeded")]

    file.write_text(json.dumps(lines[0]) + '\n{"node": "b"}\n')
    with pytest.raises(HookError, match="is not a record") as raised:
        read_node_timings(file)
    assert (raised.value.file, raised.value.line) == (str(file), 2)


@pytest.mark.parametrize(
    "torn", ['{"node": "b"', "", "\x00" * 40, '{"node": "b", "tags": [', "[" * 100_000, "\ufffd", '"', "{}}"]
)
def test_one_torn_line_costs_that_line(tmp_path: Path, caplog: pytest.LogCaptureFixture, torn: str) -> None:
    """Of a process that was killed while it wrote; what others write behind it is a separate line."""
    file = tmp_path / "one.jsonl"
    timing = NodeTiming("run", "__default__", None, None, "a", None, (), "succeeded", seconds=1.5)
    append_timing(file, timing)
    with file.open("a") as stream:
        stream.write(torn or "\xff\xfe")
    append_timing(file, replace(timing, node="c"))
    assert [timing.node for timing in read_node_timings(file)] == ["a", "c"]
    assert "one.jsonl:2" in caplog.text
    assert set(read_measurements([file]).nodes) <= {"a", "c"}

"""Records of measurements that no program of ours wrote, or that a kill tore."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo.right_sizing import read_measurements
from kedro_matrix_ext.argo.right_sizing.measurements import find_records
from kedro_matrix_ext.errors import ArgoError, HookError
from kedro_matrix_ext.hooks import read_node_timings

if TYPE_CHECKING:
    from pathlib import Path


WRONG_SECONDS: tuple[Any, ...] = ("1", True, [], {}, -1.0, 10**4000)


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00",
        b'{"node": "a\x00"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"x" * 5_000_000,
        b'{"node": "a", "seconds": ' + b"9" * 5_000 + b"}",
    ],
    ids=["not-text", "nul", "deep-list", "deep-mapping", "long", "digits"],
)
def test_a_line_that_is_not_json_costs_that_line(
    tmp_path: Path, line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever bytes it holds, for both kinds of records; a warning names it."""
    good = {"status": "succeeded", "seconds": 1.0, "cpu_seconds": 1.0, "peak_memory_bytes": 5}
    timing = {
        "run_id": "r",
        "pipeline": "p",
        "env": None,
        "task": None,
        "namespace": None,
        "tags": ["\u2028"],
    }
    file = tmp_path / "tasks.jsonl"
    text = json.dumps({**timing, **good, "node": "b"}, ensure_ascii=False)
    file.write_bytes(line + b"\n\n" + text.encode())
    assert set(read_measurements([file]).nodes) == {"b"}
    assert [timing.node for timing in read_node_timings(file)] == ["b"]
    assert f"{file}:1 cannot be read" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        *({"seconds": value} for value in WRONG_SECONDS),
        *({"peak_memory_bytes": value} for value in (float("inf"), float("nan"), -5)),
        *({"node": value} for value in (None, ["a"], {"a": 1}, 3)),
    ],
    ids=repr,
)
def test_a_record_of_wrong_types_is_one_error(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """With its file and line, by both readers."""
    good = {"status": "succeeded", "seconds": 1.0, "cpu_seconds": 1.0, "peak_memory_bytes": 5, "node": "a"}
    timing: dict[str, Any] = {"run_id": "r", "pipeline": "p", "env": None, "task": None, "namespace": None}
    timing["tags"] = []
    file = tmp_path / "records.jsonl"
    file.write_text(json.dumps({**timing, **good, **wrong}).replace("Infinity", "1e400"))
    with pytest.raises(ArgoError, match=r"(?s)neither a record.*records\.jsonl:1"):
        read_measurements([file])
    with pytest.raises(HookError, match=r"(?s)is not a record of a node.*records\.jsonl:1"):
        read_node_timings(file)


def test_files_that_cannot_be_read_are_one_error(tmp_path: Path) -> None:
    """Links that lead to each other, and folders; they do not hide other records of a project."""
    folder = tmp_path / ".kedro_matrix" / "node_timings"
    folder.mkdir(parents=True)
    (folder / "loop.jsonl").symlink_to(folder / "pool.jsonl")
    (folder / "pool.jsonl").symlink_to(folder / "loop.jsonl")
    (folder / "folder.jsonl").mkdir()
    for name in ("loop.jsonl", "folder.jsonl"):
        with pytest.raises(ArgoError, match=rf"(?s)cannot read this file.*{name}"):
            read_measurements([folder / name])
        with pytest.raises(HookError, match=rf"(?s)cannot read this file.*{name}"):
            read_node_timings(folder / name)
    (folder / "good.jsonl").write_text("")
    assert find_records(tmp_path) == [folder / "good.jsonl"]

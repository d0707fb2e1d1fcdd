"""Four processes in one project: each loads the same configuration, none loses or tears a record."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.kedro_project import KedroProject
from tests.waiting import PATIENCE

from kedro_matrix_ext.hooks.timing.records import read_node_timings

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES, ROUNDS, RECORDS = 4, 15, 400

# All wait at the gate, so that the folder of timings is made by all of them at the same time.
WORKER = """
import hashlib, json, sys, time
from pathlib import Path
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.fabrication import fabricate_datasets
from kedro_matrix_ext.hooks.timing.records import NodeTiming, append_timing, timings_file

number, rounds, records = map(int, sys.argv[1:])
Path(f"ready-{number}").touch()
while not Path("go").exists():
    time.sleep(0.001)
file = timings_file(Path("timings"), "2026-01-01T00.00.00.000Z")
for record in range(records):
    append_timing(file, NodeTiming(
        run_id="r", pipeline="p", env="base", task=f"process {number}", node=f"node {record} " + "x" * 3000,
        namespace=None, tags=("a",), status="ok", seconds=1.0))
seen = set()
for _ in range(rounds):
    loader = LayeredConfigLoader("conf", "local", **config_loader_args())
    parameters = loader["parameters"]
    tables = fabricate_datasets(parameters["tables"])
    written = json.dumps([parameters, loader["catalog"], {name: t.to_csv() for name, t in tables.items()}])
    seen.add(hashlib.sha256(written.encode()).hexdigest())
print(json.dumps(sorted(seen)))
"""
FILES = {
    "conf/base/globals.yml": "root: data\n",
    "conf/base/catalog.yml": """
        cars: {transcode: [pandas, polars], format: csv, filepath: "${globals:root}/cars.csv"}
    """,
    "conf/base/parameters.yml": """
        _base: {depth: 3, eta: 0.1}
        model: ${merge:${_base},${above}}
        above: {depth: 1}
        tables:
          seed: 7
          cars:
            num_rows: 50
            columns:
              id: {type: generate_unique_id, prefix: c}
              day: {type: generate_dates, start_dt: "2024-01-01", end_dt: "2024-12-31"}
              speed: {type: generate_random_numbers, distribution: normal}
              owner: {type: faker, provider: name}
    """,
    "conf/local/parameters.yml": "above: {depth: 9}\n",
}


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[KedroProject, list[list[str]]]:
    """The project, and what each process saw."""
    project = KedroProject.create(tmp_path_factory.mktemp("concurrency") / "shop", package="shop")
    for name, text in FILES.items():
        project.write(name, text)
    processes = [_start(project.path, number) for number in range(PROCESSES)]
    while not all((project.path / f"ready-{number}").exists() for number in range(PROCESSES)):
        assert all(process.poll() is None for process in processes), "a process ended before it began"
        time.sleep(0.01)
    (project.path / "go").touch()
    outputs = [process.communicate(timeout=PATIENCE) for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, outputs
    return project, [json.loads(output) for output, _ in outputs]


def _start(folder: Path, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, str(number), str(ROUNDS), str(RECORDS)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, text=True, **pipes)


def test_all_load_and_fabricate_the_same(worked: tuple[KedroProject, list[list[str]]]) -> None:
    """Parameters, catalog and tables are equal in all rounds of all processes."""
    _, seen = worked
    assert len({digest for digests in seen for digest in digests}) == 1


def test_every_record_of_every_process_is_whole(worked: tuple[KedroProject, list[list[str]]]) -> None:
    """Lines longer than a block of a pipe neither mix nor get lost, and the folder ignores itself once."""
    project, _ = worked
    (file,) = (project.path / "timings").glob("*.jsonl")
    timings = read_node_timings(file)
    assert Counter(timing.task for timing in timings) == {f"process {n}": RECORDS for n in range(PROCESSES)}
    assert len([line for line in file.read_text().splitlines() if line]) == PROCESSES * RECORDS
    assert project.read("timings/.gitignore") == "*\n"

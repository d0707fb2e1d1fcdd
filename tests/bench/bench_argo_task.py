"""What ``kedro argo task`` costs over ``kedro run`` of the same nodes: CPU time of whole processes, in pairs.

The nodes do next to nothing and write versioned files, so this is the most a task can cost: its own start,
the workflow's parameters, the look for versions of its run. With Kedro's own loader and with ours; first with
nodes that import pandas, then with nodes that do not, for which ``kedro run`` imports it all the same.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

_PAIRS = 14
_MOST = {"import pandas": 1.05, "": 0.95}
_NODES = 20
_RUN = "2030-01-31T12.00.00.000Z"
_WORKFLOW = {
    "KEDRO_MATRIX_RUN_ID": _RUN,
    "WORKFLOW_ID": _RUN,
    "KEDRO_MATRIX_TASK": "bench",
    "KEDRO_MATRIX_PARAMS": '{"rate": 2, "model": {"depth": [1, 2, 3] } }',
}
_FILES = {
    "pyproject.toml": """
[tool.kedro]
package_name = "shop"
project_name = "shop"
kedro_init_version = "1.3.0"
source_dir = "src"
""",
    "src/shop/__init__.py": "",
    "src/shop/pipeline_registry.py": f"""
from kedro.pipeline import Node, Pipeline


def give(rate):
    return [rate]


def register_pipelines():
    nodes = [Node(give, "params:rate", f"out{{n}}", name=f"give{{n}}") for n in range({_NODES})]
    return {{"__default__": Pipeline(nodes), "ds": Pipeline(nodes)}}
""",
    "conf/base/parameters.yml": "rate: 1\n",
    "conf/base/catalog.yml": """
"{name}": {type: json.JSONDataset, filepath: "data/{name}.json", versioned: true}
""",
    "conf/local/.gitkeep": "",
}
_LAYERED = """
from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
"""


def make_project(folder: Path, settings: str, imports: str) -> Path:
    """Write the project, whose registry has an import statement."""
    registry = "src/shop/pipeline_registry.py"
    ours = {registry: imports + _FILES[registry], "src/shop/settings.py": settings}
    for name, text in {**_FILES, **ours}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def measure(project: Path, command: tuple[str, ...], variables: dict[str, str]) -> float:
    """Give the CPU seconds of one process; nothing is left of what it wrote."""
    nodes = ",".join(f"give{number}" for number in range(_NODES))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "kedro", *command, "--pipelines", "ds", "--nodes", nodes, "--env", "local"],
        cwd=project,
        env={**os.environ, "DO_NOT_TRACK": "1", **variables},
        capture_output=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if len(list(project.glob("data/*/*/*"))) != _NODES:
        raise RuntimeError("not all nodes have run")
    shutil.rmtree(project / "data")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(name: str, project: Path) -> float:
    """Print the medians of interleaved pairs, and give the ratio."""
    sides = {"task": (("argo", "task"), _WORKFLOW), "run": (("run",), {})}
    for command, variables in sides.values():
        measure(project, command, variables)
    pairs = []
    for number in range(_PAIRS):
        order = ("task", "run") if number % 2 else ("run", "task")
        times = {side: measure(project, *sides[side]) for side in order}
        pairs.append((times["task"], times["run"]))
    ratio = median(task / run for task, run in pairs)
    task, run = (median(pair[side] for pair in pairs) for side in (0, 1))
    print(f"{name:40} {task:8.3f} {run:8.3f} {ratio:8.4f}")
    return ratio


def main() -> int:
    """Print the table; the exit status is 0 if the targets are met."""
    print(f"{'CPU s, median of pairs':40} {'task':>8} {'run':>8} {'ratio':>8}   targets {[*_MOST.values()]}")
    good = []
    with tempfile.TemporaryDirectory() as name:
        for imports, most in _MOST.items():
            for loader, settings in (("OmegaConfigLoader", ""), ("LayeredConfigLoader", _LAYERED)):
                title = f"{loader}, nodes {imports or 'import nothing'}"
                good.append(compare(title, make_project(Path(name, title), settings, imports)) <= most)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())

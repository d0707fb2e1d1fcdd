"""What ``defer_node_imports()`` saves, and what it costs: a project with the line and without it.

CPU time and peak memory of whole processes, as ratios of interleaved pairs: listing the pipelines of the
example, a pod that runs one of its nodes, a project with 760 nodes from 40 modules that each import pandas,
and a project whose nodes import nothing. Kedro alone needs more than 0.4 of the time of the third one, so the
time of the last one is subtracted from both of its sides. Then the CPU seconds to read 200 node modules of
300 lines. All with bytecode, which is written to a temporary folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_EXAMPLE = Path(__file__).parents[2] / "conf_examples" / "spaceflights"
_LINE = "defer_node_imports()\n"
_NODE = "price_predictor.preprocess_companies"
_TASK = ("argo", "task", "--nodes", _NODE, "--env", "base")
_READ_LIMIT = 0.3  # seconds for 200 modules of 300 lines
_PYPROJECT = """
[tool.kedro]
package_name = "shop"
project_name = "shop"
kedro_init_version = "1.3.0"
source_dir = "src"
"""
_REGISTRY = """
from kedro.pipeline import Node, Pipeline

from shop.pipelines import {imports}

MODULES = [{imports}]


def register_pipelines():
    nodes = [
        Node(getattr(module.nodes, name), "table", f"{{module.LABEL}}_{{name}}")
        for module in MODULES
        for name in module.NAMES
    ]
    return {{"__default__": Pipeline(nodes)}}
"""


@dataclass(frozen=True)
class Usage:
    """What a process used: CPU seconds, and at its peak MiB of memory."""

    cpu: float
    memory: float


_NOTHING = Usage(0, 0)


def make_project(folder: Path, modules: int, functions: int, imports: str) -> Path:
    """Write a project with node modules that all import the same."""
    for name, text in {
        "pyproject.toml": _PYPROJECT,
        "src/shop/__init__.py": "",
        "src/shop/settings.py": f"from kedro_matrix_ext import defer_node_imports\n\n{_LINE}",
        "src/shop/pipelines/__init__.py": "",
        "src/shop/pipeline_registry.py": _REGISTRY.format(
            imports=", ".join(f"p{number}" for number in range(modules))
        ),
        "conf/base/parameters.yml": "{}\n",
        "conf/local/.gitkeep": "",
    }.items():
        _write(folder / name, text)
    names = [f"step_{number}" for number in range(functions)]
    for number in range(modules):
        package = folder / f"src/shop/pipelines/p{number}"
        _write(package / "nodes.py", imports + "".join(map(_write_function, names)))
        _write(package / "__init__.py", f"from . import nodes\n\nLABEL = 'p{number}'\nNAMES = {names}\n")
    return folder


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _write_function(name: str) -> str:
    """Write a node function of 15 lines."""
    body = "".join(f'    column_{line} = table["column"] * {line} + len(table)\n' for line in range(9))
    head = f'def {name}(table: "dict[str, float]") -> float:\n    """Compute a column."""'
    return f"\n\n{head}\n{body}    return column_8\n"


def without_line(project: Path) -> Path:
    """Copy a project and take the line out of its settings."""
    copy = project.with_name(f"{project.name}_without")
    shutil.copytree(project, copy, dirs_exist_ok=True)
    settings = next(copy.glob("src/*/settings.py"))
    settings.write_text(settings.read_text().replace(_LINE, ""))
    return copy


def make_environment(bytecode: Path) -> dict[str, str]:
    """Return the variables of a process that keeps bytecode in a folder."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ours = {"PYTHONPYCACHEPREFIX": str(bytecode), "DO_NOT_TRACK": "1", "KEDRO_HOOKS_DISABLE_MLFLOW": "1"}
    return {**variables, **ours}


def run(project: Path, command: tuple[str, ...]) -> Usage:
    """Run ``kedro`` to its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kedro", *command],
        cwd=project,
        env=make_environment(project.parent / "bytecode"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"kedro {' '.join(command)} exited {process.returncode} in {project.name}")
    return Usage(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(  # noqa: PLR0913  name, what is run, limits
    name: str,
    project: Path,
    command: tuple[str, ...],
    limits: dict[str, float],
    pairs: int,
    *,
    base: Usage = _NOTHING,
) -> bool:
    """Print the medians of interleaved pairs, and return whether their ratios are within the limits.

    Args:
        name: What is printed.
        project: The project with the line.
        command: What is run.
        limits: The highest ratio for each attribute of ``Usage``.
        pairs: How many pairs are measured.
        base: What is subtracted from both sides.

    Returns:
        Whether all ratios are within the limits.
    """
    plain = without_line(project)
    for each in (project, plain):  # bytecode
        run(each, command)
    measured: list[tuple[Usage, Usage]] = []
    for number in range(pairs):
        order = (project, plain) if number % 2 else (plain, project)
        found = {each: run(each, command) for each in order}
        measured.append((found[project], found[plain]))
    good = True
    for what, limit in limits.items():
        subtracted = getattr(base, what)
        values = [tuple(getattr(side, what) - subtracted for side in pair) for pair in measured]
        ratio = median(ours / theirs for ours, theirs in values)
        ours, theirs = (median(pair[side] for pair in values) for side in (0, 1))
        print(f"{name:50} {what:7} {ours:9.3f} {theirs:9.3f} {ratio:8.3f} {limit:8.2f}")
        good = good and ratio <= limit
    return good


_READ = """
import importlib, sys, time
sys.path.insert(0, "src")
from kedro_matrix_ext import defer_node_imports
defer_node_imports("shop.**.nodes")
import shop.pipelines
names = [f"shop.pipelines.p{number}.nodes" for number in range(200)]
for name in names:
    importlib.import_module(name.rpartition(".")[0].replace(".nodes", ""))
start = time.process_time()
for name in names:
    del sys.modules[name]
    importlib.import_module(name)
print(time.process_time() - start)
"""


def measure_reading(project: Path) -> bool:
    """Print the CPU seconds to read all node modules of a project, whose bytecode is there."""
    seconds = median(
        float(
            subprocess.run(
                [sys.executable, "-c", _READ],
                cwd=project,
                env=make_environment(project.parent / "bytecode"),
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(5)
    )
    print(
        f"{'read 200 modules of 300 lines, s':50} {'cpu':7} {seconds:9.3f} {'':9} {'':8} {_READ_LIMIT:8.2f}"
    )
    return seconds <= _READ_LIMIT


def main() -> int:
    """Print the table; the exit status is 0 if all limits are kept."""
    print(f"{'median of pairs':50} {'':7} {'with':>9} {'without':>9} {'ratio':>8} {'limit':>8}")
    listing = ("registry", "list")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        example = folder / "spaceflights"
        ignored = shutil.ignore_patterns("__pycache__", "0[2-9]_*", ".kedro_matrix", ".env")
        shutil.copytree(_EXAMPLE, example, ignore=ignored)
        good = [
            compare("registry list, the example", example, listing, {"cpu": 0.4}, 7),
            compare("pod of preprocess_companies", example, _TASK, {"cpu": 0.65, "memory": 0.75}, 7),
        ]
        bare = make_project(folder / "bare", 4, 10, "")
        wide = make_project(folder / "wide", 40, 19, "import pandas as pd\n")
        base = min((run(without_line(bare), listing) for _ in range(5)), key=lambda usage: usage.cpu)
        title = "registry list, 760 nodes of 40 modules"
        good.append(compare(f"{title}, less Kedro", wide, listing, {"cpu": 0.4}, 9, base=base))
        compare(title, wide, listing, {"cpu": 1}, 5)
        good.append(compare("registry list, nodes that import nothing", bare, listing, {"cpu": 1.02}, 21))
        good.append(measure_reading(make_project(folder / "long", 200, 20, "")))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())

"""What SparkHooks costs `kedro run`: whole processes, next to the hook that Kedro's documentation shows.

Without Spark the run has one node of plain Python; with Spark, one that counts rows. The hook of the
documentation starts a session in every run. Java's memory counts: it is the sum over the processes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

_PAIRS = 3
_MOST = {"plain": 0.7, "spark": 1.3}  # of the time of the documentation's hook
_PYPROJECT = """
[tool.kedro]
package_name = "shop"
project_name = "shop"
kedro_init_version = "1.3.0"
source_dir = "src"
"""
_REGISTRY = """
from kedro.pipeline import Pipeline, node


def plain():
    return 1


def spark():
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate().range(3).count()


def register_pipelines():
    return {one.__name__: Pipeline([node(one, None, "x")]) for one in (plain, spark)}
"""
_OURS = """
from kedro_matrix_ext import config_loader_args
from kedro_matrix_ext.hooks import SparkHooks

CONFIG_LOADER_ARGS = config_loader_args()
HOOKS = (SparkHooks(),)
"""
_BY_HAND = """
from kedro.framework.hooks import hook_impl


class SparkHooks:
    @hook_impl
    def after_context_created(self, context):
        from pyspark import SparkConf
        from pyspark.sql import SparkSession

        conf = SparkConf().setAll(context.config_loader["spark"].items())
        SparkSession.builder.appName(context.project_path.name).config(conf=conf).getOrCreate()


CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "config_patterns": {"spark": ["spark*", "spark*/**"]},
}
HOOKS = (SparkHooks(),)
"""
_SPARK = """
spark.master: local[1]
spark.ui.enabled: "false"
spark.driver.memory: 512m
spark.driver.bindAddress: 127.0.0.1
"""


def make_project(folder: Path, settings: str) -> Path:
    """Write the smallest project that uses Spark."""
    files = {
        "pyproject.toml": _PYPROJECT,
        "conf/base/catalog.yml": "{}\n",
        "conf/base/spark.yml": _SPARK,
        "conf/local/.gitkeep": "",
        "src/shop/__init__.py": "",
        "src/shop/settings.py": settings,
        "src/shop/pipeline_registry.py": _REGISTRY,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def measure(project: Path, pipeline: str) -> tuple[float, float]:
    """Run a pipeline in new processes: seconds on the clock, and the most memory of all of them, in MiB."""
    command = [str(Path(sys.executable).parent / "kedro"), "run", "--pipelines", pipeline]
    environment = {**os.environ, "DO_NOT_TRACK": "1"}
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        memory = [0.0]
        watcher = threading.Thread(target=_watch, args=(process, memory))
        watcher.start()
        status = process.wait()
        took = time.perf_counter() - began
        watcher.join()
    if status:
        raise RuntimeError(f"'{' '.join(command)}' failed in {project}")
    return took, max(memory)


def _watch(process: subprocess.Popen[bytes], memory: list[float]) -> None:
    while process.poll() is None:
        memory.append(sum(map(_resident, _session(process.pid))))
        time.sleep(0.1)


def _session(leader: int) -> list[Path]:
    """Return the processes that a command has started, itself included."""
    return [folder for folder in Path("/proc").glob("[0-9]*") if _leader(folder) == leader]


def _leader(folder: Path) -> int | None:
    try:
        return os.getsid(int(folder.name))
    except OSError:  # it has ended
        return None


def _resident(folder: Path) -> float:
    """Return the resident memory of a process in MiB; shared pages count for each."""
    try:
        pages = int((folder / "statm").read_text(encoding="utf-8").split()[1])
    except OSError:  # it has ended
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _show(measured: list[tuple[float, float]]) -> str:
    seconds, memory = (median(column) for column in zip(*measured, strict=True))
    return f"{seconds:.1f} s {memory:.0f} MiB"


def main() -> None:
    """Print the table; exit status 1 where a target is missed."""
    if shutil.which("java") is None:
        print("skipped: Spark needs Java")
        return
    missed = False
    print(f"{'kedro run':<12}{'by hand':>20}{'SparkHooks':>20}{'ratio':>8}{'target':>8}")
    with tempfile.TemporaryDirectory() as folder:
        by_hand = make_project(Path(folder) / "by-hand", _BY_HAND)
        ours = make_project(Path(folder) / "ours", _OURS)
        for pipeline, most in _MOST.items():
            pairs = [(measure(by_hand, pipeline), measure(ours, pipeline)) for _ in range(_PAIRS)]
            ratio = median(second[0] / first[0] for first, second in pairs)
            shown = [_show([pair[side] for pair in pairs]) for side in (0, 1)]
            missed |= ratio > most
            name = "without Spark" if pipeline == "plain" else "with Spark"
            print(f"{name:<14}{shown[0]:>18}{shown[1]:>20}{ratio:>8.2f}{f'<{most}':>8}")
    sys.exit(missed)


if __name__ == "__main__":
    main()

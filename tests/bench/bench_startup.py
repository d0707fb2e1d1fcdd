"""What having the plugin installed costs commands that do not use it: CPU time of whole processes.

Both sides run the same Python. On one, a second description of the package, found first, declares no entry
points, so Kedro does not see the plugin; on the other, one of the same kind describes a package nobody has.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

_PAIRS = 20
_MOST = 1.02  # the most the plugin may cost
_COMMANDS = (("--help",), ("registry", "list"))

_PYPROJECT = """
[tool.kedro]
package_name = "shop"
project_name = "shop"
kedro_init_version = "1.3.0"
source_dir = "src"
"""
_REGISTRY = """
from kedro.pipeline import Pipeline


def register_pipelines():
    return {"__default__": Pipeline([])}
"""


def make_project(folder: Path) -> Path:
    """Write the smallest project Kedro takes."""
    files = {
        "pyproject.toml": _PYPROJECT,
        "src/shop/__init__.py": "",
        "src/shop/settings.py": "",
        "src/shop/pipeline_registry.py": _REGISTRY,
        "conf/base/parameters.yml": "{}\n",
        "conf/local/.gitkeep": "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def describe_package(folder: Path, name: str) -> Path:
    """Write the description of an installed package that has no entry points."""
    description = folder / f"{name}-0.1.0.dist-info"
    description.mkdir(parents=True)
    (description / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
    return folder


def measure(project: Path, path: Path, command: tuple[str, ...]) -> float:
    """Give the CPU seconds of one ``kedro`` process."""
    variables = {**os.environ, "PYTHONPATH": str(path), "DO_NOT_TRACK": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "kedro", *command], cwd=project, env=variables, capture_output=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(project: Path, with_plugin: Path, bare: Path, command: tuple[str, ...]) -> float:
    """Print the medians of interleaved pairs, and give the ratio."""
    for path in (with_plugin, bare):
        measure(project, path, command)
    pairs = []
    for number in range(_PAIRS):
        order = (with_plugin, bare) if number % 2 else (bare, with_plugin)
        times = {path: measure(project, path, command) for path in order}
        pairs.append((times[with_plugin], times[bare]))
    ratio = median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (median(pair[side] for pair in pairs) for side in (0, 1))
    print(f"kedro {' '.join(command):14} {ours:8.3f} {theirs:8.3f} {ratio:8.4f}")
    return ratio


def _lists_plugin(help_text: str) -> bool:
    """Return whether our group of commands is listed, not only a path with its name."""
    return re.search(r"(?m)^ +argo\b", help_text) is not None


def main() -> int:
    """Print the table; the exit status is 0 if the target is met."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = make_project(folder / "shop")
        bare = describe_package(folder / "bare", "kedro_matrix_ext")
        with_plugin = describe_package(folder / "other", "a_package_nobody_has")
        help_text = {
            path: subprocess.run(
                [sys.executable, "-m", "kedro", "--help"],
                cwd=project,
                env={**os.environ, "PYTHONPATH": str(path), "DO_NOT_TRACK": "1"},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for path in (with_plugin, bare)
        }
        if not _lists_plugin(help_text[with_plugin]) or _lists_plugin(help_text[bare]):
            print("the plugin is not where it should be: nothing was measured")
            return 1
        print(f"{'CPU s, median of pairs':20} {'with':>6} {'bare':>8} {'ratio':>8}   target {_MOST}")
        ratios = [compare(project, with_plugin, bare, command) for command in _COMMANDS]
    return 0 if max(ratios) <= _MOST else 1


if __name__ == "__main__":
    sys.exit(main())

"""The example with further pipelines, for a real cluster.

``python -m tests.argo.real_cluster.project FOLDER`` writes it with our wheel, so that its image can be built.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import EXAMPLES, LEFTOVERS, ROOT
from tests.kedro_project import KedroProject

from kedro_matrix_ext.argo.scaffold import list_project_files, write_project_files

__all__ = ["CAUSE", "HOSTILE_NAMES", "NESTED", "write_project"]

CAUSE = "the reason that a reader looks for"
# YAML readers could take them for numbers or booleans; Argo has no such names, or one for two of them.
HOSTILE_NAMES = ("on", "1e3", "0o17", "-.5", "a.b_c", "a_b.c", "größe", "not", "n" * 90 + "1", "n" * 90 + "2")
NESTED = 205  # more tasks than a DAG of Argo may have

_CASES = """
import time

from kedro.pipeline import Node, Pipeline

HOSTILE_NAMES = {names!r}


def fail():
    raise ValueError({cause!r})


def sleep():
    time.sleep(600)


def one():
    return 1


def add_up(*numbers):
    return sum(numbers)


def create_pipelines():
    hostile = [Node(one, None, f"hostile_{{number}}", name=name) for number, name in enumerate(HOSTILE_NAMES)]
    nested = [Node(one, None, f"nested_{{number}}", name=f"nested_{{number}}") for number in range({nested})]
    return {{
        "failing": Pipeline([Node(fail, None, "never", name="fail")]),
        "sleeping": Pipeline([Node(sleep, None, "slept", name="sleep")]),
        "hostile": Pipeline([*hostile, _add_up(hostile, "hostile_total")]),
        "nested": Pipeline([*nested, _add_up(nested, "nested_total")]),
    }}


def _add_up(nodes, total):
    outputs = [output for node in nodes for output in node.outputs]
    return Node(add_up, outputs, total, name=f"add_up_{{total}}")
"""
_REGISTRY = """

_register_example = register_pipelines


def register_pipelines():
    from spaceflights.cases import create_pipelines

    return {**_register_example(), **create_pipelines()}
"""
_TOTALS = """
"{case}_total":
  type: json.JSONDataset
  filepath: ${globals:paths.base}/totals/{case}.json
"""


def write_project(folder: Path) -> KedroProject:
    """Write a copy of the example that has a pipeline for each case too, and files for its image."""
    shutil.copytree(EXAMPLES / "spaceflights", folder, ignore=shutil.ignore_patterns(*LEFTOVERS))
    project = KedroProject(folder)
    project.write("src/spaceflights/cases.py", _CASES.format(names=HOSTILE_NAMES, cause=CAUSE, nested=NESTED))
    _append(project, "src/spaceflights/pipeline_registry.py", _REGISTRY)
    _append(project, "conf/base/catalog.yml", _TOTALS)
    tracking = project.read("conf/base/tracking.yml")
    named = tracking.replace("experiment: spaceflights", "experiment: ${oc.env:EXPERIMENT,spaceflights}")
    project.write("conf/base/tracking.yml", named)
    pyproject = project.read("pyproject.toml").replace('"kedro-matrix-ext"', '"kedro-matrix-ext[mlflow]"')
    project.write("pyproject.toml", pyproject + '\n[tool.uv]\nfind-links = ["wheels"]\n')
    python = ".".join(map(str, sys.version_info[:2]))
    files = list_project_files(folder, base_conf=folder / "conf/base", package="spaceflights", python=python)
    write_project_files(files, replace=lambda _: True)
    (folder / "conf/base/argo.yml").unlink()  # each workflow has its own
    return project


def _append(project: KedroProject, name: str, text: str) -> None:
    with (project.path / name).open("a", encoding="utf-8") as file:
        file.write(text)


def _main(folder: str) -> None:
    """Write the project, and our wheel next to it, so that an image can be built there."""
    project = write_project(Path(folder).resolve())
    wheels = str(project.path / "wheels")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels]
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    _main(sys.argv[1])

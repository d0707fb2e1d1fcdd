"""Whole projects with deferred imports, as subprocesses: every command and runner behaves as without."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from kedro_matrix_ext.deferred_imports.registration import SWITCH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

OFF = {SWITCH: "0"}
QUIET = {"KEDRO_HOOKS_DISABLE_MLFLOW": "1", "KEDRO_HOOKS_DISABLE_NODE_TIMER": "1"}

NODES = """
    import os

    from kedro_matrix_ext import inject_object
    from shop.timing import timed

    with open("imported.txt", "a") as file:
        file.write(f"{os.getpid()}\\n")


    def split(table, options):
        middle = int(len(table) * options["fraction"])
        return table[:middle], table[middle:]


    @inject_object()
    def train(table, model):
        return [model.year, *table]


    @timed
    def evaluate(model, table):
        return {"score": sum(model) / len(table)}


    def count(table):
        for number in range(3):
            yield [number, *table]
    """
PIPELINE = """
    from kedro.pipeline import Node, Pipeline

    from .nodes import count, evaluate, split, train


    def create_pipeline():
        return Pipeline(
            [
                Node(split, ["table", "params:options"], ["most", "rest"], name="split", tags="a"),
                Node(train, {"model": "params:model", "table": "most"}, "model", tags="b"),
                Node(evaluate, ["model", "rest"], "metrics", name="evaluate"),
                Node(count, "rest", "counted", name="count"),
            ]
        )
    """
TIMING = """
    import functools


    def timed(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapper
    """
SETTINGS = """
    from kedro_matrix_ext import defer_node_imports, dynamic_pipeline_mapping

    defer_node_imports(decorators=["shop.timing.timed"])
    DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping({"shop": ["small", "large"]})
    """
CATALOG = """
    table: {type: json.JSONDataset, filepath: data/table.json}
    "{name}": {type: pickle.PickleDataset, filepath: "data/{name}.pkl"}
    """


@pytest.fixture
def shop(project: KedroProject) -> KedroProject:
    """A project with four nodes in one module, which writes down each process that runs it."""
    pytest.importorskip("kedro_datasets")
    project.write("src/shop/settings.py", SETTINGS)
    project.write("src/shop/timing.py", TIMING)
    project.write("src/shop/pipelines/__init__.py", "")
    project.write("src/shop/pipelines/training/__init__.py", "from .pipeline import create_pipeline\n")
    project.write("src/shop/pipelines/training/nodes.py", NODES)
    project.write("src/shop/pipelines/training/pipeline.py", PIPELINE)
    project.write(
        "src/shop/pipeline_registry.py",
        """
        from kedro.framework.project import find_pipelines


        def register_pipelines():
            pipelines = find_pipelines(raise_errors=True)
            return {**pipelines, "__default__": sum(pipelines.values())}
        """,
    )
    project.write("conf/base/catalog.yml", CATALOG)
    project.write("conf/base/argo.yml", "deployment: {image: registry.example/shop, tag: v1}\n")
    project.write(
        "conf/base/parameters.yml",
        "options: {fraction: 0.5}\nmodel: {object: datetime.date, year: 2024, month: 1, day: 2}\n",
    )
    project.write("data/table.json", json.dumps(list(range(10))))
    return project


def _imports(project: KedroProject) -> list[str]:
    """List the processes that have run the module since the last call, one for each run."""
    file = project.path / "imported.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return lines


def _results(project: KedroProject) -> dict[str, bytes]:
    """Read what nodes wrote, and remove it."""
    files = sorted((project.path / "data").glob("*.pkl"))
    results = {file.name: file.read_bytes() for file in files}
    for file in files:
        file.unlink()
    return results


@pytest.mark.parametrize(
    "words",
    [
        "run",
        "run --async --to-nodes evaluate",
        "run --nodes split",
        "run --tags a",
        "run --to-outputs rest",
        "run --runner ThreadRunner",
        "run --pipeline training",
        "argo task --nodes split --env local",
    ],
)
def test_a_run_gives_what_it_gives_without(shop: KedroProject, words: str) -> None:
    """The same files, byte by byte, and the module runs once in the process."""
    shop.kedro(*words.split())
    assert len(_imports(shop)) == 1
    deferred = _results(shop)
    shop.kedro(*words.split(), env=OFF)
    assert _results(shop) == deferred != {}


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_parallel_runner_runs_the_module_in_its_workers(shop: KedroProject, context: str) -> None:
    """Functions travel by name; the process that starts the workers does not run the module."""
    words = ("run", "--runner", "ParallelRunner")
    shop.kedro(*words, env={"KEDRO_MP_CONTEXT": context})
    processes = _imports(shop)
    deferred = _results(shop)
    assert len(processes) == len(set(processes)) >= 1
    shop.kedro(*words, env={"KEDRO_MP_CONTEXT": context, **OFF})
    assert _results(shop) == deferred != {}


@pytest.mark.parametrize(
    "words",
    [
        "registry list",
        "registry describe __default__",
        "catalog describe-datasets",
        "argo plan -e base --format json",
        "matrix variants",
        "matrix config show parameters -e base",
        "matrix hooks",
    ],
)
def test_commands_show_what_they_show_without(shop: KedroProject, words: str) -> None:
    """Names that Kedro makes up included; the module does not run."""
    deferred = shop.kedro(*words.split())
    assert _imports(shop) == []
    plain = shop.kedro(*words.split(), env=OFF)
    assert _sorted_lines(deferred.stdout) == _sorted_lines(plain.stdout)


def _sorted_lines(text: str) -> list[str]:
    """Sort the lines, as some commands print sets; lines of the log are left out."""
    log = re.compile(r"\[\d\d/|  {10}")
    return sorted(line for line in text.splitlines() if not log.match(line))


def test_the_inspection_snapshot_shows_the_lines_of_the_source(shop: KedroProject) -> None:
    """Kedro's snapshot of the project, which other tools read, without running the module."""
    code = """
        import json, sys
        from pathlib import Path
        from kedro.framework.startup import bootstrap_project
        from kedro.inspection.snapshot import _node_to_snapshot
        bootstrap_project(Path.cwd())
        from kedro.framework.project import pipelines
        snapshots = [_node_to_snapshot(node, Path.cwd().resolve()) for node in pipelines["__default__"].nodes]
        Path("snapshot.json").write_text(json.dumps([str(each) for each in snapshots]))
        """
    pytest.importorskip("kedro.inspection.snapshot")
    shop.python(code)
    deferred = shop.read("snapshot.json")
    assert _imports(shop) == []
    assert "pipelines/training/nodes.py" in deferred
    shop.python(code, env=OFF)
    assert shop.read("snapshot.json") == deferred


def test_the_examples_results_are_byte_equal(copy_example: Callable[[str], KedroProject]) -> None:
    """All files of all pipelines on made-up data: tables, models, metrics and reports."""
    project = copy_example("spaceflights")
    project.kedro("run", env=QUIET)
    deferred = _read_tree(project.path / "data")
    for file in (project.path / "data").rglob("*"):
        if file.is_file() and "01_raw" not in file.parts:
            file.unlink()
    project.kedro("run", env={**QUIET, **OFF})
    plain = _read_tree(project.path / "data")
    assert sorted(plain) == sorted(deferred)
    assert [name for name in plain if plain[name] != deferred[name]] == []


def test_rehearsals_give_what_a_run_gives_without(shop: KedroProject) -> None:
    """Byte by byte; each task runs the module once, in its own process."""
    shop.kedro("argo", "rehearse", "-e", "base", "--yes")
    assert len(set(_imports(shop))) == 4
    deferred = _results(shop)
    shop.kedro("run", env=OFF)
    assert _results(shop) == deferred != {}


_NOTEBOOK = """
    from pathlib import Path

    from IPython.testing.globalipapp import start_ipython

    shell = start_ipython()


    def run(folder):
        shell.run_line_magic("reload_kedro", ".")
        shell.run_cell("session.run()").raise_error()
        Path(folder).mkdir()
        for file in Path("data").glob("*.pkl"):
            file.rename(Path(folder, file.name))


    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2")
    shell.run_line_magic("load_ext", "kedro.ipython")
    run("first")
    nodes = Path("src/shop/pipelines/training/nodes.py")
    source = nodes.read_text()
    nodes.write_text(source.replace("range(3)", "range(4000)"))
    run("changed")
    nodes.write_text(source)
    """


def test_notebooks_give_what_a_run_gives_without(shop: KedroProject) -> None:
    """With ``%autoreload``, after ``%reload_kedro``, and after a node has changed; byte by byte."""
    shown = {}
    for mode, switch in {"deferred": {}, "plain": OFF}.items():
        shop.python(_NOTEBOOK, env=switch)
        for folder in ("first", "changed"):
            shown[mode, folder] = _read_tree(shop.path / folder)
            shutil.rmtree(shop.path / folder)
    shop.kedro("run", env=OFF)
    assert shown["deferred", "first"] == shown["plain", "first"] == _results(shop)
    assert shown["deferred", "changed"] == shown["plain", "changed"] != shown["plain", "first"]


def _read_tree(folder: Path) -> dict[str, bytes]:
    """Read all files by path, the times of versioned ones left out."""
    return {
        "/".join(
            part for part in file.relative_to(folder).parts if not part.startswith("20")
        ): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize(
    "words",
    [
        "registry list",
        "argo plan -e base",
        "argo check -e base",
        "argo submit --dry-run -e base",
        "matrix variants",
        "matrix config check -e base",
        "run",
        "argo task --nodes split --env local",
    ],
)
def test_a_syntax_error_is_reported_with_file_and_line(shop: KedroProject, words: str) -> None:
    """By every command that builds the pipelines."""
    text = "x = 1\ndef split(:\n"
    shop.write("src/shop/pipelines/training/nodes.py", text)
    result = shop.kedro(*words.split(), check=False)
    assert result.returncode != 0
    said = re.sub(r"\s+|[│╭╮╰╯─]", "", result.stdout + result.stderr)  # paths are broken over lines
    assert "training/nodes.py:2" in said
    assert "SyntaxError" in said


def test_a_missing_library_is_reported_by_the_run(shop: KedroProject) -> None:
    """One error with the node, the module, the library and what to add; listing works."""
    nodes = "src/shop/pipelines/training/nodes.py"
    shop.write(nodes, "import sklearn_absent\n" + shop.read(nodes))
    assert "training" in shop.kedro("registry", "list").stdout
    result = shop.kedro("run", check=False)
    assert result.returncode == 1
    said = " ".join((result.stdout + result.stderr).split())
    for word in ("'split'", "'sklearn_absent'", "shop.pipelines.training.nodes", "Add 'sklearn-absent'"):
        assert word in said

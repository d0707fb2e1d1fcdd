"""The preflight imports the modules of deferred nodes in a fresh process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

NODES = "src/shop/pipelines/{}/nodes.py"


@pytest.fixture
def shop(project: KedroProject) -> KedroProject:
    """A project with two pipelines of deferred nodes that can be imported."""
    project.write(
        "src/shop/settings.py", "from kedro_matrix_ext import defer_node_imports\ndefer_node_imports()\n"
    )
    for name in ("cleaning", "training"):
        project.write(NODES.format(name), f"def {name}(table): return table\n")
        for init in (f"src/shop/pipelines/{name}", "src/shop/pipelines"):
            project.write(f"{init}/__init__.py", "")
    project.write(
        "src/shop/pipeline_registry.py",
        """
        from kedro.pipeline import Node, Pipeline
        from shop.pipelines.cleaning.nodes import cleaning
        from shop.pipelines.training.nodes import training


        def register_pipelines():
            return {
                "__default__": Pipeline(
                    [
                        Node(cleaning, "raw", "table", name="clean"),
                        Node(training, "clean", "model", name="train"),
                    ]
                )
            }
        """,
    )
    project.write("conf/base/argo.yml", "deployment: {image: registry.example/shop, tag: v1}\n")
    project.write("conf/base/catalog.yml", "{}\n")
    return project


def _check(project: KedroProject, *words: str) -> list[dict[str, Any]]:
    """Run the check and return its findings about imports."""
    result = project.kedro("argo", "check", "-e", "base", "--format", "json", *words, check=False)
    assert result.stdout, result.stderr
    findings: list[dict[str, Any]] = json.loads(result.stdout[result.stdout.index("{\n") :])["findings"]
    return [found for found in findings if found["code"] == "node-cannot-be-imported"]


def test_nodes_that_can_be_imported_are_not_reported(shop: KedroProject) -> None:
    """Whatever the modules print."""
    shop.write(NODES.format("training"), "print('{')\ndef training(table): return table\n")
    assert _check(shop) == []


def test_a_missing_library_is_reported_with_task_node_and_place(shop: KedroProject) -> None:
    """And with the dependency to add."""
    shop.write(NODES.format("training"), "import sklearn_absent.base\ndef training(table): return table\n")
    (found,) = _check(shop)
    assert (found["severity"], found["task"], found["node"]) == ("error", "train", "train")
    assert found["library"] == "sklearn_absent"
    assert (found["location"]["file"], found["location"]["line"]) == (NODES.format("training"), 1)
    assert "'sklearn-absent'" in found["fix"]
    assert _check(shop, "--without-imports") == []
    assert _check(shop, "--nodes", "clean") == []


def test_a_library_that_the_project_declares_is_a_note(shop: KedroProject) -> None:
    """In pyproject.toml or a lock file; it is installed in the image."""
    shop.write(NODES.format("training"), "import absent_library\ndef training(table): return table\n")
    shop.write("requirements.txt", "-r more.txt\n")
    shop.write("more.txt", "absent-library==1.0  # pinned\n")
    (found,) = _check(shop)
    assert (found["severity"], found["library"]) == ("note", "absent_library")


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("x = 1 / 0\ndef training(table): return table\n", "ZeroDivisionError", 1),
        ("import os\nos._exit(3)\ndef training(table): return table\n", "status 3", None),
        ("import sys\nsys.exit('stopped')\ndef training(table): return table\n", "SystemExit", 2),
        ("from shop.absent import x\ndef training(table): return table\n", "shop.absent", 1),
        ("from shop import remove\ndef training(table): return table\nremove.remove()\n", "'training'", None),
    ],
)
def test_what_else_fails_is_reported(shop: KedroProject, text: str, message: str, line: int | None) -> None:
    """Exceptions, exits, dead processes, and functions that are gone once the module has run."""
    shop.write(
        "src/shop/remove.py",
        "import sys\ndef remove(): del sys.modules['shop.pipelines.training.nodes'].training\n",
    )
    shop.write(NODES.format("training"), text)
    (found,) = _check(shop)
    assert message in found["message"]
    assert (found["severity"], found["node"], found["library"]) == ("error", "train", None)
    assert line is None or found["location"]["line"] == line


def test_submit_refuses_what_cannot_be_imported(shop: KedroProject) -> None:
    """Unless it is asked not to look; a dry run reports it and writes the manifest."""
    shop.write(NODES.format("training"), "import absent_library\ndef training(table): return table\n")
    words = ("argo", "submit", "-e", "base", "--dry-run")
    assert "node-cannot-be-imported" in shop.kedro(*words).stderr
    assert "node-cannot-be-imported" not in shop.kedro(*words, "--without-imports").stderr


def test_without_deferred_imports_nothing_is_imported_again(shop: KedroProject) -> None:
    """The modules have run in the process itself."""
    shop.write("src/shop/settings.py", "")
    shop.write(NODES.format("training"), "open('runs', 'a').write('x')\ndef training(table): return table\n")
    assert _check(shop) == []
    assert shop.read("runs") == "x"

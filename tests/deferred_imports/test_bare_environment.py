"""Planning in an environment that has Kedro and this package alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.deferred_imports.bare_environment import BareEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> BareEnvironment:
    """The environment."""
    return BareEnvironment(tmp_path_factory.mktemp("bare") / "packages")


@pytest.fixture
def example(copy_example: Callable[[str], KedroProject]) -> KedroProject:
    """The example, ready for Argo."""
    project = copy_example("spaceflights")
    project.write("conf/base/argo.yml", "deployment: {image: registry.example/spaceflights, tag: v1}\n")
    return project


def test_the_environment_has_none_of_the_libraries(bare: BareEnvironment) -> None:
    """Or the tests below would show nothing."""
    assert bare.names.isdisjoint({"pandas", "numpy", "scikit-learn", "pyspark", "kedro-datasets", "polars"})
    assert {"kedro", "omegaconf", "pydantic"} <= bare.names


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("registry list", "- data_science"),
        ("matrix variants", "candidate3 (3 nodes)"),
        ("argo plan", "28 tasks"),
        ("argo check --without-imports", "1 note"),
        ("argo check --without-imports --format json", '"ok": true'),
        ("argo submit --dry-run --without-imports", "kind: Workflow"),
        ("matrix config check -e base", "(in the image, not here)"),
    ],
)
def test_commands_that_run_no_node_work(
    bare: BareEnvironment, example: KedroProject, words: str, expected: str
) -> None:
    """On the example, whose nodes need pandas, scikit-learn and pyspark."""
    result = bare.kedro(example.path, *words.split())
    assert result.returncode == 0, result.stdout + result.stderr
    assert expected in result.stdout


def test_the_check_notes_what_is_in_the_image(bare: BareEnvironment, example: KedroProject) -> None:
    """What the project declares is a note; what it does not declare is an error."""
    result = bare.kedro(example.path, "argo", "check", "--format", "json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert '"severity": "error"' not in result.stdout
    declared = example.read("pyproject.toml")
    example.write("pyproject.toml", declared.replace('"scikit-learn>=1.5",', ""))
    result = bare.kedro(example.path, "argo", "check")
    assert result.returncode == 1
    said = " ".join(result.stdout.split())
    assert "error[injected-object]: cannot import 'sklearn" in said


def test_a_run_says_what_to_install(bare: BareEnvironment, example: KedroProject) -> None:
    """The node that runs, its module, the library, and where the project declares it."""
    example.write("conf/base/catalog.yml", '"{any}": {type: MemoryDataset, data: 1}\n')
    result = bare.kedro(example.path, "run", "--nodes", "price_predictor.preprocess_shuttles")
    assert result.returncode != 0
    said = " ".join((result.stdout + result.stderr).split())
    for word in (
        "price_predictor.preprocess_shuttles",
        "'pandas'",
        "spaceflights.pipelines.data_processing.nodes",
    ):
        assert word in said

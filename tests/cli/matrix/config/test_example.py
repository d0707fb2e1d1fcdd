"""In the example project every command answers for every environment, from the folder and from an archive."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from dotenv import dotenv_values
from tests.conftest import EXAMPLES

from kedro_matrix_ext.config.explain.explainer import Explainer
from kedro_matrix_ext.config.explain.scopes import Scopes
from kedro_matrix_ext.config.inspection.project_loader import build_config_loader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.matrix.config.conftest import Shell

# Kedro 1.7 registers its resolvers by what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\):UserWarning:kedro\.config")

EXAMPLE = EXAMPLES / "spaceflights"
ENVIRONMENTS = sorted(folder.name for folder in (EXAMPLE / "conf").iterdir() if folder.is_dir())
TYPES = ("parameters", "catalog", "globals")


@pytest.fixture
def example(either_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The example's configuration and variables under either loader."""
    shutil.copytree(EXAMPLE / "conf", either_shell.path / "conf", dirs_exist_ok=True)
    for name, value in dotenv_values(EXAMPLE / ".env.defaults").items():
        monkeypatch.setenv(name, value or "")
    return either_shell


def _leaves(tree: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*keys, key))
        yield (*keys, key), value


@pytest.mark.long
@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_show_and_explain_answer(example: Shell, env: str) -> None:
    """Every key has the value that Kedro uses, and a place in a file that the explanation leads to."""
    shown = yaml.safe_load(example.run("show", "-e", env))
    assert set(shown) >= set(TYPES)
    for name in shown:
        assert json.loads(example.run("show", name, "-e", env, "--format", "json")) == shown[name]
    with closing(Scopes(build_config_loader(example.path, env=env))) as scopes:
        for name in shown:
            for keys, value in _leaves(scopes.loaded(name)):
                found = Explainer(scopes).explain(name, keys)
                assert found is not None
                assert (found.keys, found.value) == (keys, value)
                assert found.written is not None


@pytest.mark.long
@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_datasets_of_factories_are_explained(example: Shell, env: str) -> None:
    """Those of namespaces and variants, and one that nothing declares."""
    for dataset in ("price_predictor.model_input_table", "reviews_predictor.test1.metrics", "undeclared_one"):
        shown = json.loads(example.run("show", "--dataset", dataset, "-e", env, "--format", "json"))
        found = json.loads(example.run("explain", "--dataset", dataset, "-e", env, "--format", "json"))
        assert found["value"] == shown[dataset]
        assert found["pattern"]["dataset"] == dataset
        assert "catalog" in example.run("explain", "--dataset", dataset, "-e", env)


@pytest.mark.long
def test_diff_answers_for_every_pair(example: Shell) -> None:
    """Local sets nothing; the others differ by the globals."""
    for first in ENVIRONMENTS:
        for second in ENVIRONMENTS:
            same = {first, second} <= {"base", "local"} or first == second
            printed = example.run("diff", first, second, status=0 if same else 1)
            assert ("~ globals: paths.base" in printed) is not same


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_archives_are_read_as_folders_are(example: Shell, kind: str) -> None:
    """As `kedro package` makes them."""
    archive = shutil.make_archive(str(example.path / "packed"), kind, example.path, "conf")
    words = ("explain", "companies.filepath", "-e", "cloud", "--format", "json")
    plain = json.loads(example.run(*words))
    packed = json.loads(example.run(*words, "--conf-source", archive))
    name = archive.rpartition("/")[2]
    assert packed["value"] == plain["value"]
    assert packed["written"]["file"] == f"{name}/base/catalog.yml"
    assert example.run("diff", "base", "cloud", "globals", "--conf-source", archive, status=1)

"""Selecting namespaces and variants in a whole Kedro project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

VARIANTS = {"base", "candidate1", "candidate2", "candidate3"}


def _written(project: KedroProject) -> set[str]:
    """List what is in the data folder, versions of a dataset as one, and empty it of that."""
    data = project.path / "data"
    made = [path for path in data.rglob("*") if path.is_file() and path.parent != data]
    names = {_name(path.relative_to(data)) for path in made}
    for path in made:
        if path.name != "model_input_table.json":
            path.unlink()
    return names


def _name(path: Path) -> str:
    return str(path.parents[1].parent / path.name) if "regressor.pickle" in path.parts[:-1] else str(path)


def _of_variant(namespace: str, variant: str) -> set[str]:
    return {f"{namespace}/{variant}/regressor.pickle", f"{namespace}/{variant}/score.json"}


def _evaluated(project: KedroProject) -> list[dict[str, Any]]:
    """Read the parameters that the evaluating nodes received, and forget them."""
    lines = project.read("evaluated.jsonl").splitlines()
    (project.path / "evaluated.jsonl").unlink()
    return [json.loads(line) for line in lines]


def test_namespaces_and_tags_select_what_one_expects(predictors: KedroProject) -> None:
    """A namespace runs processing once and all variants, a variant's namespace it alone, a tag both parts."""
    predictors.kedro("run", "--namespaces", "price_predictor")
    table = {"price_predictor/model_input_table.json"}
    every = set().union(*(_of_variant("price_predictor", variant) for variant in VARIANTS))
    assert _written(predictors) == table | every
    received = _evaluated(predictors)
    assert [options["target"] for options in received] == ["price"] * 4
    assert [options["model_params"] for options in received if options["model_params"].get("gamma")] == [
        {"gamma": 2.5}
    ]

    predictors.kedro("run", "--namespaces", "price_predictor.candidate2")
    assert _written(predictors) == table | _of_variant("price_predictor", "candidate2")
    (options,) = _evaluated(predictors)
    assert options["model_params"] == {"n_estimators": 50, "max_depth": 4}

    (predictors.path / "data/price_predictor/model_input_table.json").unlink()
    predictors.kedro("run", "--namespaces", "price_predictor", "--tags", "candidate1")
    assert _written(predictors) == table | _of_variant("price_predictor", "candidate1")
    (options,) = _evaluated(predictors)
    assert options["model_params"] == {"gamma": 2.5}


def test_every_way_into_the_project_sees_the_same_mapping(predictors: KedroProject) -> None:
    """Commands, sessions and notebooks read one mapping, with what `.env` overrides."""
    predictors.write(".env", "KEDRO_DYNAMIC_PIPELINES_MAPPING_REVIEWS_PREDICTOR='[base, nightly]'\n")
    printed = predictors.kedro("registry", "describe", "data_science").stdout
    assert "reviews_predictor.nightly.train" in printed
    assert "reviews_predictor.test1.train" not in printed
    seen = predictors.python(
        """
        import json
        from pathlib import Path

        from IPython.testing.globalipapp import get_ipython
        from kedro.framework.project import pipelines, settings
        from kedro.framework.session import KedroSession
        from kedro.framework.startup import bootstrap_project

        bootstrap_project(Path.cwd())
        first = settings.DYNAMIC_PIPELINES_MAPPING
        with KedroSession.create(project_path=Path.cwd()) as session:
            session.load_context()
            nodes = [node.name for node in pipelines["data_science"].nodes]
            second = settings.DYNAMIC_PIPELINES_MAPPING
        shell = get_ipython()
        shell.run_line_magic("load_ext", "kedro.ipython")
        shell.run_line_magic("reload_kedro", str(Path.cwd()))
        third = settings.DYNAMIC_PIPELINES_MAPPING
        assert first == second == third
        print("SEEN", json.dumps([third.as_dict(), nodes]))
        """
    ).stdout
    mapping, nodes = json.loads(seen.partition("SEEN")[2].strip().splitlines()[0])
    assert mapping == {"reviews_predictor": ["base", "nightly"], "price_predictor": sorted(VARIANTS)}
    assert len(nodes) == 12
    assert "reviews_predictor.nightly.train" in nodes

"""Kedro's notebook magics on the example project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project


def test_the_magics_show_variants_and_nodes(copy_example: Callable[[str], KedroProject]) -> None:
    """`%reload_kedro` gives injected parameters and variants; `%load_node` the node as it is written."""
    example = copy_example("spaceflights")
    printed = example.python(
        """
        from IPython.testing.globalipapp import start_ipython

        shell = start_ipython()
        shell.run_line_magic("load_ext", "kedro.ipython")
        shell.run_line_magic("reload_kedro", ".")
        catalog, pipelines = shell.user_ns["catalog"], shell.user_ns["pipelines"]
        print("MODEL", catalog.load("params:price_predictor.candidate1.model_options.model")["object"])
        print("NODES", len(pipelines["data_science"].nodes))
        shell.run_line_magic("load_node", "price_predictor.candidate1.train_model")
        print(shell.rl_next_input)
        """,
        env={"KEDRO_HOOKS_DISABLE_MLFLOW": "1"},
    )
    assert "MODEL sklearn.ensemble.RandomForestRegressor" in printed.stdout
    assert "NODES 18" in printed.stdout
    assert 'catalog.load("params:price_predictor.candidate1.model_options.model")' in printed.stdout
    assert "return model.fit(features_train, target_train)" in printed.stdout
    assert "inject_object" in printed.stdout

"""A guarded environment refuses runs outside of a workflow; base may allow fabricated data for local runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from kedro_matrix_ext import LayeredConfigLoader
from kedro_matrix_ext.errors import ConfigurationError
from kedro_matrix_ext.hooks.fabrication_guard import _read_environment
from kedro_matrix_ext.hooks.workflow_task import CONSENT_VARIABLE, WorkflowTaskHooks

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, **environments: str) -> None:
    """Write environments with their `environment.yml`."""
    for env, text in environments.items():
        (folder / env).mkdir(parents=True)
        (folder / env / "environment.yml").write_text(text)


def run(loader: OmegaConfigLoader) -> None:
    """Call the hooks as a run does."""
    hooks = WorkflowTaskHooks()
    hooks.after_context_created(SimpleNamespace(config_loader=loader))  # type: ignore[arg-type]
    hooks.before_pipeline_run(Pipeline([]), DataCatalog())


@pytest.mark.filterwarnings("ignore:register_new_resolver")
@pytest.mark.parametrize("loader_class", [OmegaConfigLoader, LayeredConfigLoader])
def test_a_guarded_environment_needs_consent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader_class: type[OmegaConfigLoader]
) -> None:
    """By the name of the environment; tasks of a workflow need none, inheriting environments do."""
    for variable in ("KEDRO_MATRIX_TASK", "KEDRO_MATRIX_RUN_ID", CONSENT_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    write(tmp_path, base="{}", cloud="guarded: true", prod="inherits: [cloud]", test="{}")

    def load(env: str) -> OmegaConfigLoader:
        return loader_class(str(tmp_path), env=env, base_env="base", default_run_env="local")

    run(load("test"))
    for env in ("cloud", "prod"):
        with pytest.raises(ConfigurationError, match=f"{CONSENT_VARIABLE}={env}"):
            run(load(env))
    monkeypatch.setenv(CONSENT_VARIABLE, "cloud")
    run(load("cloud"))
    monkeypatch.setenv(CONSENT_VARIABLE, "1")
    with pytest.raises(ConfigurationError, match="guarded"):
        run(load("cloud"))
    monkeypatch.setenv("KEDRO_MATRIX_TASK", "train")
    run(load("cloud"))


def test_a_flag_is_true_or_false(tmp_path: Path) -> None:
    """Anything else is an error with the line."""
    write(tmp_path, base="{}", cloud="inherits: []\nguarded: maybe\n")
    with pytest.raises(ConfigurationError, match=r"'guarded' is 'maybe'") as caught:
        LayeredConfigLoader(str(tmp_path), env="cloud", base_env="base", default_run_env="local")
    assert caught.value.line == 2


@pytest.mark.parametrize("has_local", [True, False])
def test_base_allows_fabricated_data_for_the_default_environment(tmp_path: Path, *, has_local: bool) -> None:
    """A plain `kedro run` needs no file in an ignored folder; other environments still decide themselves."""
    write(tmp_path, base="fabricated: true", cloud="{}")
    if has_local:
        (tmp_path / "local").mkdir()

    def read(env: str | None) -> bool:
        loader = LayeredConfigLoader(str(tmp_path), env=env, base_env="base", default_run_env="local")
        return _read_environment(loader)[1]

    assert (read(None), read("base"), read("cloud")) == (True, True, False)

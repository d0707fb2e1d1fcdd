"""Runs of small pipelines with hooks, as a session makes them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from kedro import __version__ as kedro_version
from kedro.config import OmegaConfigLoader
from kedro.framework.context import KedroContext
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog
from kedro.runner import AbstractRunner, SequentialRunner
from tests.config_folder import quiet_kedro

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kedro.pipeline import Pipeline
    from pluggy import PluginManager


@dataclass(frozen=True)
class HookedRun:
    """Runs pipelines in this process and calls hooks in the order of ``KedroSession.run``.

    Attributes:
        project_path: The project's root.
    """

    project_path: Path

    def __call__(  # noqa: PLR0913  what varies between the tests
        self,
        hooks: list[object],
        pipeline: Pipeline,
        *,
        catalog: DataCatalog | None = None,
        runner: AbstractRunner | None = None,
        run_id: str = "2024-01-01T00.00.00.000Z",
        only_missing_outputs: bool = False,
        conf: dict[str, str] | None = None,
        **run_params: Any,
    ) -> dict[str, Any]:
        """Run a pipeline; an error of a node is raised after the hooks heard of it."""
        manager = self.create_context(hooks, conf)
        catalog = catalog or DataCatalog()
        params = {
            "run_id": run_id,
            "project_path": self.project_path.as_posix(),
            "env": None,
            "kedro_version": kedro_version,
            "pipeline_names": None,
            "only_missing_outputs": only_missing_outputs,
            **run_params,
        }
        context = {"run_params": params, "pipeline": pipeline, "catalog": catalog}
        manager.hook.before_pipeline_run(**context)
        try:
            result = (runner or SequentialRunner()).run(
                pipeline, catalog, manager, run_id=run_id, only_missing_outputs=only_missing_outputs
            )
        except Exception as error:
            manager.hook.on_pipeline_error(error=error, **context)
            raise
        manager.hook.after_pipeline_run(run_result=result, **context)
        return result

    def create_context(self, hooks: list[object], conf: dict[str, str] | None = None) -> PluginManager:
        """Write files of configuration, named as ``base/spark.yml``, and send hooks their context."""
        manager = _create_hook_manager()
        for hook in hooks:
            manager.register(hook)
        folder = self.project_path / "conf"
        for environment in ("base", "local"):
            (folder / environment).mkdir(parents=True, exist_ok=True)
        for name, text in (conf or {}).items():
            (folder / name).write_text(dedent(text))
        with quiet_kedro():
            context = KedroContext(
                project_path=self.project_path,
                config_loader=OmegaConfigLoader(str(folder), base_env="base", default_run_env="local"),
                env=None,
                package_name="shop",
                hook_manager=manager,
            )
            manager.hook.after_context_created(context=context)
        return manager


@pytest.fixture
def run_with_hooks(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run a pipeline with hooks: ``run_with_hooks([hook], pipeline, runner=...)``."""
    project_path = tmp_path / "shop"
    project_path.mkdir(exist_ok=True)
    return HookedRun(project_path)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with all its tables and nothing in them; MLflow takes its time to make one."""
    mlflow = pytest.importorskip("mlflow", reason="needs the extra 'mlflow'")
    file = tmp_path_factory.mktemp("store") / "mlruns.db"
    mlflow.MlflowClient(f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture
def store(tmp_path: Path, empty_store: Path) -> None:
    """Such a store where the project has it by default."""
    (tmp_path / "shop").mkdir(exist_ok=True)
    shutil.copy(empty_store, tmp_path / "shop/mlruns.db")

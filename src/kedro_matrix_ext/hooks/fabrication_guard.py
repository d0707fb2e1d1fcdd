"""Keep fabricated data out of environments with real data; Kedro finds this hook by its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro.framework.hooks import hook_impl

from kedro_matrix_ext.errors import FabricationError

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader
    from kedro.framework.context import KedroContext
    from kedro.pipeline import Pipeline

__all__ = ["FabricationGuardHooks", "fabrication_guard"]


class FabricationGuardHooks:
    """Refuse a run with ``fabricate_datasets`` unless its environment says ``fabricated: true``."""

    def __init__(self) -> None:
        self._config_loader: AbstractConfigLoader | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Keep the loader, which has the environment."""
        self._config_loader = context.config_loader

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Refuse before any node has run.

        Raises:
            FabricationError: If a node fabricates data and the environment does not allow it.
        """
        from kedro_matrix_ext.fabrication.nodes import fabricates

        fabricating = [node.name for node in pipeline.nodes if fabricates(node)]
        if not fabricating or self._config_loader is None:
            return
        env, fabricated = _read_environment(self._config_loader)
        if not fabricated:
            raise FabricationError(
                f"node {fabricating[0]!r} would write fabricated data in environment {env!r}",
                hint="Run in an environment for it, as 'kedro run -e test'; or write 'fabricated: true' into "
                f"{env}/environment.yml of the configuration, if no real data can be overwritten there.",
            )


def _read_environment(config_loader: AbstractConfigLoader) -> tuple[str, bool]:
    """Return the environment's name and whether it allows fabricated data; for any loader."""
    from kedro_matrix_ext.config.layers.environments import read_environment_chain
    from kedro_matrix_ext.config.layers.sources import open_config_source

    base_env = getattr(config_loader, "base_env", "") or ""
    default = getattr(config_loader, "default_run_env", "") or ""
    source = open_config_source(str(config_loader.conf_source), base_env=base_env, ignore_hidden=True)
    chain = read_environment_chain(source, env=config_loader.env, base_env=base_env, default_run_env=default)
    base = chain.layers[0] if chain.layers else None  # which speaks for the default environment too
    in_base = base is not None and base.name == base_env and base.fabricated and chain.run_env == default
    return chain.run_env, chain.fabricated or in_base


fabrication_guard = FabricationGuardHooks()

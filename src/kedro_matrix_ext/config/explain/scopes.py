"""What is resolved together: all layers, or under Kedro's own loader each environment."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.explain.recording import TracedResolution
from kedro_matrix_ext.config.inspection.load_type import load_type
from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader
from kedro_matrix_ext.config.interpolation.resolvers_in_force import resolvers_in_force
from kedro_matrix_ext.config.layers.merging import merge_softly
from kedro_matrix_ext.config.layers.values import ABSENT, child_of
from kedro_matrix_ext.config.loader import LayeredConfigLoader
from kedro_matrix_ext.config.loader_args import strategy_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.layers.raw_config import RawConfiguration

__all__ = ["Scope", "Scopes"]


@dataclass(frozen=True, eq=False)
class Scope:
    """Raw configuration that sees itself, and nothing else of its type.

    Attributes:
        config_type: ``parameters``, ``catalog``, ...
        env: The environment that is resolved alone; None where all layers are resolved together.
        resolution: Resolves it, and remembers how.
    """

    config_type: str
    env: str | None
    resolution: TracedResolution

    def has(self, keys: Keys) -> bool:
        """Tell whether it gives a key path."""
        return self.resolution.trace(keys).value is not ABSENT


@dataclass
class Scopes:
    """The views of one loader's configuration, made when they are asked for.

    To be closed, as by ``contextlib.closing``.

    Args:
        loader: The loader, in an environment.

    Attributes:
        reader: Reads its files.
    """

    loader: OmegaConfigLoader
    reader: ProvenanceReader = field(init=False)
    _views: dict[str, list[Scope]] = field(default_factory=dict, init=False, repr=False)
    _loaded: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False)
    _table: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __post_init__(self) -> None:
        self.reader = ProvenanceReader(self.loader)

    def close(self) -> None:
        """Leave OmegaConf's table of resolvers as it was."""
        self._table.close()

    @property
    def is_layered(self) -> bool:
        """Whether all environments are resolved together."""
        return isinstance(self.loader, LayeredConfigLoader)

    def loaded(self, config_type: str) -> dict[str, Any]:
        """Load a type as Kedro does, once.

        Raises:
            ConfigurationError: If it cannot be loaded.
        """
        if config_type not in self._loaded:
            self._loaded[config_type] = load_type(self.loader, config_type)
        return self._loaded[config_type]

    def of(self, config_type: str) -> list[Scope]:
        """Give the views of a type, the topmost first."""
        if config_type not in self._views:
            self._views[config_type] = list(self._make(self.reader.raw(config_type)))
        return self._views[config_type]

    def choose(self, config_type: str, keys: Keys) -> list[Scope]:
        """Give the views that a value comes from, the topmost first; several where mappings merge."""
        chosen: list[Scope] = []
        destructive = strategy_of(self.loader, config_type) == "destructive"
        for view in self.of(config_type):
            value = view.resolution.trace(keys).value
            if value is not ABSENT and (not chosen or isinstance(value, dict)):
                chosen.append(view)
            replaces = destructive and keys and child_of(view.resolution.raw, keys[0])[0] is not ABSENT
            if replaces or (value is not ABSENT and not isinstance(value, dict)):
                break
        return chosen

    def _make(self, raw: RawConfiguration) -> list[Scope]:
        if self.is_layered:
            return [self._view(raw, raw.data, None)]
        return [self._view(raw, layer.data, layer.env) for layer in reversed(raw.layers)]

    def _view(self, raw: RawConfiguration, data: dict[Any, Any], env: str | None) -> Scope:
        config_type, runtime = raw.config_type, dict(self.loader.runtime_params or {})
        own, foreign = resolvers_in_force(
            config_type,
            given=_given_resolvers(self.loader),
            read_globals=self._globals,
            runtime_params=runtime,
            table=self._table,
        )
        if config_type == "parameters":
            data = merge_softly(data, runtime)
        resolution = TracedResolution(data, config_type, own, foreign, locate=raw.locate, table=self._table)
        return Scope(config_type, env, resolution)

    def _globals(self) -> dict[str, Any]:
        if not self.reader.raw("globals").layers and "globals" not in self.loader.data:
            return {}
        return self.loaded("globals")


def _given_resolvers(loader: OmegaConfigLoader) -> Mapping[str, Callable[..., Any]]:
    """The project's resolvers; Kedro's own loader has no public name for them."""
    if isinstance(loader, LayeredConfigLoader):
        return loader.custom_resolvers
    return getattr(loader, "_custom_resolvers", None) or {}

"""What is evaluated together: all layers, or with Kedro's own loader each environment."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.explain.recording import TracedEvaluator
from kedro_matrix_ext.config.inspection.load_type import given_resolvers, load_type
from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader
from kedro_matrix_ext.config.interpolation.loader_resolvers import choose_resolvers
from kedro_matrix_ext.config.layers.merging import merge_softly
from kedro_matrix_ext.config.layers.values import ABSENT, child_of
from kedro_matrix_ext.config.loader import LayeredConfigLoader
from kedro_matrix_ext.config.loader_args import strategy_of
from kedro_matrix_ext.config.secrecy import SecretPaths

if TYPE_CHECKING:
    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.layers.raw_config import RawConfiguration

__all__ = ["Scope", "Scopes"]


@dataclass(frozen=True, eq=False)
class Scope:
    """Raw configuration whose references see only itself.

    Attributes:
        config_type: ``parameters``, ``catalog``, ...
        env: The environment that is evaluated alone; None if all layers are evaluated together.
        evaluator: Evaluates it, and records how.
    """

    config_type: str
    env: str | None
    evaluator: TracedEvaluator

    def has(self, keys: Keys) -> bool:
        """Check whether it has a key path."""
        return self.evaluator.trace(keys).value is not ABSENT


@dataclass
class Scopes:
    """The scopes of one loader's configuration, made when they are first used.

    Close it after use, for instance with ``contextlib.closing``.

    Args:
        loader: The loader, in an environment.

    Attributes:
        reader: Reads its files.
    """

    loader: OmegaConfigLoader
    reader: ProvenanceReader = field(init=False)
    _scopes: dict[str, list[Scope]] = field(default_factory=dict, init=False, repr=False)
    _loaded: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False)
    _cleanup: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __post_init__(self) -> None:
        self.reader = ProvenanceReader(self.loader)

    @cached_property
    def secrets(self) -> SecretPaths:
        """The secret key paths; their values are known to the process from now on."""
        secrets = SecretPaths(self.loader)
        secrets.remember()
        return secrets

    def close(self) -> None:
        """Restore OmegaConf's registered resolvers."""
        self._cleanup.close()

    @property
    def is_layered(self) -> bool:
        """Whether all environments are evaluated together."""
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
        """Return the scopes of a type, the topmost first."""
        if config_type not in self._scopes:
            self._scopes[config_type] = list(self._make(self.reader.raw(config_type)))
        return self._scopes[config_type]

    def choose(self, config_type: str, keys: Keys) -> list[Scope]:
        """Return the scopes that a value comes from, the topmost first; several if mappings merge."""
        chosen: list[Scope] = []
        destructive = strategy_of(self.loader, config_type) == "destructive"
        for scope in self.of(config_type):
            value = scope.evaluator.trace(keys).value
            if value is not ABSENT and (not chosen or isinstance(value, dict)):
                chosen.append(scope)
            replaces = destructive and keys and child_of(scope.evaluator.raw, keys[0])[0] is not ABSENT
            if replaces or (value is not ABSENT and not isinstance(value, dict)):
                break
        return chosen

    def _make(self, raw: RawConfiguration) -> list[Scope]:
        if self.is_layered:
            return [self._make_scope(raw, raw.data, None)]
        return [self._make_scope(raw, layer.data, layer.env) for layer in reversed(raw.layers)]

    def _make_scope(self, raw: RawConfiguration, data: dict[Any, Any], env: str | None) -> Scope:
        config_type, runtime = raw.config_type, dict(self.loader.runtime_params or {})
        native, external = choose_resolvers(
            config_type,
            given=given_resolvers(self.loader),
            read_globals=self._globals,
            runtime_params=runtime,
            cleanup=self._cleanup,
        )
        if config_type == "parameters":
            data = merge_softly(data, runtime)
        evaluator = TracedEvaluator(
            data, config_type, native, external, locate=raw.locate, cleanup=self._cleanup
        )
        return Scope(config_type, env, evaluator)

    def _globals(self) -> dict[str, Any]:
        if not self.reader.raw("globals").layers and "globals" not in self.loader.data:
            return {}
        return self.loaded("globals")

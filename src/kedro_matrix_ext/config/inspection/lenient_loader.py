"""Loading past what is wrong, to tell all of it: files, interpolations, environment variables, entries."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.config.interpolation.missing_variables import holds_unresolved
from kedro_matrix_ext.config.layers.merging import merge_layers
from kedro_matrix_ext.config.layers.raw_config import RawConfiguration
from kedro_matrix_ext.config.loader import LayeredConfigLoader, finish
from kedro_matrix_ext.config.loader_args import strategy_of
from kedro_matrix_ext.errors import ConfigurationError, InterpolationError

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_matrix_ext.config.interpolation.evaluator import Resolution
    from kedro_matrix_ext.errors import CatalogError, KedroMatrixError

__all__ = ["Diagnosis", "LenientLoader"]


@dataclass(frozen=True)
class Diagnosis:
    """One configuration type, loaded past what is wrong.

    Attributes:
        values: What could be loaded, with ``UNRESOLVED`` for what could not be resolved; None where a file
            could not be read, so that nothing can be said of the rest.
        problems: An error of ours for each place at fault.
    """

    values: dict[str, Any] | None
    problems: tuple[KedroMatrixError, ...] = ()


class LenientLoader(LayeredConfigLoader):
    """Loads what `LayeredConfigLoader` would, or Kedro's own loader, and fails at nothing inside a file.

    Args:
        conf_source: As for the loader it stands in for.
        env: As for the loader.
        runtime_params: As for the loader.
        alone: Whether environments are resolved alone and then merged, as Kedro's loader does.
        **arguments: ``CONFIG_LOADER_ARGS``.

    Raises:
        UnknownEnvironmentError: If there is no folder for ``env``, or for one that it inherits.
        ConfigurationError: If an ``environment.yml`` does not hold together.
    """

    def __init__(
        self,
        conf_source: str | Path,
        env: str | None = None,
        runtime_params: dict[str, Any] | None = None,
        *,
        alone: bool = False,
        **arguments: Any,
    ) -> None:
        self._alone = alone
        self._diagnoses: dict[str, Diagnosis] = {}
        super().__init__(conf_source, env, runtime_params, **arguments)

    def diagnose(self, config_type: str) -> Diagnosis:
        """Load one type and say what is wrong with it.

        Args:
            config_type: A type that there are patterns for.

        Returns:
            The diagnosis.

        Raises:
            MissingConfigException: If no file matches.
        """
        if config_type not in self._diagnoses:
            self._diagnoses[config_type] = self._diagnose(config_type)
        return self._diagnoses[config_type]

    def read_raw(self, config_type: str) -> RawConfiguration:
        """Read one type's files; for Kedro's loader, those of the two environments it knows."""
        raw = super().read_raw(config_type)
        if not self._alone:
            return raw
        layers = [layer for layer in raw.layers if layer.env in (self.base_env, self.environments.run_env)]
        return RawConfiguration(
            config_type, tuple(layers), self._merge(config_type, [layer.data for layer in layers])
        )

    def _load(self, config_type: str) -> dict[str, Any]:
        return self.diagnose(config_type).values or {}

    def _diagnose(self, config_type: str) -> Diagnosis:
        try:
            raw = self.read_raw(config_type)
        except ConfigurationError as error:
            return Diagnosis(None, tuple(self._broken_files(config_type) or [error]))
        if not raw.layers:
            return Diagnosis(self._without_files(config_type))
        resolved, problems = self._resolve_layers(raw)
        faults: list[CatalogError] = []
        values = finish(raw, resolved, faults)
        return Diagnosis(
            values, (*problems, *(fault for fault in faults if not _is_unresolved(fault, resolved)))
        )

    def _broken_files(self, config_type: str) -> list[ConfigurationError]:
        patterns = self.config_patterns[config_type]
        return [
            error
            for environment in self.environments.layers
            for error in self._source.broken_files(environment.name, patterns)
        ]

    def _resolve_layers(self, raw: RawConfiguration) -> tuple[dict[str, Any], list[KedroMatrixError]]:
        """Resolve all layers as one, or each alone as Kedro's loader does."""
        if not self._alone:
            return self._resolve(raw)
        resolved, problems = [], []
        for layer in raw.layers:
            alone, found = self._resolve(RawConfiguration(raw.config_type, (layer,), layer.data))
            resolved.append(alone)
            problems += found
        return self._merge(raw.config_type, resolved), problems

    def _resolve(self, raw: RawConfiguration) -> tuple[dict[str, Any], list[KedroMatrixError]]:
        with ExitStack() as table:
            return _resolve_leniently(self._resolution(raw, table, None))

    def _merge(self, config_type: str, layers: list[dict[str, Any]]) -> dict[str, Any]:
        strategy = strategy_of(self, config_type)
        merged: dict[str, Any] = {}
        for layer in layers:
            merged = merge_layers(merged, layer, strategy=strategy, config_type=config_type)
        return merged


def _resolve_leniently(resolution: Resolution) -> tuple[dict[str, Any], list[KedroMatrixError]]:
    """Resolve what can be; give an error for each place at fault, each once."""
    noted: list[InterpolationError] = []
    resolution.noted = noted
    try:
        result: dict[str, Any] = resolution.evaluate(resolution.raw, ())
    except InterpolationError as error:  # of the whole, as where it is nested too deeply
        result = {}
        noted.append(error)
    unique = {(error.config_path, error.message): error for error in reversed(noted)}
    return result, [*reversed(unique.values()), *resolution.missing.errors()]


def _is_unresolved(fault: CatalogError, resolved: dict[str, Any]) -> bool:
    """Whether what an entry is blamed for is told of already: a value in it that is not resolved."""
    return any(
        render_config_path("catalog", [name, key]) == fault.config_path and holds_unresolved(value)
        for name, entry in resolved.items()
        if isinstance(entry, dict)
        for key, value in entry.items()
    )

"""Load despite errors, and report them all: files, interpolations, environment variables, entries."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.config.errors import InterpolationError
from kedro_matrix_ext.config.interpolation.missing_variables import find_unresolved, holds_unresolved
from kedro_matrix_ext.config.layers.merging import merge_layers
from kedro_matrix_ext.config.layers.raw_config import RawConfiguration
from kedro_matrix_ext.config.loader import LayeredConfigLoader, finish
from kedro_matrix_ext.config.loader_args import strategy_of
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kedro_matrix_ext.catalog.errors import CatalogError
    from kedro_matrix_ext.config.interpolation.missing_variables import Root
    from kedro_matrix_ext.errors import KedroMatrixError

    _Resolved = tuple[dict[str, Any], list[KedroMatrixError], Counter[Root | None]]

__all__ = ["Diagnosis", "LenientLoader"]


@dataclass(frozen=True)
class Diagnosis:
    """One configuration type, loaded despite errors.

    Attributes:
        values: The values, with ``Unresolved`` for those that could not be evaluated; None if a file could
            not be read, since nothing is known of the rest then.
        problems: One error for each faulty place.
        unresolved: Per config path and message of an error, how many values could not be evaluated.
    """

    values: dict[str, Any] | None
    problems: tuple[KedroMatrixError, ...] = ()
    unresolved: Mapping[Root | None, int] = field(default_factory=dict)


class LenientLoader(LayeredConfigLoader):
    """Loads as `LayeredConfigLoader` or Kedro's own loader does, and collects the errors inside files.

    Args:
        conf_source: As for the loader that it replaces.
        env: As for the loader.
        runtime_params: As for the loader.
        per_environment: Whether each environment is evaluated alone and then merged, as Kedro's loader does.
        **arguments: ``CONFIG_LOADER_ARGS``.

    Raises:
        UnknownEnvironmentError: If there is no folder for ``env``, or for one that it inherits.
        ConfigurationError: If an ``environment.yml`` is invalid.
    """

    def __init__(
        self,
        conf_source: str | Path,
        env: str | None = None,
        runtime_params: dict[str, Any] | None = None,
        *,
        per_environment: bool = False,
        **arguments: Any,
    ) -> None:
        self._per_environment = per_environment
        self._diagnoses: dict[str, Diagnosis] = {}
        super().__init__(conf_source, env, runtime_params, **arguments)

    def diagnose(self, config_type: str) -> Diagnosis:
        """Load one type, which has patterns, and collect its errors.

        Raises:
            MissingConfigException: If no file matches.
        """
        if config_type not in self._diagnoses:
            self._diagnoses[config_type] = self._diagnose(config_type)
        return self._diagnoses[config_type]

    def count_unresolved(self) -> Counter[Root | None]:
        """Count, in the types that are diagnosed, the values that each error keeps from being evaluated."""
        return sum((Counter(each.unresolved) for each in self._diagnoses.values()), Counter())

    def read_raw(self, config_type: str) -> RawConfiguration:
        """Read the files of one type; for Kedro's loader, those of the two environments that it knows."""
        raw = super().read_raw(config_type)
        if not self._per_environment:
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
        resolved, problems, unresolved = self._resolve_layers(raw)
        faults: list[CatalogError] = []
        values = finish(raw, resolved, faults)
        return Diagnosis(
            values,
            (
                *self._refuse_keys(raw),
                *problems,
                *(fault for fault in faults if not _is_unresolved(fault, resolved)),
            ),
            unresolved,
        )

    def _refuse_keys(self, raw: RawConfiguration) -> list[ConfigurationError]:
        """Return an error for each top-level key at which Kedro's loader ends with an ``AttributeError``."""
        if not self._per_environment or raw.config_type == "parameters":
            return []
        problems = []
        for key in raw.data:
            if not isinstance(key, str):
                file, line = raw.locate([key])
                problems.append(
                    ConfigurationError(
                        f"the key {key!r} is not text, and Kedro's loader takes only text at the top level",
                        config_path=render_config_path(raw.config_type, [key]),
                        file=file,
                        line=line,
                        hint="Put it in quotes, as it is meant.",
                    )
                )
        return problems

    def _broken_files(self, config_type: str) -> list[ConfigurationError]:
        patterns = self.config_patterns[config_type]
        return [
            error
            for environment in self.environments.layers
            for error in self._open()[0].broken_files(environment.name, patterns)
        ]

    def _resolve_layers(self, raw: RawConfiguration) -> _Resolved:
        """Evaluate all layers together, or each alone as Kedro's loader does."""
        if not self._per_environment:
            return self._resolve(raw)
        layers = [
            self._resolve(RawConfiguration(raw.config_type, (layer,), layer.data)) for layer in raw.layers
        ]
        return (
            self._merge(raw.config_type, [values for values, _, _ in layers]),
            [problem for _, problems, _ in layers for problem in problems],
            sum((unresolved for _, _, unresolved in layers), Counter()),
        )

    def _resolve(self, raw: RawConfiguration) -> _Resolved:
        """Evaluate as much as possible; return one error for each faulty place, and the values they keep."""
        errors: list[InterpolationError] = []
        with ExitStack() as cleanup:
            evaluator = self._make_evaluator(raw, cleanup, on_error=errors.append)
            try:
                result: dict[str, Any] = evaluator.evaluate(evaluator.raw, ())
            except InterpolationError as error:  # of the whole, for instance if it is nested too deeply
                result = {}
                errors.append(error)
        unique = {(error.config_path, error.message): error for error in reversed(errors)}
        unresolved = Counter(each.root for each in find_unresolved(result))
        return result, [*reversed(unique.values()), *evaluator.missing.errors()], unresolved

    def _merge(self, config_type: str, layers: list[dict[str, Any]]) -> dict[str, Any]:
        strategy = strategy_of(self, config_type)
        merged: dict[str, Any] = {}
        for layer in layers:
            merged = merge_layers(merged, layer, strategy=strategy, config_type=config_type)
        return merged


def _is_unresolved(fault: CatalogError, resolved: dict[str, Any]) -> bool:
    """Check whether an entry's fault is already reported, as a value in it that could not be evaluated."""
    return any(
        render_config_path("catalog", [name, key]) == fault.config_path and holds_unresolved(value)
        for name, entry in resolved.items()
        if isinstance(entry, dict)
        for key, value in entry.items()
    )

"""Which pipelines there are: namespaces, their variants, and whatever else a project varies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._terminal_output import keep_output_short
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines.env_overrides import Override, apply_overrides
from kedro_matrix_ext.pipelines.frozen_mapping import FrozenMapping, ReadOnlyMapping, freeze, thaw

__all__ = ["DynamicPipelineMapping", "dynamic_pipeline_mapping", "is_list_of_names", "parse_variants"]

_SOURCE = "dynamic_pipeline_mapping"


class DynamicPipelineMapping(ReadOnlyMapping):
    """What ``dynamic_pipeline_mapping`` makes: an immutable mapping that knows what was overridden.

    Args:
        declared: What the project declares, or a function that gives it, called when the mapping is first
            read.

    Raises:
        MappingError: If it is not a mapping or is inconsistent; for a function, when it is first read.

    Examples:
        >>> mapping = DynamicPipelineMapping({"price_predictor": ["base", "candidate1"]})
        >>> list(mapping["price_predictor"]), mapping.overrides
        (['base', 'candidate1'], ())
    """

    def __init__(self, declared: Mapping[str, Any] | Callable[[], Mapping[str, Any]]) -> None:
        self._declared = declared
        if not self._is_read_late:
            _ = self._evaluated  # so that a mistake shows where the mapping is declared

    @property
    def _is_read_late(self) -> bool:
        return callable(self._declared) and not isinstance(self._declared, Mapping)

    @cached_property
    def _evaluated(self) -> tuple[FrozenMapping, tuple[Override, ...]]:
        declared = self._declared() if self._is_read_late else self._declared  # type: ignore[operator]
        hint = "Write {namespace: [variants]}, or a function without arguments that returns it."
        return apply_overrides(_freeze_mapping(declared, source=_SOURCE, hint=hint), os.environ)

    @property
    def overrides(self) -> tuple[Override, ...]:
        """What environment variables replaced, in the mapping's order."""
        return self._evaluated[1]

    def __getitem__(self, key: str) -> Any:
        return self._evaluated[0][key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._evaluated[0])

    def __len__(self) -> int:
        return len(self._evaluated[0])

    def __call__(self) -> DynamicPipelineMapping:
        """Return the mapping itself, for code that calls ``settings.DYNAMIC_PIPELINES_MAPPING()``."""
        return self

    def __bool__(self) -> bool:
        """Return whether there is anything in it; one declared by a function is true unread.

        Dynaconf asks this of every setting while it is still reading ``settings.py``.
        """
        return self._is_read_late or len(self) > 0

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self._evaluated,)


def _freeze_mapping(value: object, *, source: str, hint: str) -> FrozenMapping:
    if not isinstance(value, Mapping):
        raise MappingError(f"{value!r} is not a mapping", config_path=source, hint=hint)
    frozen: FrozenMapping = freeze(value, (), source=source)
    return frozen


def _restore(evaluated: tuple[FrozenMapping, tuple[Override, ...]]) -> DynamicPipelineMapping:
    """Rebuild a pickled mapping as it was, whatever the environment of the process that reads it."""
    mapping = DynamicPipelineMapping({})
    mapping.__dict__.update(_declared=evaluated[0], _evaluated=evaluated)
    return mapping


def dynamic_pipeline_mapping(
    mapping: Mapping[str, Any] | Callable[[], Mapping[str, Any]],
) -> DynamicPipelineMapping:
    """Declare which pipelines are made of one skeleton, for ``settings.py``.

    ``KEDRO_DYNAMIC_PIPELINES_MAPPING_<PATH>`` in the environment overrides a leaf or a whole list; its value
    is read as YAML.

    Args:
        mapping: ``{namespace: [variants]}``, or nested mappings of any depth with plain values, lists of
            names or lists of dictionaries; or a function that returns it, called once when the mapping is
            first read.

    Returns:
        An immutable mapping; lists in it are tuples.

    Raises:
        MappingError: If a name is one that Kedro rejects, a list is empty or repeats itself, two paths share
            the name of a variable, or a variable's value does not fit. With a function, when it is first
            read.

    Examples:
        >>> mapping = dynamic_pipeline_mapping({"price_predictor": ["base", "candidate1"]})
        >>> mapping["price_predictor"]
        ('base', 'candidate1')
        >>> mapping == {"price_predictor": ["base", "candidate1"]}
        True
    """
    keep_output_short()
    return DynamicPipelineMapping(mapping)


def parse_variants(mapping: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Read the shape that pipelines are made of: ``{namespace: [variants]}``.

    Args:
        mapping: A dynamic pipeline mapping, a part of one, or any mapping.

    Returns:
        The variants of each namespace.

    Raises:
        MappingError: If it is not a mapping, or a namespace holds anything but a list of names.

    Examples:
        >>> parse_variants({"price_predictor": ["base", "candidate1"]})
        {'price_predictor': ('base', 'candidate1')}
    """
    hint = "Pass what settings.py declares as DYNAMIC_PIPELINES_MAPPING, or {namespace: [variants]}."
    frozen = _freeze_mapping(mapping, source="mapping", hint=hint)
    for namespace, variants in frozen.items():
        if not is_list_of_names(variants):
            raise MappingError(
                f"{namespace!r} holds {thaw(variants)!r}, not a list of names",
                config_path=render_config_path("mapping", [namespace]),
                hint="Pass {namespace: [variants]}: of a nested mapping the part that has this shape.",
            )
    return dict(frozen)


def is_list_of_names(value: object) -> bool:
    """Distinguish a list of variants from other values of a mapping.

    Args:
        value: A value of a frozen mapping.

    Returns:
        True for a tuple of strings.
    """
    return isinstance(value, tuple) and isinstance(value[0], str)

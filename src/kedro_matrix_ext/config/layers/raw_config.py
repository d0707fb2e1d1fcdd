"""The raw configuration of one type: the files of every layer, merged, and the place of each key."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.errors import DuplicateKeyError
from kedro_matrix_ext.config.layers.key_rules import find_key
from kedro_matrix_ext.config.layers.line_numbers import find_line
from kedro_matrix_ext.config.layers.merging import RawMapping, merge_layers, merge_softly
from kedro_matrix_ext.config.layers.values import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.layers.environments import EnvironmentChain
    from kedro_matrix_ext.config.layers.sources import ConfigSource, SourceFile

__all__ = ["RawConfiguration", "RawLayer", "read_raw_configuration"]

_LISTED_CHARACTERS = 100


@dataclass(frozen=True)
class RawLayer:
    """One environment's files of one type.

    Attributes:
        env: The environment.
        files: Its files, in the order in which they are merged.
        data: Their merged content.
    """

    env: str
    files: tuple[SourceFile, ...]
    data: RawMapping


@dataclass(frozen=True)
class RawConfiguration:
    """All layers of one type.

    Attributes:
        config_type: ``parameters``, ``catalog``, ...
        layers: The layers that have files, the lowest first.
        data: Their merged content.
    """

    config_type: str
    layers: tuple[RawLayer, ...]
    data: RawMapping

    def locate(self, keys: Sequence[Any]) -> tuple[str | None, int | None]:
        """Find where a key path is set: the topmost file that sets the longest part of it."""
        files = [file for layer in reversed(self.layers) for file in reversed(layer.files)]
        deepest: Keys = ()
        best = None
        for file in files:
            _, walked = walk(file.data, tuple(keys))
            if len(walked) > len(deepest):
                deepest, best = walked, file
        return (best.name, find_line(best.text, deepest)) if best else (None, None)


def read_raw_configuration(
    source: ConfigSource,
    chain: EnvironmentChain,
    *,
    config_type: str,
    patterns: Iterable[str],
    strategy: str,
) -> RawConfiguration:
    """Read and merge the files of one type.

    Raises:
        ConfigurationError: If a file cannot be parsed, or two files of one environment give the same key.
    """
    layers = []
    for environment in chain.layers:
        files = source.files(environment.name, patterns)
        if files:
            _refuse_duplicates(files, config_type)
            layers.append(RawLayer(environment.name, tuple(files), _merge_files(files)))
    merged: RawMapping = {}
    for layer in layers:
        merged = merge_layers(merged, layer.data, strategy=strategy, config_type=config_type)
    return RawConfiguration(config_type, tuple(layers), merged)


def _merge_files(files: list[SourceFile]) -> RawMapping:
    merged = files[0].data
    for file in files[1:]:
        merged = merge_softly(merged, file.data)
    return merged


def _refuse_duplicates(files: list[SourceFile], config_type: str) -> None:
    """Refuse a key that two files of one environment give, as Kedro does.

    In parameters the keys are the paths to values, elsewhere the top-level keys; those that start with
    ``_`` may be repeated.
    """
    if len(files) == 1:
        return
    paths = _value_paths if config_type == "parameters" else _top_keys
    keys = [dict(paths(file.data)) for file in files]
    problems, place = [], None
    for (first, first_keys), (second, second_keys) in combinations(zip(files, keys, strict=True), 2):
        common = {
            key: (first_keys[key], second_keys[key])
            for key in sorted(first_keys)
            if key in second_keys and not key.startswith("_")
        } or dict(_respelt(first.data, second.data, nested=config_type == "parameters"))
        if common:
            upper_keys, lower_keys = next(iter(common.values()))
            upper, lower = find_line(first.text, upper_keys), find_line(second.text, lower_keys)
            problems.append(f"{first.name}:{upper} and {second.name}:{lower} both give {_listed([*common])}")
            place = place or (second.name, lower)
    if place:
        raise DuplicateKeyError(
            f"duplicate keys in the files of environment {files[0].env!r}: {'; '.join(problems)}",
            file=place[0],
            line=place[1],
            hint="Keep each key in one file, or put one of them into another environment.",
        )


def _top_keys(data: RawMapping) -> Iterator[tuple[str, Keys]]:
    yield from ((str(key), (key,)) for key in data)


def _value_paths(data: RawMapping, keys: Keys = ()) -> Iterator[tuple[str, Keys]]:
    """Yield the path of every value that is not a mapping, as text and as keys."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _value_paths(value, (*keys, key))
        else:
            yield ".".join(map(str, (*keys, key))), (*keys, key)


def _respelt(
    first: RawMapping, second: RawMapping, keys: tuple[Keys, Keys] = ((), ()), *, nested: bool
) -> Iterator[tuple[str, tuple[Keys, Keys]]]:
    """Yield keys that two files write differently and that are one: ``1`` and ``true``, or with quotes."""
    for key, value in second.items():
        name = find_key(first, key)
        if name is None:
            continue
        name = next(each for each in first if each == name)
        places = (*keys[0], name), (*keys[1], key)
        if nested and isinstance(value, dict) and isinstance(first[name], dict):
            yield from _respelt(first[name], value, places, nested=nested)
        elif type(name) is not type(key):
            yield ".".join(map(str, places[1])), places


def _listed(keys: list[str]) -> str:
    text = ", ".join(map(repr, keys))
    return text if len(text) <= _LISTED_CHARACTERS else f"{text[:_LISTED_CHARACTERS]}..."

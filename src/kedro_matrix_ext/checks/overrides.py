"""What an environment overrides to no effect: what no layer below has, and what one below says too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path, render_key_path
from kedro_matrix_ext._containers import list_strings
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.parameter_names import ALL_PARAMETERS
from kedro_matrix_ext.config.layers.line_numbers import can_be_removed
from kedro_matrix_ext.config.layers.merging import merge_layers
from kedro_matrix_ext.config.layers.raw_config import RawConfiguration
from kedro_matrix_ext.config.layers.values import walk
from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.injection.objects.blocks import is_block

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.layers.merging import RawMapping
    from kedro_matrix_ext.config.layers.raw_config import RawLayer

__all__ = ["KnownUses", "check_overrides", "words_in_interpolations"]

_PRIVATE = "_"
_WORD = re.compile(r"\w[\w\-]*")


@dataclass(frozen=True)
class KnownUses:
    """What reads configured values.

    Attributes:
        words: Every word inside an interpolation, of all types: what is referred to is called by one of them.
        parameters: What pipelines use of the parameters, as ``model.depth``, with all that is in it, or
            ``parameters`` for all of them; None where the pipelines are not known.
        entries: The catalog entries and patterns that datasets of pipelines are resolved to; None where they
            are not known.
    """

    words: frozenset[str] = frozenset()
    parameters: frozenset[str] | None = None
    entries: frozenset[str] | None = None


def words_in_interpolations(value: Any) -> Iterator[str]:
    """Give every word of the texts that interpolate.

    Yields:
        Words, some more than once.

    Examples:
        >>> sorted(words_in_interpolations({"a": ["${b.c}/raw", "no ${"], "d": "plain"}))
        ['b', 'c', 'no', 'raw']
    """
    for text in list_strings(value):
        if "${" in text:
            yield from _WORD.findall(text)


def check_overrides(
    raw: RawConfiguration,
    readers: KnownUses,
    *,
    strategy: str,
    per_environment: bool = False,
    env: str | None = None,
) -> Iterator[Finding]:
    """Find overrides without effect in the layers of one type.

    Stale is what an environment sets, no layer below has, and nothing reads: it was renamed or removed below.
    Redundant is what repeats the raw value below. Left are keys under ``_``, which are merged into others,
    and what cannot be taken out of its file alone.

    Yields:
        Findings of ``stale-override`` and ``redundant-override``.
    """
    lower: RawMapping = {}
    for index, layer in enumerate(raw.layers):
        if index:
            repeated = _redundant_keys(lower, layer.data, strategy, per_environment=per_environment)
            redundant = [keys for keys in repeated if _can_be_removed(layer, keys)]
            stale = {
                keys: siblings
                for keys, siblings in _stale_keys(raw.config_type, lower, layer.data, readers)
                if _can_be_removed(layer, keys)
            }
            report = _Report(raw.config_type, layer, env, frozenset([*redundant, *stale]))
            yield from map(report.redundant, redundant)
            yield from (report.stale(keys, siblings) for keys, siblings in stale.items())
        lower = merge_layers(lower, layer.data, strategy=strategy, config_type=raw.config_type)


@dataclass(frozen=True)
class _Report:
    """Makes findings about one layer, of the keys that are reported in it."""

    config_type: str
    layer: RawLayer
    env: str | None
    reported: frozenset[Keys]

    def redundant(self, keys: Keys) -> Finding:
        return finding(
            "redundant-override",
            f"environment {self.layer.env!r} repeats the value that {render_key_path(keys)!r} has below it",
            fix=self._removal(keys),
            location=self._location(keys),
        )

    def stale(self, keys: Keys, siblings: Iterable[str]) -> Finding:
        hint = did_you_mean(str(keys[-1]), siblings)
        return finding(
            "stale-override",
            f"environment {self.layer.env!r} sets {render_key_path(keys)!r}, which no layer below it has and "
            "nothing reads",
            fix=f"{self._removal(keys)[:-1]}, or call it what it is called below. {hint}".rstrip(),
            location=self._location(keys),
        )

    def _removal(self, keys: Keys) -> str:
        """Say what to remove: an empty mapping would be null, which overrides what is below."""
        for depth in range(1, len(keys)):
            mapping, _ = walk(self.layer.data, keys[:depth])
            if self._holds_nothing_else(mapping, keys[:depth]):
                return f"Remove it, and {render_key_path(keys[:depth])!r} if nothing is left in it."
        return "Remove it."

    def _holds_nothing_else(self, value: Any, keys: Keys) -> bool:
        if keys in self.reported:
            return True
        inside = value.items() if isinstance(value, dict) else ()
        return bool(inside) and all(self._holds_nothing_else(child, (*keys, key)) for key, child in inside)

    def _location(self, keys: Keys) -> Location:
        own_layer = RawConfiguration(self.config_type, (self.layer,), self.layer.data)
        file, line = own_layer.locate(keys)
        path = render_config_path(self.config_type, keys)
        return Location(config_path=path, env=self.env, file=file, line=line)


def _can_be_removed(layer: RawLayer, keys: Keys) -> bool:
    if any(str(key).startswith(_PRIVATE) for key in keys):
        return False
    written = [(file.text, walk(file.data, keys)[1]) for file in layer.files]
    return all(can_be_removed(text, found) for text, found in written if len(found) == len(keys))


def _redundant_keys(
    lower: RawMapping, upper: RawMapping, strategy: str, *, per_environment: bool
) -> Iterator[Keys]:
    mentioned = frozenset(words_in_interpolations(upper)) if per_environment else frozenset()
    for keys, value in _repeated(lower, upper, (), soft=strategy == "soft"):
        needed = per_environment and (str(keys[-1]) in mentioned or any(words_in_interpolations([value])))
        if not needed:
            yield keys


def _repeated(lower: RawMapping, upper: RawMapping, keys: Keys, *, soft: bool) -> Iterator[tuple[Keys, Any]]:
    for key, value in upper.items():
        if key not in lower:
            continue
        below = lower[key]
        if type(value) is type(below) and value == below:
            yield (*keys, key), value
        elif soft and isinstance(value, dict) and isinstance(below, dict):
            yield from _repeated(below, value, (*keys, key), soft=soft)


def _stale_keys(
    config_type: str, lower: RawMapping, upper: RawMapping, readers: KnownUses
) -> Iterator[tuple[Keys, Collection[str]]]:
    """Return stale keys, with the sibling keys of the layer below."""
    if config_type == "catalog" and readers.entries is not None:
        for name in upper:
            if name not in lower and not _is_read_entry(str(name), readers):
                yield (name,), [str(other) for other in lower]
    if config_type in ("parameters", "globals"):
        known = frozenset(_all_keys(lower))
        for keys, siblings in _unknown_keys(lower, upper, ()):
            if not _is_read_value(config_type, keys, readers, known):
                yield keys, siblings


def _is_read_entry(name: str, readers: KnownUses) -> bool:
    entries = readers.entries or frozenset()
    engines = f"{name}@"  # what a 'transcode:' entry stands for
    return name in entries or name in readers.words or any(entry.startswith(engines) for entry in entries)


def _unknown_keys(lower: RawMapping, upper: RawMapping, keys: Keys) -> Iterator[tuple[Keys, Collection[str]]]:
    if is_block(lower) or is_block(upper):
        return  # arguments of an object, which one may add to; whether it takes them is checked elsewhere
    for key, value in upper.items():
        if key not in lower:
            yield (*keys, key), [str(other) for other in lower]
        elif isinstance(value, dict) and isinstance(lower[key], dict):
            yield from _unknown_keys(lower[key], value, (*keys, key))


def _is_read_value(config_type: str, keys: Keys, readers: KnownUses, known: frozenset[str]) -> bool:
    """Whether something refers to a value, or uses it; where one cannot know, it is taken to be read."""
    names = [str(key) for key in keys]
    if names[-1] in readers.words:
        return True
    if not readers.words.isdisjoint(names[:-1]) and names[-1] in known:
        return True  # part of a mapping that is merged into others, which have such a key
    if config_type == "globals":
        return False
    if readers.parameters is None or ALL_PARAMETERS in readers.parameters:
        return True
    path = ".".join(names)
    return any(
        f"{path}.".startswith(f"{used}.") or used.startswith(f"{path}.") for used in readers.parameters
    )


def _all_keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield str(key)
            yield from _all_keys(child)
    elif isinstance(value, list):
        for child in value:
            yield from _all_keys(child)

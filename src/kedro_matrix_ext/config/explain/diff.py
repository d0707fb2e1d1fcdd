"""What two environments make of the same configuration, key path by key path."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.config.explain.explainer import Explainer
from kedro_matrix_ext.config.explain.model import Explanation
from kedro_matrix_ext.config.explain.rendering import shown_value
from kedro_matrix_ext.config.explain.scopes import Scopes
from kedro_matrix_ext.config.inspection.load_type import check_type, list_types
from kedro_matrix_ext.config.layers.values import ABSENT, list_differing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.explain.model import Step
    from kedro_matrix_ext.config.inspection.provenance import Definition

__all__ = ["Difference", "Side", "compare_environments", "differences_as_dict", "render_differences"]

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_LONGEST = 100

_Loaded = tuple["Scopes", dict[str, dict[str, Any]]]  # one environment, and what it resolves to by type


@dataclass(frozen=True)
class Side:
    """What one environment makes of a key.

    Attributes:
        value: The value, redacted.
        places: Where it, or what it is made of, is written.
    """

    value: Any
    places: tuple[Definition, ...]


@dataclass(frozen=True)
class Difference:
    """One key path that two environments resolve differently.

    Attributes:
        kind: ``added`` where only the second has it, ``removed`` where only the first has it, ``changed``.
        config_type: ``parameters``, ``catalog``, ...
        keys: The key path.
        first: What the first environment makes of it; None where it has no such key.
        second: What the second makes of it.
    """

    kind: str
    config_type: str
    keys: Keys
    first: Side | None
    second: Side | None


def compare_environments(
    open_loader: Callable[[str], OmegaConfigLoader], names: tuple[str, str], config_type: str | None = None
) -> list[Difference]:
    """Compare what two environments resolve to.

    Raises:
        ConfigurationError: If there is no such type, or either environment cannot be loaded.
    """
    with ExitStack() as stack:
        first, second = [_load(open_loader(name), config_type, stack) for name in names]
        found = [
            (name, keys, values)
            for name in {**first[1], **second[1]}
            for keys, values in list_differing(first[1].get(name, {}), second[1].get(name, {}))
        ]
        # One side after the other: OmegaConf's table of resolvers serves the scopes that looked into it last.
        made = [
            [_make_side(scopes, name, keys, values[index]) for name, keys, values in found]
            for index, (scopes, _) in enumerate((first, second))
        ]
        return [_compare(name, keys, pair) for (name, keys, _), *pair in zip(found, *made, strict=True)]


def differences_as_dict(found: list[Difference], names: tuple[str, str]) -> dict[str, Any]:
    """Turn differences into the plain data that ``--format json`` prints."""
    rows = [
        {
            "kind": one.kind,
            "key": render_config_path(one.config_type, one.keys),
            "type": one.config_type,
            "path": list(one.keys),
            "sides": {
                name: _side_as_dict(side) for name, side in zip(names, _sides(one), strict=True) if side
            },
        }
        for one in found
    ]
    return {"environments": list(names), "equal": not found, "differences": rows}


def render_differences(found: list[Difference], names: tuple[str, str]) -> str:
    """Write differences for a person: per key a line for each side, and a line that counts them."""
    if not found:
        return f"{names[0]} and {names[1]} do not differ"
    width = max(map(len, names))
    lines = [line for one in found for line in _lines(one, names, width)]
    counts = [(sum(one.kind == kind for one in found), kind) for kind in _SIGNS]
    return "\n".join([*lines, ", ".join(f"{count} {kind}" for count, kind in counts if count)])


def _load(loader: OmegaConfigLoader, config_type: str | None, stack: ExitStack) -> _Loaded:
    """Load what is compared."""
    scopes = stack.enter_context(closing(Scopes(loader)))
    if config_type is not None:
        check_type(loader, config_type)
    types = [name for name in list_types(scopes.reader) if config_type in (None, name)]
    return scopes, {name: scopes.loaded(name) for name in types}


def _compare(config_type: str, keys: Keys, made: list[Side | None]) -> Difference:
    kind = "added" if made[0] is None else "removed" if made[1] is None else "changed"
    return Difference(kind, config_type, keys, *_without_common_places(made))


def _make_side(scopes: Scopes, config_type: str, keys: Keys, value: Any) -> Side | None:
    if value is ABSENT:
        return None
    explanation = Explainer(scopes).explain(config_type, keys)
    if explanation is None:  # an entry that a 'transcode:' made
        written = scopes.reader.find(config_type, keys).written
        places: tuple[Definition, ...] = (written,) if written else ()
    else:
        places = tuple({str(place): place for place in _origins(explanation)}.values())
    if explanation is None:
        return Side(scopes.secrets.redact(config_type, value, keys), places)
    shown = shown_value(explanation)
    return Side(shown, places)


def _origins(step: Step) -> Iterator[Definition]:
    """Where a value is written, and what it refers to; of a mapping only the place of its key."""
    if isinstance(step, Explanation) and step.written is not None:
        yield step.written
    if not (isinstance(step, Explanation) and isinstance(step.value, dict)):
        for below in step.steps:
            yield from _origins(below)


def _without_common_places(sides: list[Side | None]) -> list[Side | None]:
    """Keep the places that only one of two sides has; all places if that leaves none."""
    first, second = sides
    if first is None or second is None:
        return [side and Side(side.value, side.places[:1]) for side in sides]
    common = {str(place) for place in first.places} & {str(place) for place in second.places}
    return [
        Side(side.value, tuple(place for place in side.places if str(place) not in common) or side.places)
        for side in (first, second)
    ]


def _sides(difference: Difference) -> tuple[Side | None, Side | None]:
    return difference.first, difference.second


def _side_as_dict(side: Side) -> dict[str, Any]:
    places = [{"file": place.file, "line": place.line, "env": place.env} for place in side.places]
    return {"value": side.value, "places": places}


def _lines(difference: Difference, names: tuple[str, str], width: int) -> Iterator[str]:
    path = render_config_path(difference.config_type, difference.keys)
    yield f"{_SIGNS[difference.kind]} {path}"
    for name, side in zip(names, _sides(difference), strict=True):
        if side is not None:
            places = ", ".join(map(str, side.places))
            yield f"    {name:{width}}  {_short(side.value)}  ({places})"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."

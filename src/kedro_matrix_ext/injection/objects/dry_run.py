"""Finding, before anything is built, the blocks that building would fail at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.injection.objects.blocks import ARGS, is_block, read_block, read_plainly
from kedro_matrix_ext.injection.objects.instantiation import Place, decide, require_depth
from kedro_matrix_ext.injection.targets.resolution import resolve_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext._config_path import Key
    from kedro_matrix_ext.injection.objects.blocks import Block

__all__ = ["Fault", "find_faults"]


class Fault(NamedTuple):
    """One reason why a value cannot be built.

    Attributes:
        error: What building it would raise.
        keys: The path to what is at fault, from the root of its place.
        parameter: The parameter a node is given, as ``params:model``; None where that is not known.
    """

    error: InjectionError
    keys: tuple[Key, ...]
    parameter: str | None = None


def find_faults(value: Any, place: Place) -> Iterator[Fault]:
    """Find what ``build`` would raise for a value, without calling any target.

    Args:
        value: Any value.
        place: Where it is, and the rules.

    Yields:
        A fault per block that cannot be made; none where building would not fail before a target's own code
        runs.
    """
    try:
        require_depth(place)
        plain = read_plainly(value)
    except InjectionError as error:
        yield Fault(error, place.keys)
        return
    if type(plain) is dict:
        declares = is_block(plain, place.key)
        yield from _find_in_block(plain, place) if declares else _find_in_items(plain.items(), place)
    elif type(plain) is list or type(plain) is tuple:
        yield from _find_in_sequence(plain, place)


def _find_in_items(items: Iterable[tuple[Any, Any]], place: Place) -> Iterator[Fault]:
    for key, item in items:
        if key not in place.exclude:
            yield from find_faults(item, place.below(key))


def _find_in_sequence(items: Iterable[Any], place: Place) -> Iterator[Fault]:
    for index, item in enumerate(items):
        yield from find_faults(item, place.below(index))


def _find_in_block(mapping: dict[Any, Any], place: Place) -> Iterator[Fault]:
    """Look into a block's arguments, also where the block itself is at fault."""
    try:
        block = read_block(mapping, str(place))
    except InjectionError as error:
        yield Fault(error, place.keys)
        yield from _find_in_items(mapping.items(), place)
        return
    yield from _find_in_target(block, place)
    yield from _find_in_sequence(block.args, place.below(ARGS))
    yield from _find_in_items(block.kwargs.items(), place)


def _find_in_target(block: Block, place: Place) -> Iterator[Fault]:
    """Do with a block all that comes before building its arguments."""
    at = place.below(block.key)
    try:
        target = resolve_target(block.path, place.policy, str(at))
        at = place
        decide(target, block, str(place))
    except InjectionError as error:
        yield Fault(error, at.keys)

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

__all__ = ["Fault", "find_faults", "list_blocks"]


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
    for found in _walk(value, place):
        if isinstance(found, Fault):
            yield found
        else:
            yield from _find_in_target(*found)


def list_blocks(value: Any, place: Place) -> Iterator[tuple[Block, Place]]:
    """List the blocks that ``build`` would build, also those inside of others, with their places.

    Args:
        value: Any value.
        place: Where it is, and the rules.

    Yields:
        Each block that is well formed.
    """
    yield from (found for found in _walk(value, place) if not isinstance(found, Fault))


def _walk(value: Any, place: Place) -> Iterator[Fault | tuple[Block, Place]]:
    """Give each block in a value, and what keeps one from being read."""
    try:
        require_depth(place)
        plain = read_plainly(value)
    except InjectionError as error:
        yield Fault(error, place.keys)
        return
    if type(plain) is dict:
        declares = is_block(plain, place.key)
        yield from _walk_block(plain, place) if declares else _walk_items(plain.items(), place)
    elif type(plain) is list or type(plain) is tuple:
        yield from _walk_sequence(plain, place)


def _walk_items(items: Iterable[tuple[Any, Any]], place: Place) -> Iterator[Fault | tuple[Block, Place]]:
    for key, item in items:
        if key not in place.exclude:
            yield from _walk(item, place.below(key))


def _walk_sequence(items: Iterable[Any], place: Place) -> Iterator[Fault | tuple[Block, Place]]:
    for index, item in enumerate(items):
        yield from _walk(item, place.below(index))


def _walk_block(mapping: dict[Any, Any], place: Place) -> Iterator[Fault | tuple[Block, Place]]:
    """Look into a block's arguments, also where the block itself is at fault."""
    try:
        block = read_block(mapping, str(place))
    except InjectionError as error:
        yield Fault(error, place.keys)
        yield from _walk_items(mapping.items(), place)
        return
    yield block, place
    yield from _walk_sequence(block.args, place.below(ARGS))
    yield from _walk_items(block.kwargs.items(), place)


def _find_in_target(block: Block, place: Place) -> Iterator[Fault]:
    """Do with a block all that comes before building its arguments."""
    at = place.below(block.key)
    try:
        target = resolve_target(block.path, place.policy, str(at))
        at = place
        decide(target, block, str(place))
    except InjectionError as error:
        yield Fault(error, at.keys)

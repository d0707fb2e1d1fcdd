"""Finding, before a run, declared objects that cannot be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.injection.directives import is_block, read_block, read_plainly
from kedro_matrix_ext.injection.instantiation import Place, decide, read_names
from kedro_matrix_ext.injection.targets import Policy, resolve_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext._config_path import Key

__all__ = ["check_injected_objects"]


def check_injected_objects(
    tree: Any,  # noqa: ANN401  parameters may be anything
    *,
    config_type: str = "parameters",
    keys: Iterable[Key] = (),
    exclude_kwargs: Iterable[str] = (),
    allow: Iterable[str] | None = None,
) -> Iterator[Finding]:
    """Find declared objects that cannot be imported, are refused, or do not take the arguments given.

    Targets are imported, never called.

    Args:
        tree: Parameters, or a part of them.
        config_type: Where the tree comes from.
        keys: The path to the tree.
        exclude_kwargs: As of ``inject_object``.
        allow: As of ``inject_object``.

    Yields:
        A finding ``injected-object`` per block that cannot be made.

    Examples:
        >>> for found in check_injected_objects({"model": {"object": "math.pow", "args": [1, 2, 3]}}):
        ...     print(found.location, "-", found.message)
        parameters: model - 'math.pow' is given 1 positional argument too many; its signature is (x, y, /)
    """
    excluded = read_names(exclude_kwargs, "exclude_kwargs")
    yield from _check(tree, Place(config_type, Policy.read(allow), tuple(keys), excluded))


def _check(value: Any, place: Place) -> Iterator[Finding]:  # noqa: ANN401
    plain = read_plainly(value)
    if type(plain) is dict:
        if is_block(plain):
            yield from _check_block(plain, place)
        for key, item in plain.items():
            if key not in place.exclude:
                yield from _check(item, place.below(key))
    elif type(plain) is list or type(plain) is tuple:
        for index, item in enumerate(plain):
            yield from _check(item, place.below(index))


def _check_block(mapping: dict[Any, Any], place: Place) -> Iterator[Finding]:
    try:
        block = read_block(mapping, str(place))
        target = resolve_target(block.path, place.policy, str(place.below(block.key)))
        decide(target, block, str(place))
    except InjectionError as error:
        location = Location(config_path=error.config_path)
        yield finding("injected-object", error.message, fix=error.hint, location=location)

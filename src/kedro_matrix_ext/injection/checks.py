"""Finding, before a run, declared objects that cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.injection.directives import is_block, read_block, read_plainly
from kedro_matrix_ext.injection.instantiation import Place, decide, read_names
from kedro_matrix_ext.injection.targets import Policy, resolve_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext._config_path import Key

Locate = Callable[[tuple["Key", ...]], "Location | None"]

__all__ = ["check_injected_objects"]


def check_injected_objects(  # noqa: PLR0913  all but the tree are options
    tree: Any,  # noqa: ANN401  parameters may be anything
    *,
    config_type: str = "parameters",
    keys: Iterable[Key] = (),
    exclude_kwargs: Iterable[str] = (),
    allow: Iterable[str] | None = None,
    locate: Locate | None = None,
) -> Iterator[Finding]:
    """Find declared objects that cannot be imported, are refused, or do not take the arguments given.

    Targets are imported, never called.

    Args:
        tree: Parameters, or a part of them.
        config_type: Where the tree comes from.
        keys: The path to the tree.
        exclude_kwargs: As of ``inject_object``.
        allow: As of ``inject_object``.
        locate: Tells in which file a value stands, by its keys; a finding then says so, and where each
            keyword comes from that its target does not take.

    Yields:
        A finding ``injected-object`` per block that cannot be made.

    Examples:
        >>> for found in check_injected_objects({"model": {"object": "math.pow", "args": [1, 2, 3]}}):
        ...     print(found.location, "-", found.message)
        parameters: model - 'math.pow' is given 1 positional argument too many; its signature is (x, y, /)
    """
    excluded = read_names(exclude_kwargs, "exclude_kwargs")
    place = Place(config_type, Policy.read(allow), tuple(keys), excluded)
    for found_place, error in _find_errors(tree, place):
        yield _report(error, found_place, locate or _know_nothing)


def _find_errors(value: Any, place: Place) -> Iterator[tuple[Place, InjectionError]]:  # noqa: ANN401
    plain = read_plainly(value)
    if type(plain) is dict:
        if is_block(plain):
            yield from _try_block(plain, place)
        for key, item in plain.items():
            if key not in place.exclude:
                yield from _find_errors(item, place.below(key))
    elif type(plain) is list or type(plain) is tuple:
        for index, item in enumerate(plain):
            yield from _find_errors(item, place.below(index))


def _try_block(mapping: dict[Any, Any], place: Place) -> Iterator[tuple[Place, InjectionError]]:
    """Do with a block all that comes before building it."""
    at = place
    try:
        block = read_block(mapping, str(place))
        at = place.below(block.key)
        target = resolve_target(block.path, place.policy, str(at))
        at = place
        decide(target, block, str(place))
    except InjectionError as error:
        yield at, error


def _know_nothing(keys: tuple[Key, ...]) -> None:  # noqa: ARG001  where files are not known
    return None


def _report(error: InjectionError, place: Place, locate: Locate) -> Finding:
    location = replace(locate(place.keys) or Location(), config_path=error.config_path)
    known = ((name, locate((*place.keys, name))) for name in error.foreign)
    origins = "; ".join(
        f"{name!r} comes from {replace(origin, env=None)}" for name, origin in known if origin is not None
    )
    fix = " ".join(filter(None, [error.hint, f"{origins}." if origins else ""]))
    return finding("injected-object", error.message, fix=fix or None, location=location)

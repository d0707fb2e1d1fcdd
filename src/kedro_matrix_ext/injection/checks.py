"""Finding, before a run, declared objects that cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import InjectionError, RefusedTargetError
from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.injection.decorators.decoration import foresee_faults, list_arrangements
from kedro_matrix_ext.injection.decorators.inject_object import Injection
from kedro_matrix_ext.injection.objects.blocks import read_key
from kedro_matrix_ext.injection.objects.dry_run import find_faults
from kedro_matrix_ext.injection.objects.instantiation import Place, read_names
from kedro_matrix_ext.injection.targets.policy import Policy
from kedro_matrix_ext.injection.targets.resolution import resolve_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro_matrix_ext._config_path import Key
    from kedro_matrix_ext.injection.decorators.calls import Call
    from kedro_matrix_ext.injection.objects.blocks import Block
    from kedro_matrix_ext.injection.objects.dry_run import Fault

Locate = Callable[[tuple["Key", ...]], "Location | None"]

__all__ = ["Targets", "check_call", "check_injected_objects", "list_blocks", "list_targets"]


def check_injected_objects(  # noqa: PLR0913  all but the tree are options
    tree: Any,
    *,
    config_type: str = "parameters",
    keys: Iterable[Key] = (),
    exclude_kwargs: Iterable[str] = (),
    allow: Iterable[str] | None = None,
    key: str | None = None,
    locate: Locate | None = None,
) -> Iterator[Finding]:
    """Find declared objects that cannot be imported, are refused, or do not take the arguments given.

    It finds what ``instantiate`` would raise for the tree before any target is called. Targets are imported.

    Args:
        tree: Parameters, or a part of them.
        config_type: Where the tree comes from.
        keys: The path to the tree.
        exclude_kwargs: As of ``instantiate``.
        allow: As of ``instantiate``.
        key: As of ``instantiate``.
        locate: Finds in which file a value is, by its keys; a finding then says so, and where each
            keyword comes from that its target does not take.

    Yields:
        A finding ``injected-object`` per block that cannot be made.

    Examples:
        >>> for found in check_injected_objects({"model": {"object": "math.pow", "args": [1, 2, 3]}}):
        ...     print(found.location, "-", found.message)
        parameters: model - 'math.pow' is given 1 positional argument too many; its signature is (x, y, /)
    """
    excluded = read_names(exclude_kwargs, "exclude_kwargs")
    place = Place(config_type, Policy.read(allow), tuple(keys), excluded, read_key(key))
    for fault in find_faults(tree, place):
        yield _report(fault, config_type, locate or _know_nothing)


def check_call(
    function: Callable[..., Any], call: Call, *, locate: Locate | None = None
) -> Iterator[Finding]:
    """Find what a node's decorators would raise for the parameters it is given.

    What they leave alone is not looked at, so nothing is found for a function that is not decorated.

    Args:
        function: The node's function.
        call: What is known of the call.
        locate: As of ``check_injected_objects``.

    Yields:
        A finding ``injected-object`` per block that cannot be made, with the parameter as its dataset.

    Examples:
        >>> from kedro_matrix_ext import inject_object
        >>> from kedro_matrix_ext.injection.decorators.calls import Call, Given
        >>> block = Given({"object": "math.pow", "args": [1, 2, 3]}, "params:model", ("model",))
        >>> train = inject_object(only=["model"])(lambda model, table: None)
        >>> [found.dataset for found in check_call(train, Call((block, block), {}))]
        ['params:model']
    """
    for fault in foresee_faults(function, call):
        place = _know_nothing if locate is None or fault.parameter is None else locate
        yield replace(_report(fault, "parameters", place), dataset=fault.parameter)


class Targets(NamedTuple):
    """What a node's decorators would build.

    Attributes:
        paths: The import paths of the targets, as written.
        unlisted: Whether a decorator has no ``allow=``.
    """

    paths: frozenset[str]
    unlisted: bool


def list_targets(function: Callable[..., Any], call: Call) -> Targets:
    """List the targets that a node's decorators would use for the parameters it is given.

    What would be refused is left out, and what cannot be imported though its library is installed.

    Examples:
        >>> from kedro_matrix_ext import inject_object
        >>> from kedro_matrix_ext.injection.decorators.calls import Call, Given
        >>> model = Given([{"object": "math.pi"}, {"object": "os.system"}])
        >>> list_targets(inject_object()(len), Call((model,), {}))
        Targets(paths=frozenset({'math.pi'}), unlisted=True)
    """
    blocks = list_blocks(function, call)
    paths = frozenset(block.path for block, place in blocks if _may_be_built(block.path, place))
    return Targets(paths, unlisted=any(each.allow is None for each, _ in _list_injections(function, call)))


def list_blocks(function: Callable[..., Any], call: Call) -> Iterator[tuple[Block, Place]]:
    """List the blocks that a node's decorators would build, outer ones first; nothing is imported."""
    for injection, received in _list_injections(function, call):
        yield from injection.list_blocks(received)


def _list_injections(function: Callable[..., Any], call: Call) -> Iterator[tuple[Injection, Call]]:
    for arrangement, received, _ in list_arrangements(function, call):
        if isinstance(arrangement, Injection):
            yield arrangement, received


def _may_be_built(path: str, place: Place) -> bool:
    try:
        resolve_target(path, place.policy, str(place))
    except RefusedTargetError:
        return False
    except InjectionError as error:
        return _find_missing_library(error) is not None
    return True


def _know_nothing(keys: tuple[Key, ...]) -> None:  # noqa: ARG001  where files are not known
    return None


def _report(fault: Fault, config_type: str, locate: Locate) -> Finding:
    error = fault.error
    path = error.config_path or render_config_path(config_type, fault.keys)
    known = ((name, locate((*fault.keys, name))) for name in error.foreign)
    origins = "; ".join(
        f"{name!r} comes from {replace(origin, env=None)}" for name, origin in known if origin is not None
    )
    return finding(
        "injected-object",
        error.message,
        fix=" ".join(filter(None, [error.hint, f"{origins}." if origins else ""])) or None,
        location=replace(locate(fault.keys) or Location(), config_path=path),
        library=_find_missing_library(error),
    )


def _find_missing_library(error: BaseException | None) -> str | None:
    """Return the library whose import failed, if that is why an object cannot be made."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and error.name:
            library = error.name.partition(".")[0]
            return library if find_spec(library) is None else None
        error = error.__cause__
    return None

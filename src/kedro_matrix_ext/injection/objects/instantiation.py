"""Building the objects that a configuration declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._containers import copy_containers
from kedro_matrix_ext._known_secrets import remember_secrets, scrub
from kedro_matrix_ext._secrets import is_secret_name
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.injection.objects.blocks import (
    PARTIAL,
    Block,
    container_types,
    is_block,
    read_block,
    read_key,
    read_plainly,
)
from kedro_matrix_ext.injection.objects.signatures import (
    ArgumentMismatch,
    find_mismatch,
    read_signature,
    shorten,
)
from kedro_matrix_ext.injection.targets.policy import Policy
from kedro_matrix_ext.injection.targets.resolution import judge_argument, judge_result, resolve_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from inspect import Signature

    from kedro_matrix_ext._config_path import Key

__all__ = [
    "Action",
    "Place",
    "build",
    "build_trusted",
    "decide",
    "instantiate",
    "read_names",
    "require_depth",
]


class Action(Enum):
    """What a target becomes."""

    HAND_OVER = "passed as it is"
    CALL = "called"
    PARTIAL = "made a partial"


@dataclass(frozen=True)
class Place:
    """Where in the configuration a value is, and by which rules it is built.

    Attributes:
        root: What the path starts from: ``parameters``, ``argument 'model'``.
        keys: The path from there.
        policy: Which targets are let through.
        exclude: Keys whose values are left as they are.
        key: The only key that declares objects; None for ``object`` and ``_object``.
    """

    root: str
    policy: Policy
    keys: tuple[Key, ...] = ()
    exclude: frozenset[str] = field(default_factory=frozenset)
    key: str | None = None

    def __str__(self) -> str:
        return render_config_path(self.root, self.keys)

    def below(self, *keys: Key) -> Place:
        """Name the place of a value inside of this one."""
        return Place(self.root, self.policy, (*self.keys, *keys), self.exclude, self.key)


def instantiate(
    config: Any,
    *,
    exclude_kwargs: Iterable[str] = (),
    allow: Iterable[str] | None = None,
    key: str | None = None,
    config_path: str = "config",
) -> Any:
    """Build the objects that a configuration declares, for use outside of nodes.

    Args:
        config: A block with ``object:``, or dicts, lists and tuples that hold such blocks. It is not changed.
        exclude_kwargs: Keys whose values are left as they are, at any depth.
        allow: The targets that may be used: exact import paths, or packages with a star, as
            ``sklearn.linear_model.*``. A target on the deny-list must be named exactly.
        key: ``"_object"`` where ``object`` is a key of the data; by default both declare objects.
        config_path: What the configuration is called in messages.

    Returns:
        The object, or equal containers with objects in place of the blocks.

    Raises:
        InjectionError: If an option or a block is malformed, a target cannot be imported or does not take the
            arguments given, or its code raises (then the cause is that error).
        RefusedTargetError: If a target is refused or not allowed.

    Examples:
        >>> instantiate({"object": "datetime.date", "year": 2024, "month": 2, "day": 29})
        datetime.date(2024, 2, 29)
        >>> instantiate([{"object": "math.pow", "args": [2, 3]}, {"object": "math.pi"}])
        [8.0, 3.141592653589793]
    """
    names = read_names(exclude_kwargs, "exclude_kwargs")
    return build(config, Place(config_path, Policy.read(allow), exclude=names, key=read_key(key)))


def read_names(names: Iterable[str], option: str) -> frozenset[str]:
    """Read an option that lists names.

    Args:
        names: The names.
        option: The option, for messages.

    Returns:
        The names.

    Raises:
        InjectionError: If it is one string, whose letters are hardly meant.
    """
    if isinstance(names, str):
        raise InjectionError(f"{option}={names!r} is a string", hint=f"Write {option}=[{names!r}].")
    return frozenset(names)


def build(value: Any, place: Place) -> Any:
    """Build a value: copies of plain containers, objects for blocks, anything else as it is.

    Args:
        value: Any value.
        place: Where it is, and the rules.

    Returns:
        What was built.

    Raises:
        InjectionError: As ``instantiate``.
    """
    require_depth(place)
    plain = read_plainly(value)
    if type(plain) is dict:
        if is_block(plain, place.key):
            return _build_block(read_block(plain, str(place)), place)
        return _build_items(plain, place)
    if type(plain) is list or type(plain) is tuple:
        return type(plain)(_build_sequence(plain, place))
    return plain


def build_trusted(
    value: Any, place: Place, is_trusted: Callable[[object], bool], above: frozenset[int] = frozenset()
) -> Any:
    """Build those containers in a value that are trusted; return the value itself if there are none.

    Args:
        value: Any value.
        place: Its place, and the rules.
        is_trusted: Whether a container and all that it holds may declare objects.
        above: The containers that hold the value, by ``id``.

    Raises:
        InjectionError: As ``build``, for what is trusted.
    """
    if type(value) not in container_types() or id(value) in above:
        return value
    if is_trusted(value):
        return build(value, place)
    if type(value) not in (dict, list, tuple):
        return value
    inside = above | {id(value)}
    items = list(value.items() if type(value) is dict else enumerate(value))
    built = [build_trusted(item, place.below(key), is_trusted, inside) for key, item in items]
    if all(new is old for new, (_, old) in zip(built, items, strict=True)):
        return value
    return dict(zip(value, built, strict=True)) if type(value) is dict else type(value)(built)


def require_depth(place: Place) -> None:
    """Reject what is deeper than configuration can be.

    Args:
        place: Where a value is.

    Raises:
        InjectionError: If it is too deep.
    """
    if len(place.keys) > _MAX_DEPTH:
        raise InjectionError(
            "this is nested too deeply, or holds itself",
            config_path=render_config_path(place.root, place.keys[:3]),
            hint="Write it flat, or without the reference to itself.",
        )


_MAX_DEPTH = 150  # deeper than configuration can be, and well within Python's own depth
_SCALARS = frozenset({str, int, float, bool, type(None)})  # most items are, and need no separate path


def _build_items(items: dict[Any, Any], place: Place) -> dict[Any, Any]:
    return {
        key: item if type(item) in _SCALARS else _build_item(key, item, place) for key, item in items.items()
    }


def _build_item(key: Key, item: Any, place: Place) -> Any:
    return copy_containers(item, read_plainly) if key in place.exclude else build(item, place.below(key))


def _build_sequence(items: Iterable[Any], place: Place) -> list[Any]:
    return [
        item if type(item) in _SCALARS else build(item, place.below(index))
        for index, item in enumerate(items)
    ]


def _build_block(block: Block, place: Place) -> Any:
    target = resolve_target(block.path, place.policy, str(place.below(block.key)))
    action = decide(target, block, str(place))
    if action is Action.HAND_OVER:
        return target
    args = _build_sequence(block.args, place.below("args"))
    kwargs = _build_items(block.kwargs, place)
    judge_argument([*args, *kwargs.values()], block.path, place.policy, str(place))
    if action is Action.PARTIAL:
        return partial(target, *args, **kwargs)
    built = _call(target, args, kwargs, block.path, str(place))
    judge_result(built, block.path, place.policy, str(place))
    return built


def _call(target: Any, args: list[Any], kwargs: dict[str, Any], path: str, config_path: str) -> Any:
    """Call a target whose arguments are known to fit; what its own code raises is the cause of our error."""
    try:
        return target(*args, **kwargs)
    except Exception as error:
        remember_secrets(value for name, value in kwargs.items() if is_secret_name(name))
        raise InjectionError(
            f"{path!r} raised {type(error).__name__}: {shorten(scrub(str(error)))}",
            config_path=config_path,
            target=path,
        ) from error


def decide(target: object, block: Block, config_path: str) -> Action:
    """Decide what a target becomes, from its kind and signature; nothing is called.

    Args:
        target: What the block's path leads to.
        block: The block.
        config_path: Where it is, for messages.

    Returns:
        What it becomes.

    Raises:
        InjectionError: If the arguments given do not fit, or arguments are given where none can be used.
    """
    if block.instantiate is False or not callable(target):
        _require_no_arguments(target, block, config_path)
        return Action.HAND_OVER
    is_class = isinstance(target, type)
    if block.instantiate is None and not is_class and not block.has_arguments:
        return Action.HAND_OVER
    signature = read_signature(target)
    mismatch = (
        ArgumentMismatch()
        if signature is None
        else find_mismatch(signature, len(block.args), list(block.kwargs))
    )
    if mismatch.is_wrong:
        raise _mismatch_error(mismatch, signature, block, config_path)
    if block.instantiate == PARTIAL:
        return Action.PARTIAL
    if not mismatch.missing:
        return Action.CALL
    if block.instantiate is True or is_class:
        raise _mismatch_error(mismatch, signature, block, config_path)
    return Action.PARTIAL


def _require_no_arguments(target: object, block: Block, config_path: str) -> None:
    if block.instantiate is not False and block.instantiate is not None:
        raise InjectionError(
            f"{block.path!r} is of type {type(target).__name__!r}, which cannot be called",
            config_path=config_path,
            target=block.path,
            hint="Leave 'instantiate' out to get the value itself.",
        )
    if block.has_arguments:
        reason = "'instantiate' is false" if callable(target) else f"it is of type {type(target).__name__!r}"
        given = [*(["args"] if block.args else []), *block.kwargs]
        raise InjectionError(
            f"{block.path!r} is not called ({reason}), but arguments are given: "
            f"{', '.join(map(repr, given))}",
            config_path=config_path,
            target=block.path,
            hint="Remove the arguments, or 'instantiate: false'.",
        )


def _mismatch_error(
    mismatch: ArgumentMismatch, signature: Signature | None, block: Block, config_path: str
) -> InjectionError:
    return InjectionError(
        f"{block.path!r} {mismatch}; its signature is {shorten(str(signature))}",
        config_path=config_path,
        target=block.path,
        hint=_mismatch_hint(mismatch, signature) or None,
        foreign=mismatch.unknown,
    )


def _mismatch_hint(mismatch: ArgumentMismatch, signature: Signature | None) -> str:
    names = list(signature.parameters) if signature is not None else []
    questions = [did_you_mean(name, names) for name in mismatch.unknown]
    advice = (
        "Arguments of another object stay where one block is merged over another. Choose a whole block, as "
        "in 'model: ${_estimators.forest}', at a key that is not merged, or merge with 'merge_shallow'."
        if not all(questions)
        else ""
    )
    return " ".join(filter(None, [*dict.fromkeys(questions), advice]))

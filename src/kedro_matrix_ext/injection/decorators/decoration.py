"""Wrapping a node function so that Kedro, pickle and readers still see the function itself."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter
from typing import TYPE_CHECKING, Any, Protocol

from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.injection.decorators.calls import open_callable
from kedro_matrix_ext.injection.decorators.kedro_validation import show_hints
from kedro_matrix_ext.injection.objects.signatures import loose_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext.injection.decorators.calls import Call
    from kedro_matrix_ext.injection.objects.dry_run import Fault

__all__ = [
    "Arrangement",
    "ParameterNames",
    "foresee_faults",
    "function_name",
    "list_arrangements",
    "wrap_function",
]


class Arrangement(Protocol):
    """What a decorator does to the arguments of each call."""

    def transform(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Give the arguments that the function is to receive, leaving the caller's own unchanged."""
        ...

    def handles(self, name: str, value: object) -> bool:
        """Return whether a raw parameter is not for Kedro to validate, since it is arranged first."""
        ...

    def predict_errors(self, call: Call) -> tuple[Call, list[Fault]]:
        """Return what ``transform`` would raise for a call, and what the function would be given."""
        ...


@dataclass(frozen=True)
class Wrapping:
    """What a wrapper keeps of how it was made.

    Attributes:
        function: The function that is wrapped.
        arrangement: What is done to its arguments.
    """

    function: Callable[..., Any]
    arrangement: Arrangement


_WRAPPING = "__kedro_matrix_wrapping__"


def wrap_function(
    function: Callable[..., Any], arrangement: Arrangement, *, keeps_arguments: bool = True
) -> Callable[..., Any]:
    """Put an arrangement of arguments before a function.

    Args:
        function: A function or a generator function.
        arrangement: What is done to the arguments.
        keeps_arguments: Whether the arguments given are those the function takes, so that Kedro may check
            their number against its signature when a node is made.

    Returns:
        A function of the same kind, name, signature and pickle.

    Raises:
        InjectionError: If the function is asynchronous; no Kedro runner awaits a node.
    """
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise InjectionError(
            f"{function_name(function)!r} is asynchronous, and no Kedro runner awaits a node",
            hint="Decorate a plain function that runs it, as with asyncio.run(...).",
        )
    make = _wrap_generator if inspect.isgeneratorfunction(function) else _wrap_plain
    wrapper = make(function, arrangement)
    setattr(wrapper, _WRAPPING, Wrapping(function, arrangement))
    if keeps_arguments:
        _state_signature(wrapper, function)
    else:
        vars(wrapper).pop("__signature__", None)  # copied from a function that is decorated already
    show_hints(wrapper, function, arrangement.handles)
    return wrapper


def foresee_faults(function: Callable[..., Any], call: Call) -> Iterator[Fault]:
    """Find what our decorators would raise if a function were called.

    Args:
        function: Any callable, decorated or not.
        call: What is known of the call.

    Yields:
        A fault per block that cannot be made; none for a function that is not decorated.
    """
    for _, _, faults in list_arrangements(function, call):
        yield from faults


def list_arrangements(
    function: Callable[..., Any], call: Call
) -> Iterator[tuple[Arrangement, Call, list[Fault]]]:
    """List what our decorators do to a call, the outermost first.

    ``functools.wraps`` carries what a wrapper keeps to the wrappers of other decorators around it, which are
    taken to hand their arguments on as they are.

    Args:
        function: Any callable, decorated or not.
        call: What is known of the call.

    Yields:
        Each arrangement with the call that it receives, and what it would raise.
    """
    function, call = open_callable(function, call)
    wrapping = getattr(function, _WRAPPING, None)
    if isinstance(wrapping, Wrapping):
        passed_on, faults = wrapping.arrangement.predict_errors(call)
        yield wrapping.arrangement, call, faults
        yield from list_arrangements(wrapping.function, passed_on)


def _wrap_plain(function: Callable[..., Any], arrangement: Arrangement) -> Callable[..., Any]:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = arrangement.transform(args, kwargs)
        return function(*args, **kwargs)

    return wrapper


def _wrap_generator(function: Callable[..., Any], arrangement: Arrangement) -> Callable[..., Any]:
    """Kedro saves chunk by chunk only what it can see to be a generator function."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = arrangement.transform(args, kwargs)
        return (yield from function(*args, **kwargs))

    return wrapper


def _state_signature(wrapper: Callable[..., Any], function: Callable[..., Any]) -> None:
    """State the signature for Kedro, which reads it without following ``__wrapped__``.

    A function that is itself a loose wrapper stays loose: its own arguments may differ from those that the
    innermost function takes.
    """
    if not hasattr(function, "__wrapped__") or hasattr(function, "__signature__"):
        wrapper.__signature__ = loose_signature(function, follow_wrapped=False)  # type: ignore[attr-defined]


def function_name(function: Callable[..., Any]) -> str:
    """Name a function in messages.

    Args:
        function: Any callable.

    Returns:
        Its qualified name; what it prints as where it has none, as a ``functools.partial``.
    """
    return str(getattr(function, "__qualname__", repr(function)))


@dataclass(frozen=True)
class ParameterNames:
    """What a function's arguments are called.

    Attributes:
        positional: Those that can be given by position, in order.
        keyword_only: Those that cannot.
        rest: What the further positional ones are called, as in ``*rest``.

    Examples:
        >>> names = ParameterNames.read(lambda frame, *rest, model: None)
        >>> names.at(0), names.at(2), "model" in names
        ('frame', 'rest[1]', True)
    """

    positional: tuple[str, ...]
    keyword_only: tuple[str, ...]
    rest: str

    @classmethod
    def read(cls, function: Callable[..., Any]) -> ParameterNames:
        """Read them from a function's signature."""
        parameters = loose_signature(function).parameters.values()

        def names(*kinds: object) -> tuple[str, ...]:
            return tuple(parameter.name for parameter in parameters if parameter.kind in kinds)

        positional = names(Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        return cls(positional, names(Parameter.KEYWORD_ONLY), "".join(names(Parameter.VAR_POSITIONAL)))

    def __iter__(self) -> Iterator[str]:
        return iter((*self.positional, *self.keyword_only))

    def at(self, index: int) -> str:
        """Name the argument given at a position, from 0."""
        beyond = index - len(self.positional)
        return self.positional[index] if beyond < 0 else f"{self.rest}[{beyond}]"

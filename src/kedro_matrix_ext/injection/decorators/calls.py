"""A call of a node function before it is made: what is known of its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from inspect import getattr_static
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext._config_path import Key

__all__ = ["UNKNOWN", "Call", "Given", "open_callable"]


@dataclass(frozen=True)
class Given:
    """One argument of a call.

    Attributes:
        value: Its value; an object of no meaning where it is not known before the run.
        parameter: The parameter it is, or is a part of, as ``params:model``; None for other values.
        keys: The path to it, from the top of the parameters.
    """

    value: Any
    parameter: str | None = None
    keys: tuple[Key, ...] = ()

    def below(self, keys: tuple[Key, ...], value: object) -> Given:
        """Give a part of this argument as an argument."""
        return Given(value, self.parameter, (*self.keys, *keys))


UNKNOWN = Given(object())


@dataclass(frozen=True)
class Call:
    """The arguments of a call.

    Attributes:
        args: Those given by position.
        kwargs: Those given by keyword.
    """

    args: tuple[Given, ...]
    kwargs: dict[str, Given]

    def items(self) -> Iterator[tuple[str, Given]]:
        """List the arguments with their keywords; a positional one has an empty keyword."""
        yield from (("", given) for given in self.args)
        yield from self.kwargs.items()

    def behind(self, other: Call) -> Call:
        """Put another call's arguments before these, as a partial does; of two for one keyword, these win."""
        return Call((*other.args, *self.args), {**other.kwargs, **self.kwargs})


def open_callable(function: Callable[..., Any], call: Call) -> tuple[Callable[..., Any], Call]:
    """Find the function that a call comes down to, and with which arguments.

    Args:
        function: A function, a partial, a bound method, or an object that can be called.
        call: A call of it.

    Returns:
        The function inside, and the call that it receives.

    Examples:
        >>> inner, call = open_callable(partial(divmod, 7), Call((UNKNOWN,), {}))
        >>> inner, call.args[0].value, len(call.args)
        (<built-in function divmod>, 7, 2)
    """
    if isinstance(function, partial):
        named = {name: Given(value) for name, value in function.keywords.items()}
        return open_callable(function.func, call.behind(Call(tuple(map(Given, function.args)), named)))
    if isinstance(function, MethodType):
        return open_callable(function.__func__, call.behind(Call((Given(function.__self__),), {})))
    method = getattr_static(type(function), "__call__", None)
    if isinstance(method, FunctionType) and not hasattr(function, "__wrapped__"):  # else it stands for that
        return method, call.behind(Call((Given(function),), {}))
    return function, call

"""The decorator that spreads dictionaries with the key ``unpack`` into keyword arguments."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.injection.decorators.calls import UNKNOWN, Call
from kedro_matrix_ext.injection.decorators.decoration import ParameterNames, function_name, wrap_function
from kedro_matrix_ext.injection.decorators.running_node import running_node, watch_nodes
from kedro_matrix_ext.injection.objects.blocks import UNPACK, read_plainly
from kedro_matrix_ext.injection.objects.dry_run import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext.injection.decorators.calls import Given
    from kedro_matrix_ext.injection.decorators.running_node import NodeInputs

__all__ = ["unpack_params"]

_LOGGER = logging.getLogger(__name__)

R = TypeVar("R")


def unpack_params() -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Decorate a node function, so that a dictionary with the key ``unpack`` arrives as keyword arguments.

    The content of ``unpack`` and its siblings are spread alike. The dictionary may be given by position or
    by keyword; a keyword that is itself called ``unpack`` is spread, too. In a node's run, only parameters
    are spread: a dataset's value is data and passes untouched. Called directly, all are.

    Returns:
        The decorator. Kedro cannot check the number of a node's inputs, since one dictionary may stand for
        many arguments.

    Raises:
        InjectionError: When the function is called: if an argument is given twice, a name is not a string, or
            ``unpack`` holds no dictionary.

    Examples:
        >>> @unpack_params()
        ... def area(width, height):
        ...     return width * height
        >>> area({"unpack": {"width": 3}, "height": 4})
        12
    """

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        unpacking = _Unpacking(function, ParameterNames.read(function))
        watch_nodes()
        return wrap_function(function, unpacking, keeps_arguments=False)

    return decorate


@dataclass(frozen=True)
class _Unpacking:
    """What is spread for one function.

    Attributes:
        function: The function.
        parameters: The names of its parameters.
    """

    function: Callable[..., Any]
    parameters: ParameterNames

    def transform(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Keep what is not a dictionary to spread, then spread the others; of a node's inputs, parameters."""
        if not any(self.handles(name, value) for name, value in _list_arguments(args, kwargs)):
            return args, kwargs
        inputs = running_node()
        trusts_all = inputs is None or inputs.all_are_parameters(self.function)
        given = [
            (name, value, self.handles(name, value) and (trusts_all or self._is_parameter(value, inputs)))
            for name, value in _list_arguments(args, kwargs)
        ]
        positional = tuple(value for _, value, is_spread in given[: len(args)] if not is_spread)
        named = {name: value for name, value, is_spread in given[len(args) :] if not is_spread}
        taken = {*self.parameters.positional[: len(positional)], *named}
        for name, value, is_spread in given:
            for keys, item in self._spread(name, value) if is_spread else ():
                self._claim(keys[-1], taken)
                named[keys[-1]] = item
        return positional, named

    def _is_parameter(self, value: object, inputs: NodeInputs | None) -> bool:
        """Return whether a node received a value as a parameter; warn of data that is not spread."""
        if inputs is None or inputs.is_trusted(value) or type(read_plainly(value)) is not dict:
            return True
        dataset = inputs.name_of(value)
        _LOGGER.warning(
            "Node %r receives 'unpack:' in %s, which is not a parameter, so it is passed as data.",
            inputs.node,
            "a value of another decorator" if dataset is None else f"the dataset {dataset!r}",
        )
        return False

    def handles(self, name: str, value: object) -> bool:
        """Return whether a value is spread, so that it is not for Kedro to validate as one argument."""
        plain = read_plainly(value)
        return self._is_unpack(name) or (type(plain) is dict and UNPACK in plain)

    def predict_errors(self, call: Call) -> tuple[Call, list[Fault]]:
        """Spread what is known; an ``unpack`` that is not known may give any further keyword."""
        named = {name: given for name, given in call.kwargs.items() if self._is_known(name, given)}
        spread = [
            (name, given) for name, given in Call(call.args, named).items() if self.handles(name, given.value)
        ]
        try:
            self.transform(
                tuple(given.value for given in call.args),
                {name: given.value for name, given in named.items()},
            )
        except InjectionError as error:
            first = spread[0][1]
            return Call((), {}), [Fault(error, first.keys, first.parameter)]
        args = tuple(given for given in call.args if not self.handles("", given.value))
        kept = {name: given for name, given in named.items() if not self.handles(name, given.value)}
        parts = {
            keys[-1]: given.below(keys, item)
            for name, given in spread
            for keys, item in self._spread(name, given.value)
        }
        return Call(args, kept | parts), []

    def _is_known(self, name: str, given: Given) -> bool:
        return not (self._is_unpack(name) and given is UNKNOWN)

    def _spread(self, name: str, value: object) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """List what a dictionary holds under ``unpack``, then that key's siblings, each with its path."""
        bare = self._is_unpack(name)
        plain = {UNPACK: value} if bare else read_plainly(value)
        inner = read_plainly(plain[UNPACK])
        if type(inner) is not dict:
            raise InjectionError(
                f"'unpack' holds {inner!r} for {function_name(self.function)!r}, which is not a dictionary",
                hint="Put the arguments under 'unpack', a name each.",
            )
        yield from (((key,) if bare else (UNPACK, key), item) for key, item in inner.items())
        yield from (((key,), item) for key, item in plain.items() if key != UNPACK)

    def _is_unpack(self, name: str) -> bool:
        return name == UNPACK and UNPACK not in self.parameters

    def _claim(self, key: Any, taken: set[str]) -> None:
        if key in taken or not isinstance(key, str):
            what = "is given twice" if key in taken else "is not named by a string"
            raise InjectionError(
                f"argument {key!r} of {function_name(self.function)!r} {what}",
                hint="Each argument is named once, among the node's inputs or under 'unpack'.",
            )
        taken.add(key)


def _list_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """List arguments with their keywords; a positional one has an empty keyword."""
    yield from (("", value) for value in args)
    yield from kwargs.items()

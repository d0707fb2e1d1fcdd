"""The decorator that spreads dictionaries with the key ``unpack`` into keyword arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.injection.directives import UNPACK, read_plainly
from kedro_matrix_ext.injection.wrapping import parameter_names, wrap_function

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["unpack_params"]

F = TypeVar("F", bound="Callable[..., Any]")


def unpack_params() -> Callable[[F], F]:
    """Decorate a node function, so that a dictionary with the key ``unpack`` arrives as keyword arguments.

    What stands under ``unpack`` and its siblings are spread alike. The dictionary may be given by position or
    by keyword; a keyword that is itself called ``unpack`` is spread, too.

    Returns:
        The decorator. Kedro cannot check the number of a node's inputs, since one dictionary may stand for
        many arguments.

    Raises:
        InjectionError: When the function is called: if an argument is given twice, a name is no string, or
            ``unpack`` holds no dictionary.

    Examples:
        >>> @unpack_params()
        ... def area(width, height):
        ...     return width * height
        >>> area({"unpack": {"width": 3}, "height": 4})
        12
    """

    def decorate(function: F) -> F:
        takes_unpack = UNPACK in parameter_names(function)
        unpacking = _Unpacking(function.__qualname__, takes_unpack)
        return wrap_function(function, unpacking, keeps_arguments=False)  # type: ignore[return-value]  # alike

    return decorate


@dataclass(frozen=True)
class _Unpacking:
    """What is spread for one function.

    Attributes:
        function: Its name, for messages.
        takes_unpack: Whether it takes an argument called ``unpack`` itself, which is then not spread.
    """

    function: str
    takes_unpack: bool

    def arrange(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Keep what is no dictionary to spread, then spread the others."""
        positional = tuple(value for value in args if not self.passes_over("", value))
        named = {name: value for name, value in kwargs.items() if not self.passes_over(name, value)}
        for value in args:
            if self.passes_over("", value):
                self._spread(read_plainly(value), named)
        for name, value in kwargs.items():
            if name not in named:
                self._spread({UNPACK: value} if name == UNPACK else read_plainly(value), named)
        return positional, named

    def passes_over(self, name: str, value: object) -> bool:
        """Tell whether a value is spread, so that it is not for Kedro to validate as one argument."""
        if name == UNPACK and not self.takes_unpack:
            return True
        plain = read_plainly(value)
        return type(plain) is dict and UNPACK in plain

    def _spread(self, value: dict[Any, Any], named: dict[str, Any]) -> None:
        inner = read_plainly(value[UNPACK])
        siblings = {name: item for name, item in value.items() if name != UNPACK}
        for part in ({} if inner is None else inner, siblings):
            self._add(part, named)

    def _add(self, part: Any, named: dict[str, Any]) -> None:  # noqa: ANN401
        if type(part) is not dict:
            raise InjectionError(
                f"'unpack' holds {part!r} for {self.function!r}, which is no dictionary",
                hint="Put the arguments under 'unpack', a name each.",
            )
        for name, item in part.items():
            if name in named or not isinstance(name, str):
                what = "is given twice" if name in named else "is no name"
                raise InjectionError(
                    f"argument {name!r} of {self.function!r} {what}",
                    config_path=f"argument {name!r}",
                    hint="Each argument is named once, among the node's inputs or under 'unpack'.",
                )
            named[name] = item

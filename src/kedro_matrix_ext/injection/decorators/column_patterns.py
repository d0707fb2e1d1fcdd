"""The decorator that selects columns of a table by patterns."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import ColumnPatternError, InjectionError
from kedro_matrix_ext.injection.decorators.decoration import ParameterNames, function_name, wrap_function
from kedro_matrix_ext.injection.objects.dry_run import Fault
from kedro_matrix_ext.injection.objects.signatures import loose_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from inspect import Signature

    from kedro_matrix_ext.injection.decorators.calls import Call

__all__ = ["make_list_regexable"]

F = TypeVar("F", bound="Callable[..., Any]")

_LOGGER = logging.getLogger(__name__)


def make_list_regexable(
    source_df: str | None = None,
    make_regexable_kwarg: str | None = None,
    raise_exc: bool = False,  # noqa: FBT001, FBT002  as the decorators take it that this one replaces
) -> Callable[[F], F]:
    """Decorate a node function, so that a list of patterns arrives as the columns they match.

    A pattern selects the columns it matches as a whole. The patterns' order is kept, and within a pattern the
    table's; a column that several match comes once.

    Args:
        source_df: The argument that holds the table: anything with ``columns`` (pandas, polars, Spark).
        make_regexable_kwarg: The argument that holds the list of patterns. Where none is named, or it is
            None, nothing is done.
        raise_exc: Whether a pattern that matches nothing is an error instead of a warning in the log.

    Returns:
        The decorator.

    Raises:
        ColumnPatternError: When the function is called: if it does not take one of the two arguments, a
            pattern is malformed, none matches, or, with ``raise_exc``, one does not. It is a ValueError, too.

    Examples:
        >>> from types import SimpleNamespace
        >>> @make_list_regexable(source_df="frame", make_regexable_kwarg="features")
        ... def select(frame, features):
        ...     return features
        >>> select(SimpleNamespace(columns=["id", "f_1", "f_2"]), ["f_2", "f_.*"])
        ['f_2', 'f_1']
    """

    def decorate(function: F) -> F:
        selection = _Selection(function, source_df, make_regexable_kwarg, raise_exc)
        return wrap_function(function, selection)  # type: ignore[return-value]  # a function just like it

    return decorate


@dataclass(frozen=True)
class _Selection:
    """Which columns are selected for one function.

    Attributes:
        function: The function.
        table: The argument with the table.
        patterns: The argument with the patterns.
        strict: Whether each pattern must match.
    """

    function: Callable[..., Any]
    table: str | None
    patterns: str | None
    strict: bool

    @cached_property
    def _signature(self) -> Signature:
        return loose_signature(self.function)

    def transform(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Put the selected columns in place of the patterns."""
        self._require_arguments()
        bound = self._signature.bind(*args, **kwargs)
        patterns = None if self.patterns is None else bound.arguments.get(self.patterns)
        if patterns is None or self.table not in bound.arguments:
            return args, kwargs
        columns = self._columns_of(bound.arguments[str(self.table)])
        bound.arguments[str(self.patterns)] = self._select(columns, patterns)
        return bound.args, bound.kwargs

    def _require_arguments(self) -> None:
        """Refuse names of arguments that the function does not take."""
        names = list(ParameterNames.read(self.function))
        for option, name in (("source_df", self.table), ("make_regexable_kwarg", self.patterns)):
            if name not in names and (name is not None or option == "source_df"):
                raise ColumnPatternError(
                    f"{function_name(self.function)!r} does not take an argument {name!r}",
                    hint=did_you_mean(str(name), names) or f"Correct {option} of @make_list_regexable.",
                )

    def _columns_of(self, table: Any) -> Any:
        if not hasattr(table, "columns"):
            raise InjectionError(
                f"{type(table).__name__!r} has no columns to select from",
                config_path=f"argument {self.table!r}",
                hint="'source_df' names the argument with the table.",
            )
        return table.columns

    def handles(self, name: str, value: object) -> bool:  # noqa: ARG002  as the protocol has it
        """Leave all validation to Kedro."""
        return False

    def predict_errors(self, call: Call) -> tuple[Call, list[Fault]]:
        """Find misnamed arguments; which columns a table has is not known before the run."""
        try:
            self._require_arguments()
        except ColumnPatternError as error:
            return call, [Fault(error, ())]
        return call, []

    def _select(self, columns: Any, patterns: Any) -> list[Any]:
        if isinstance(patterns, str):
            raise ColumnPatternError(
                f"the patterns are one string, {patterns!r}",
                config_path=f"argument {self.patterns!r}",
                hint=f"Write a list: [{patterns!r}].",
            )
        selected: dict[Any, None] = {}
        for pattern in patterns:
            selected.update(dict.fromkeys(self._match(pattern, list(columns))))
        if not selected:
            raise ColumnPatternError(
                f"no column was selected by {list(patterns)!r}",
                config_path=f"argument {self.patterns!r}",
                hint=f"{self.table!r} has the columns {list(columns)!r}.",
            )
        return list(selected)

    def _match(self, pattern: str, columns: Sequence[Any]) -> list[Any]:
        try:
            compiled = re.compile(pattern)
        except (re.error, TypeError) as error:
            raise ColumnPatternError(
                f"{pattern!r} is not a regular expression: {error}", config_path=f"argument {self.patterns!r}"
            ) from error
        matched = [column for column in columns if compiled.fullmatch(str(column))]
        if not matched:
            self._report(pattern, columns)
        return matched

    def _report(self, pattern: str, columns: Sequence[Any]) -> None:
        if self.strict:
            raise ColumnPatternError(
                f"the pattern {pattern!r} matches no column",
                config_path=f"argument {self.patterns!r}",
                hint=did_you_mean(pattern, columns) or f"{self.table!r} has the columns {list(columns)!r}.",
            )
        _LOGGER.warning("The pattern %r in argument %r matches no column.", pattern, self.patterns)

"""Compare a target's signature with the given arguments, without calling it."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["ArgumentMismatch", "find_mismatch", "loose_signature", "read_signature", "shorten"]

_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class ArgumentMismatch:
    """How given arguments fail to fit a signature.

    Attributes:
        unknown: Keywords that the target does not take.
        surplus: How many positional arguments are too many.
        doubled: Parameters given by position and by keyword.
        missing: Required parameters that are not given.
    """

    unknown: tuple[str, ...] = ()
    surplus: int = 0
    doubled: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether something was given that does not fit, so that not even a partial can be made."""
        return bool(self.unknown or self.surplus or self.doubled)

    def __str__(self) -> str:
        parts = [
            f"does not take {_list(self.unknown)}" if self.unknown else "",
            f"is given {_count(self.surplus)} too many" if self.surplus else "",
            f"is given {_list(self.doubled)} twice, by position and by keyword" if self.doubled else "",
            f"lacks {_list(self.missing)}" if self.missing else "",
        ]
        return " and ".join(part for part in parts if part)


def _count(positional: int) -> str:
    return f"{positional} positional argument{'s' if positional > 1 else ''}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def loose_signature(function: Callable[..., Any], *, follow_wrapped: bool = True) -> Signature:
    """Read the signature of a function before it is decorated.

    Args:
        function: A callable.
        follow_wrapped: Whether to look through ``functools.wraps``.

    Returns:
        The signature; one that takes anything where there is none to read, as for many functions in C.

    Examples:
        >>> print(loose_signature(max))
        (*args, **kwargs)
    """
    try:
        return _read(function, follow_wrapped=follow_wrapped)
    except ValueError:
        anything = (Parameter("args", Parameter.VAR_POSITIONAL), Parameter("kwargs", Parameter.VAR_KEYWORD))
        return Signature(anything)


def _read(function: Callable[..., Any], *, follow_wrapped: bool = True) -> Signature:
    """Read a signature without evaluating its annotations, which may name what is not defined yet."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(function, follow_wrapped=follow_wrapped, annotation_format=Format.FORWARDREF)
    return inspect.signature(function, follow_wrapped=follow_wrapped)


def read_signature(target: Callable[..., Any]) -> Signature | None:
    """Read the signature that calling a target obeys.

    Args:
        target: A callable.

    Returns:
        The signature; None where there is none to read, as for many functions written in C, or where the
        class only describes its fields with one (pydantic models), which is not what its constructor takes.

    Examples:
        >>> print(read_signature(lambda frame, *, seed=1: None))
        (frame, *, seed=1)
        >>> print(read_signature(max))
        None
    """
    if _is_ufunc(target):
        return _ufunc_signature(target)
    if isinstance(target, type) and getattr(target, "__signature__", None) is not None:
        return None
    try:
        return _read(target)
    except (ValueError, TypeError):
        return None


def _is_ufunc(target: object) -> bool:
    """Recognise a NumPy ufunc without importing NumPy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(target, numpy.ufunc)


def _ufunc_signature(target: Any) -> Signature:
    """A ufunc takes ``nin`` arrays by position, outputs after them, and options by keyword."""
    arrays = [Parameter(f"x{number}", Parameter.POSITIONAL_ONLY) for number in range(1, target.nin + 1)]
    outputs = [
        Parameter(f"out{number}", Parameter.POSITIONAL_ONLY, default=None)
        for number in range(1, target.nout + 1)
    ]
    return Signature([*arrays, *outputs, Parameter("options", Parameter.VAR_KEYWORD)])


def find_mismatch(signature: Signature, count: int, names: Iterable[str]) -> ArgumentMismatch:
    """Compare given arguments with a signature.

    Args:
        signature: What the target takes.
        count: How many positional arguments are given.
        names: The keywords given.

    Returns:
        What does not fit; an empty mismatch where all does.

    Examples:
        >>> find_mismatch(read_signature(lambda a, b, c=0: None), 1, ["d"])
        ArgumentMismatch(unknown=('d',), surplus=0, doubled=(), missing=('b',))
    """
    given = set(names)
    parameters = list(signature.parameters.values())
    kinds = {parameter.kind for parameter in parameters}
    positional = [parameter for parameter in parameters if parameter.kind in _BY_POSITION]
    filled, unfilled = positional[:count], positional[count:]
    keyword_only = [parameter for parameter in parameters if parameter.kind is Parameter.KEYWORD_ONLY]
    named = {parameter.name for parameter in parameters if parameter.kind in _BY_NAME}
    surplus = 0 if Parameter.VAR_POSITIONAL in kinds else max(0, count - len(positional))
    return ArgumentMismatch(
        unknown=() if Parameter.VAR_KEYWORD in kinds else tuple(name for name in names if name not in named),
        surplus=surplus,
        doubled=tuple(parameter.name for parameter in filled if parameter.name in given & named),
        missing=tuple(
            parameter.name
            for parameter in (*unfilled, *keyword_only)
            if parameter.default is Parameter.empty and parameter.name not in given & named
        ),
    )


def shorten(text: str, limit: int = 600) -> str:
    """Bound a text that goes into a message.

    Args:
        text: Any text.
        limit: How many characters to keep.

    Returns:
        The text, its end replaced by an ellipsis where it is longer.

    Examples:
        >>> shorten("abcdef", limit=4)
        'abcd...'
    """
    return text if len(text) <= limit else f"{text[:limit]}..."

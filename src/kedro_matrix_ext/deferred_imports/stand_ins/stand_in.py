"""Functions that take the place of the functions of a module that is not run yet."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.deferred_imports.stand_ins.signatures import Arguments

__all__ = ["ForwardingStandIn", "InjectedStandIn", "PlainStandIn", "StandIn"]


class StandIn:
    """A function that runs its module when it is called, and then becomes the module's function."""

    function: Any

    def bind(self, real: Any) -> None:
        """Become the function that the module defined."""
        raise NotImplementedError

    def unbind(self) -> None:
        """Become a stand-in again, since the module failed."""
        raise NotImplementedError


@dataclass(eq=False)
class PlainStandIn(StandIn):
    """Replaces a function without decorators, or what the decorators wrap.

    Once the module has run, the stand-in has the real function's code and the module holds the stand-in. So
    there is only one function: in pipelines, in the module, for pickle, tracebacks, debuggers and coverage.

    Attributes:
        arguments: What it takes.
        run_module: Runs the module for the function.
    """

    arguments: Arguments
    run_module: Callable[[], None]
    function: Any = field(init=False)
    _target: Any = field(default=None, init=False)
    _pristine: dict[str, Any] = field(default_factory=dict, init=False)

    def receive(
        self, positional: tuple[Any, ...], keyword_only: tuple[Any, ...], further: dict[str, Any]
    ) -> Any:
        """Run the module, then call the real function."""
        self.run_module()
        args, kwargs = self.arguments.drop_omitted(positional, keyword_only, further)
        return self._target(*args, **kwargs)

    def finish(self, function: FunctionType) -> None:
        """Set the function, which is made after the receiver of its arguments."""
        self.function = function
        self._pristine = _read_state(function)

    def bind(self, real: Any) -> None:
        """Take the real function's code, or forward to it where it is of another kind."""
        self._target = real
        if _has_same_shape(real, self.function):
            _write_state(self.function, _read_state(real))
            self._target = self.function

    def unbind(self) -> None:
        """Forget the real function."""
        self._target = None
        _write_state(self.function, {**self._pristine, "__dict__": dict(self._pristine["__dict__"])})


def _has_same_shape(real: Any, function: FunctionType) -> bool:
    return (
        type(real) is FunctionType
        and real.__closure__ is None
        and real.__globals__ is function.__globals__
        and real.__qualname__ == function.__qualname__
        and not hasattr(real, "__wrapped__")
    )


_STATE = ("__code__", "__defaults__", "__kwdefaults__", "__doc__", "__dict__")


def _read_state(function: FunctionType) -> dict[str, Any]:
    """Read what makes one function another one, apart from its name and globals."""
    return {name: getattr(function, name) for name in (*_STATE, _hints_attribute(function))}


def _hints_attribute(function: FunctionType) -> str:
    """Name the attribute with the hints: reading ``__annotations__`` evaluates them, from Python 3.14 on."""
    return "__annotations__" if getattr(function, "__annotate__", None) is None else "__annotate__"


def _write_state(function: FunctionType, state: dict[str, Any]) -> None:
    for name, value in state.items():
        setattr(function, name, value)


@dataclass(eq=False)
class InjectedStandIn(StandIn):
    """Replaces a function with one of this package's decorators, which is applied to the stand-in below.

    So the checks see which objects its parameters declare.
    """

    function: Any
    below: StandIn
    _pristine: dict[str, Any] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._pristine = dict(vars(self.function))

    def bind(self, real: Any) -> None:
        """Bind what is decorated to what the real decorator wraps."""
        wrapping = getattr(real, "__kedro_matrix_wrapping__", None)
        self.below.bind(wrapping.function if wrapping is not None else real)
        _show_attributes(self.function, real)

    def unbind(self) -> None:
        """Forget the real function."""
        self.below.unbind()
        self.function.__dict__ = dict(self._pristine)


@dataclass(eq=False)
class ForwardingStandIn(StandIn):
    """Replaces a function with a decorator that the user named, which is applied when the module runs."""

    below: StandIn
    run_module: Callable[[], None]
    function: Any = field(init=False)
    _target: Any = field(default=None, init=False)
    _pristine: dict[str, Any] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        @functools.wraps(self.below.function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            self.run_module()
            return self._target(*args, **kwargs)

        self.function = wrapper
        self._pristine = dict(vars(wrapper))

    def bind(self, real: Any) -> None:
        """Forward to what the real decorator made."""
        self._target = real
        self.below.bind(getattr(real, "__wrapped__", real))
        _show_attributes(self.function, real)

    def unbind(self) -> None:
        """Forget the real function."""
        self._target = None
        self.below.unbind()
        self.function.__dict__ = dict(self._pristine)


def _show_attributes(function: FunctionType, real: Any) -> None:
    """Share the attributes and hints of a decorated function; what it wraps is the stand-in below."""
    if not isinstance(real, FunctionType):
        vars(function).update(getattr(real, "__dict__", {}))
        return
    for name in ("__wrapped__", "__kedro_matrix_wrapping__"):
        if name in vars(function):
            vars(real)[name] = vars(function)[name]
    function.__dict__ = vars(real)
    hints = _hints_attribute(real)
    setattr(function, hints, getattr(real, hints))

"""Functions with a given signature that pass all their arguments to a receiver."""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Arguments", "FunctionKind", "find_kind", "make_function"]

FunctionKind = Literal["function", "generator", "coroutine", "async generator"]
# Takes what is given by position, by name for keyword-only arguments, and as further keywords.
Receiver = "Callable[[tuple[Any, ...], tuple[Any, ...], dict[str, Any]], Any]"

_RECEIVER = "<receiver>"
_CALL = "_receiver(({positional}), ({keyword_only}), {further})"
_BODIES: dict[FunctionKind, str] = {
    "function": "def f({parameters}): _receiver = {receiver!r}; return {call}",
    "generator": "def f({parameters}): _receiver = {receiver!r}; return (yield from {call})",
    "coroutine": "async def f({parameters}): _receiver = {receiver!r}; return await {call}",
    "async generator": """async def f({parameters}):
    _receiver = {receiver!r}
    _inner = {call}
    _step = _inner.asend(None)
    try:
        while True:
            try:
                _item = await _step
            except StopAsyncIteration:
                return
            try:
                _sent = yield _item
            except GeneratorExit:
                raise
            except BaseException as _error:
                _step = _inner.athrow(_error)
            else:
                _step = _inner.asend(_sent)
    finally:
        await _inner.aclose()
""",
}

_FLAGS: dict[int, FunctionKind] = {
    inspect.CO_GENERATOR: "generator",
    inspect.CO_COROUTINE: "coroutine",
    inspect.CO_ASYNC_GENERATOR: "async generator",
}


class SourceDefault:
    """Shown as the default of an argument until the module has run; an argument that is it was omitted."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


@dataclass(frozen=True)
class Arguments:
    """The arguments that a function takes.

    Attributes:
        positional: Names of those that can be given by position, in order.
        positional_only: How many of them can only be given by position.
        keyword_only: Names of those that cannot.
        var_positional: The name behind ``*``.
        var_keyword: The name behind ``**``.
        defaults: What is shown as the defaults of the last positional ones.
        keyword_defaults: What is shown as the defaults of keyword-only ones.
    """

    positional: tuple[str, ...] = ()
    positional_only: int = 0
    keyword_only: tuple[str, ...] = ()
    var_positional: str | None = None
    var_keyword: str | None = None
    defaults: tuple[Any, ...] = ()
    keyword_defaults: dict[str, Any] | None = None

    @classmethod
    def read(cls, node: ast.arguments) -> Arguments:
        """Read them from the source; a default that is not a constant is shown as its text."""
        keyword_defaults = {
            argument.arg: _read_default(default)
            for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
            if default is not None
        }
        return cls(
            positional=tuple(argument.arg for argument in (*node.posonlyargs, *node.args)),
            positional_only=len(node.posonlyargs),
            keyword_only=tuple(argument.arg for argument in node.kwonlyargs),
            var_positional=node.vararg.arg if node.vararg else None,
            var_keyword=node.kwarg.arg if node.kwarg else None,
            defaults=tuple(map(_read_default, node.defaults)),
            keyword_defaults=keyword_defaults or None,
        )

    def drop_omitted(
        self, positional: tuple[Any, ...], keyword_only: tuple[Any, ...], further: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Make the arguments of the real call, in which omitted ones take the real defaults.

        Args:
            positional: The values of all positional arguments and of ``*args``.
            keyword_only: The values of the keyword-only arguments.
            further: The values of ``**kwargs``.

        Returns:
            The arguments by position and by keyword.
        """
        first_default = len(self.positional) - len(self.defaults)
        shown = (*(_NOTHING for _ in range(first_default)), *self.defaults)
        omitted = [
            index
            for index, default in enumerate(shown)
            if positional[index] is default and not _is_constant(default)
        ]
        split = omitted[0] if omitted and len(positional) == len(self.positional) else len(positional)
        named = {
            name: value
            for index, (name, value) in enumerate(zip(self.positional, positional, strict=False))
            if index > split and value is not shown[index]
        }
        defaults = self.keyword_defaults or {}
        for name, value in zip(self.keyword_only, keyword_only, strict=True):
            default = defaults.get(name, _NOTHING)
            if value is not default or _is_constant(default):
                named[name] = value
        return positional[:split], {**named, **further}


_NOTHING = object()


def _read_default(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return SourceDefault(ast.unparse(node))
    return value


def _is_constant(value: object) -> bool:
    """Return whether a default always equals the real one: it is not mutable, nor a text for display."""
    return not isinstance(value, (SourceDefault, list, dict, set))


def find_kind(code: CodeType) -> FunctionKind:
    """Return what calling a function gives."""
    return next((kind for flag, kind in _FLAGS.items() if code.co_flags & flag), "function")


def make_function(  # noqa: PLR0913  a function has as many parts
    arguments: Arguments,
    receiver: Callable[[tuple[Any, ...], tuple[Any, ...], dict[str, Any]], Any],
    *,
    kind: FunctionKind,
    name: str,
    file: str,
    line: int,
    namespace: dict[str, Any],
) -> FunctionType:
    """Make a function that passes its arguments to a receiver.

    Args:
        arguments: What it takes.
        receiver: Called with the values of the positional arguments and ``*args``, those of the keyword-only
            arguments, and ``**kwargs``. Of a generator or coroutine, it is called when that first runs.
        kind: What calling the function gives.
        name: Its name.
        file: The file that it says it is from.
        line: The line in that file.
        namespace: Its globals.

    Returns:
        The function.
    """
    template = _compile_template(
        len(arguments.positional),
        arguments.positional_only,
        len(arguments.keyword_only),
        has_var_positional=arguments.var_positional is not None,
        has_var_keyword=arguments.var_keyword is not None,
        kind=kind,
    )
    names = [*arguments.positional, *arguments.keyword_only]
    names += [each for each in (arguments.var_positional, arguments.var_keyword) if each is not None]
    changes: dict[str, Any] = {
        "co_name": name,
        "co_filename": file,
        "co_firstlineno": line,
        "co_varnames": (*names, *template.co_varnames[len(names) :]),
        "co_consts": tuple(receiver if const == _RECEIVER else const for const in template.co_consts),
    }
    if sys.version_info >= (3, 11):
        changes["co_qualname"] = name
    function = FunctionType(template.replace(**changes), namespace, name, arguments.defaults or None)
    function.__kwdefaults__ = arguments.keyword_defaults
    return function


@cache
def _compile_template(  # noqa: PLR0913  a signature has as many parts
    positional: int,
    positional_only: int,
    keyword_only: int,
    *,
    has_var_positional: bool,
    has_var_keyword: bool,
    kind: FunctionKind,
) -> CodeType:
    """Compile a function with so many arguments; their names are put in later."""
    names = [f"_p{index}" for index in range(positional)]
    keywords = [f"_k{index}" for index in range(keyword_only)]
    parameters = [*names[:positional_only], *(["/"] if positional_only else []), *names[positional_only:]]
    rest = ["*_rest"] if has_var_positional else []
    parameters += rest or (["*"] if keywords else [])
    parameters += [*keywords, *(["**_further"] if has_var_keyword else [])]
    call = _CALL.format(
        positional="".join(f"{each}, " for each in [*names, *rest]),
        keyword_only="".join(f"{each}, " for each in keywords),
        further="_further" if has_var_keyword else "{}",
    )
    text = _BODIES[kind].format(parameters=", ".join(parameters), receiver=_RECEIVER, call=call)
    compiled = compile(text, "<stand-in>", "exec", dont_inherit=True)
    return next(const for const in compiled.co_consts if isinstance(const, CodeType))

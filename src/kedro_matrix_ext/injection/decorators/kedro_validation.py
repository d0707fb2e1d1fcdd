"""Type hints that Kedro's parameter validation may read on a decorated function.

Kedro builds a pydantic model or a dataclass from a ``params:`` input whose argument is hinted with one
(``kedro.validation``, from 1.3). A parameter that declares objects is not such a model until they exist.
So a decorated function shows, in place of such a hint, a stand-in that equals it: it passes a raw value with
declared objects through as it is, and leaves any other to the hint itself.
"""

from __future__ import annotations

import dataclasses
import sys
import types
import typing
from collections.abc import Callable
from functools import wraps
from typing import Any, Union, get_args, get_origin

__all__ = ["accepts_none", "build_hinted", "model_hint", "read_hints", "show_hints"]

PassesOver = Callable[[str, object], bool]


def read_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Read a function's hints, as Kedro does.

    Args:
        function: Any function.

    Returns:
        The hints; none where one of them cannot be evaluated (Kedro then validates nothing, either).
    """
    try:
        return typing.get_type_hints(function)
    except Exception:  # noqa: BLE001  evaluating a hint runs any code; without it there is nothing to do
        return {}


def model_hint(hint: Any) -> Any:
    """Find the model in a hint: a pydantic model or a dataclass, by itself or with None.

    Args:
        hint: An evaluated hint.

    Returns:
        The class; None where Kedro would build nothing.

    Examples:
        >>> model_hint(int), model_hint(str | None)
        (None, None)
    """
    members = [member for member in get_args(hint) if member is not type(None)] if _is_union(hint) else [hint]
    if (
        len(members) == 1
        and isinstance(members[0], type)
        and (_is_model(members[0]) or _has_fields(members[0]))
    ):
        return members[0]
    return None


def accepts_none(hint: Any) -> bool:
    """Return whether a hint is a union with None.

    Examples:
        >>> accepts_none(int | None), accepts_none(int)
        (True, False)
    """
    return _is_union(hint) and type(None) in get_args(hint)


def _is_union(hint: object) -> bool:
    return get_origin(hint) in (Union, types.UnionType)


def _is_model(hint: type) -> bool:
    """Recognise a pydantic model without importing pydantic: where it is not imported, there is none."""
    pydantic = sys.modules.get("pydantic.main")
    return pydantic is not None and issubclass(hint, pydantic.BaseModel)


def _has_fields(hint: type) -> bool:
    return dataclasses.is_dataclass(hint)


def build_hinted(model: Any, value: Any) -> Any:
    """Build a hinted model from a value whose objects are built, by the rules of Kedro's validation.

    Args:
        model: What ``model_hint`` found.
        value: The value.

    Returns:
        The model; the value itself where it is one already.

    Raises:
        TypeError: If a dataclass is built from something that is not a dictionary.
    """
    if isinstance(value, model):
        return value
    if _is_model(model):
        return model.model_validate(value)
    if not isinstance(value, dict):
        raise TypeError(f"{model.__name__} is built from a dictionary, not from a {type(value).__name__}")
    return model(**value)


def show_hints(wrapper: Any, function: Callable[..., Any], handles: PassesOver) -> None:
    """Give a decorated function the annotations of its function, with stand-ins for models.

    They are looked up when first read. Not before, since annotations may name what is defined further down in
    the module, and decorating should cost nothing.

    Args:
        wrapper: The decorated function.
        function: The function itself.
        handles: Returns whether a raw value of an argument is passed through as it is.
    """
    if sys.version_info >= (3, 14):
        from annotationlib import Format, get_annotations

        def annotate(wanted: int) -> dict[str, Any]:
            if wanted == Format.VALUE_WITH_FAKE_GLOBALS:
                raise NotImplementedError
            annotations = get_annotations(function, format=Format(wanted))
            return annotations | _stand_ins(function, handles) if wanted == Format.VALUE else annotations

        wrapper.__annotate__ = annotate  # there, `functools.wraps` copies this and no annotations
    else:
        wrapper.__annotations__ = _LazyHints(function, handles)


def _stand_ins(function: Callable[..., Any], handles: PassesOver) -> dict[str, Any]:
    """Make what is shown in place of those hints that name a model."""
    return {
        name: _replace_model(hint, name, handles)
        for name, hint in read_hints(function).items()
        if name != "return" and model_hint(hint) is not None
    }


def _settling(name: str) -> Any:
    """Make a method of dict that looks the annotations up before it reads them."""
    method = getattr(dict, name)

    @wraps(method)
    def read(self: _LazyHints, *args: Any) -> Any:
        self.settle()
        return method(self, *args)

    return read


class _LazyHints(dict[str, Any]):  # noqa: PLW1641  without a hash, as dict is
    """Annotations that are looked up when first read, before Python 3.14, which does that itself.

    ``dict()`` and ``**`` read a dictionary of another class by these methods, too.
    """

    def __init__(self, function: Callable[..., Any], handles: PassesOver) -> None:
        super().__init__()
        self._pending: tuple[Callable[..., Any], PassesOver] | None = (function, handles)

    def settle(self) -> None:
        """Copy the function's annotations, and put the stand-ins in."""
        if self._pending is None:
            return
        function, handles = self._pending
        annotations = getattr(function, "__annotations__", None) or {}
        self._pending = None
        self.update({**annotations, **_stand_ins(function, handles)})

    __iter__ = _settling("__iter__")
    __len__ = _settling("__len__")
    __contains__ = _settling("__contains__")
    __getitem__ = _settling("__getitem__")
    __eq__ = _settling("__eq__")
    __repr__ = _settling("__repr__")
    __or__ = _settling("__or__")
    keys = _settling("keys")
    values = _settling("values")
    items = _settling("items")
    get = _settling("get")
    copy = _settling("copy")


def _replace_model(hint: Any, name: str, handles: PassesOver) -> Any:
    """Put a stand-in in place of the model; with None in the union only where Kedro looks past None."""
    stand_in = make_stand_in(model_hint(hint), lambda value: handles(name, value))
    if not _is_union(hint):
        return stand_in
    return stand_in | None if _kedro_unwraps_optional() else hint


def _kedro_unwraps_optional() -> bool:
    """Kedro 1.3 builds no optional model, and fails on a union that has no ``__name__``."""
    version = getattr(sys.modules.get("kedro"), "__version__", "")
    return not version.startswith("1.3.")


class StandIn(type):
    """The class of stand-ins: equal to the model they stand for, and like it in all but building one."""

    _model: Any
    _passes: Callable[[object], bool]

    def __eq__(cls, other: object) -> bool:
        return cls is other or cls._model == (other._model if isinstance(other, StandIn) else other)

    def __hash__(cls) -> int:
        return hash(cls._model)

    def __repr__(cls) -> str:
        return repr(cls._model)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._model)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return subclass is cls or issubclass(subclass, cls._model)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls._model, name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if kwargs and not args and cls._passes(kwargs):
            return kwargs
        return cls._model(*args, **kwargs)


def _model_validate(cls: Any, value: Any, /, **options: Any) -> Any:
    """Replace a pydantic model's ``model_validate``."""
    return value if cls._passes(value) else cls._model.model_validate(value, **options)


def make_stand_in(model: Any, passes: Callable[[object], bool]) -> Any:
    """Make a class that equals a model and hands some raw values through.

    Args:
        model: A pydantic model or a dataclass.
        passes: Returns whether a raw value is passed through.

    Returns:
        The stand-in. It does not derive from the model, so that the model is not notified of a subclass.
    """
    names = {"__module__": model.__module__, "__qualname__": model.__qualname__, "__doc__": model.__doc__}
    inner = {"_model": model, "_passes": staticmethod(passes)}
    if not _is_model(model):
        fields = {"__dataclass_fields__": model.__dataclass_fields__}
        return type.__new__(StandIn, model.__name__, (), {**names, **inner, **fields})
    base = sys.modules["pydantic.main"].BaseModel
    # type.__new__ itself, so that pydantic does not build a schema for a class without fields.
    kind: Any = type("ModelStandIn", (StandIn, type(base)), {})
    body = {**names, **inner, "model_validate": classmethod(_model_validate)}
    return type.__new__(kind, model.__name__, (base,), body)

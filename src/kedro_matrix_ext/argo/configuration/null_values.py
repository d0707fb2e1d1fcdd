"""Null in ``argo.yml`` removes a key: an environment takes away what the base sets."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from kedro_matrix_ext._section import Section

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = ["drop_nulls"]


def drop_nulls(data: object, model: type[Section]) -> Any:
    """Return data without keys that are null, unless null is a value of the field or the key is unknown."""
    if not isinstance(data, Mapping):
        return data
    kept: dict[Any, Any] = {}
    for key, value in data.items():
        field = model.model_fields.get(str(key))
        if field is None:
            kept[key] = value
        elif value is not None:
            kept[key] = _drop_inside(value, field)
        elif NoneType in get_args(field.annotation):
            kept[key] = None
    return kept


def _drop_inside(value: Any, field: FieldInfo) -> Any:
    annotation: Any = field.annotation
    if get_origin(annotation) is dict and isinstance(value, Mapping):
        kept = {key: item for key, item in value.items() if item is not None}
        kind = get_args(annotation)[1]
        if kind is Any:
            return _without_nulls(value)
        return {key: drop_nulls(item, kind) for key, item in kept.items()} if _is_section(kind) else kept
    section = next(filter(_is_section, (annotation, *get_args(annotation))), None)
    return value if section is None else drop_nulls(value, section)


def _without_nulls(value: Any) -> Any:
    """Remove keys that are null at any depth: of fields that are passed through."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)

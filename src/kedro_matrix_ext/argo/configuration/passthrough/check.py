"""Check fields that are passed through: their names, and the kind of their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, ValidationError, model_validator

from kedro_matrix_ext._section import ModelError, Section, error_details, read_errors
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.passthrough.fields import OBJECTS

if TYPE_CHECKING:
    from pydantic import ModelWrapValidatorHandler
    from typing_extensions import Self

__all__ = ["OpenSection", "find_field_errors"]


def find_field_errors(data: object, kind: str, keys: tuple[int | str, ...] = ()) -> Iterator[ModelError]:
    """Report unknown fields and values of the wrong kind, at any depth that the tables describe."""
    if kind.startswith("["):
        if not isinstance(data, list | tuple):
            yield _wrong(keys, data, "a list")
            return
        for index, item in enumerate(data):
            yield from find_field_errors(item, kind[1:-1], (*keys, index))
    elif kind in OBJECTS:
        yield from _object_errors(data, kind, keys)
    elif not _CHECKS[kind](data):
        yield _wrong(keys, data, _NAMES[kind])


def _object_errors(data: object, kind: str, keys: tuple[int | str, ...]) -> Iterator[ModelError]:
    if not isinstance(data, Mapping):
        yield _wrong(keys, data, "a mapping")
        return
    fields = OBJECTS[kind]
    for name, value in data.items():
        if name not in fields:
            known = did_you_mean(str(name), fields) or f"Known fields: {', '.join(sorted(fields))}."
            yield ModelError((*keys, str(name)), f"unknown field. {known}", "extra_forbidden", value)
        else:
            yield from find_field_errors(value, fields[name], (*keys, name))


def _wrong(keys: tuple[int | str, ...], value: object, expected: str) -> ModelError:
    return ModelError(keys, f"{value!r} is not {expected}", "wrong_kind", value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text_map(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values())


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "map": _is_text_map,
    "quantity": lambda value: isinstance(value, str) or _is_number(value),
    "quantities": lambda value: (
        isinstance(value, Mapping)
        and all(isinstance(each, str) or _is_number(each) for each in value.values())
    ),
    "any": lambda value: value is not None,
}
_NAMES = {
    "text": "text (quote numbers and booleans)",
    "int": "a whole number",
    "bool": "true or false",
    "map": "a mapping of text (quote numbers and booleans)",
    "quantity": "a quantity",
    "quantities": "a mapping of quantities",
    "any": "a value",
}


class OpenSection(Section):
    """A mapping with options of ours, which also takes the fields of one of Argo's objects as written."""

    model_config = ConfigDict(extra="allow")

    passed_kind: ClassVar[str]
    """The object whose fields it takes."""
    passed_reserved: ClassVar[Mapping[str, str]] = {}
    """Fields that have an option of ours, with what to write instead."""

    @model_validator(mode="wrap")
    @classmethod
    def _check_passed(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        found = [error_details(each) for each in cls._passed_errors(data)]
        try:
            made = handler(data)
        except ValidationError as error:
            others = [error_details(each) for each in read_errors(error)]
            raise ValidationError.from_exception_data(cls.__name__, [*others, *found]) from None
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return made

    @classmethod
    def _passed_errors(cls, data: object) -> Iterator[ModelError]:
        if not isinstance(data, Mapping):
            return
        fields = OBJECTS[cls.passed_kind]
        for name, value in data.items():
            if name in cls._own_keys():
                continue
            if name in cls.passed_reserved:
                yield ModelError((str(name),), cls.passed_reserved[name], "reserved", value)
            elif name in fields:
                yield from find_field_errors(value, fields[name], (name,))
            else:
                known = did_you_mean(str(name), {*cls.model_fields, *fields})
                listed = f"Known keys: {', '.join(sorted({*cls.model_fields, *fields}))}."
                yield ModelError((str(name),), f"unknown key. {known or listed}", "extra_forbidden", value)

    @classmethod
    def _own_keys(cls) -> set[str]:
        aliases = {
            str(field.validation_alias) for field in cls.model_fields.values() if field.validation_alias
        }
        return {*cls.model_fields, *aliases}

    @property
    def passed(self) -> dict[str, Any]:
        """The fields that are passed through as written."""
        return dict(self.model_extra or {})

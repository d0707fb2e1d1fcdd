"""Check fields that are passed through: their names, and the kind of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict, ValidationError, model_validator

from kedro_matrix_ext._section import ModelError, Section, error_details, read_errors
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.passthrough.fields import OBJECTS, REQUIRED
from kedro_matrix_ext.argo.configuration.passthrough.scalars import find_scalar_error
from kedro_matrix_ext.argo.configuration.workflow import Toleration

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
    elif error := find_scalar_error(data, kind):
        yield ModelError(keys, error, "wrong_kind", data)


def _object_errors(data: object, kind: str, keys: tuple[int | str, ...]) -> Iterator[ModelError]:
    if not isinstance(data, Mapping):
        yield _wrong(keys, data, "a mapping")
        return
    fields = OBJECTS[kind]
    for name in REQUIRED.get(kind, ()):
        if data.get(name) is None:
            yield ModelError(keys, f"{name!r} is missing", "missing", data)
    for name, value in data.items():
        if name not in fields:
            known = did_you_mean(str(name), fields) or f"Known fields: {', '.join(sorted(fields))}."
            yield ModelError((*keys, str(name)), f"unknown field. {known}", "extra_forbidden", value)
        else:
            yield from find_field_errors(value, fields[name], (*keys, name))
    if kind == "Toleration":
        yield from _toleration_errors(data, keys)


def _toleration_errors(data: Mapping[str, Any], keys: tuple[int | str, ...]) -> Iterator[ModelError]:
    """Report fields of a toleration that do not go together."""
    named = {"operator": "Equal", **data}
    if "tolerationSeconds" in named:
        named["seconds"] = named.pop("tolerationSeconds")
    try:
        Toleration.model_validate(named)
    except ValidationError as error:
        yield from (
            ModelError(keys, each.message, "wrong_kind", data) for each in read_errors(error) if not each.keys
        )


def _wrong(keys: tuple[int | str, ...], value: object, expected: str) -> ModelError:
    return ModelError(keys, f"{value!r} is not {expected}", "wrong_kind", value)


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

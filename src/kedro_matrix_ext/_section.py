"""The base class of models read from YAML, and the one place that reads pydantic's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from kedro_matrix_ext._suggestion import did_you_mean

if TYPE_CHECKING:
    from pydantic import ModelWrapValidatorHandler
    from typing_extensions import Self

__all__ = ["ModelError", "Section", "error_details", "read_errors"]


_LIST = "a list: write lines that begin with '- ', or [one, two]"
_MAPPING = "a mapping: write lines of 'key: value', or {key: value}"
_FORMS = {
    **dict.fromkeys(("tuple_type", "list_type", "frozen_set_type", "set_type"), _LIST),
    **dict.fromkeys(("model_type", "dict_type", "mapping_type", "model_attributes_type"), _MAPPING),
}
_GIVEN: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    dict: "a mapping",
    list: "a list",
}


class ModelError(NamedTuple):
    """One error of a pydantic model.

    Attributes:
        keys: The path to the value, from the top of the model.
        message: What is wrong.
        kind: Pydantic's name for the kind of error, such as ``extra_forbidden``.
        value: What was given.
    """

    keys: tuple[int | str, ...]
    message: str
    kind: str
    value: Any


def read_errors(error: ValidationError) -> list[ModelError]:
    """List the errors of a model in the words of YAML, without the prefix that pydantic gives messages."""
    return [
        ModelError(
            detail["loc"],
            _in_words_of_yaml(detail["type"], detail["input"]) or detail["msg"].removeprefix("Value error, "),
            detail["type"],
            detail["input"],
        )
        for detail in error.errors(include_url=False, include_context=False)
    ]


def _in_words_of_yaml(kind: str, value: Any) -> str | None:
    """Say which form a value has and which is right, where pydantic names a class of Python."""
    form = _FORMS.get(kind)
    if form is None:
        return None
    given = next((words for type_, words in _GIVEN.items() if isinstance(value, type_)), "null")
    return f"this is {given}, not {form}"


def error_details(error: ModelError) -> InitErrorDetails:
    """Return an error in the form that ``ValidationError.from_exception_data`` takes."""
    kind = PydanticCustomError(error.kind, error.message)  # type: ignore[arg-type,unused-ignore]
    return InitErrorDetails(type=kind, loc=error.keys, input=error.value)


class Section(BaseModel):
    """A mapping in a YAML file: frozen, and an unknown key is an error that names the nearest known key."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="wrap")
    @classmethod
    def _suggest_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            details = [error_details(cls._explain(each)) for each in read_errors(error)]
            raise ValidationError.from_exception_data(cls.__name__, details) from None

    @classmethod
    def _explain(cls, error: ModelError) -> ModelError:
        """Add the nearest known key to an error about an unknown key of this section."""
        if error.kind != "extra_forbidden" or len(error.keys) != 1:
            return error
        known = did_you_mean(str(error.keys[0]), cls.model_fields)
        listed = f"Known keys: {', '.join(sorted(cls.model_fields))}."
        return error._replace(message=f"unknown key. {known or listed}")

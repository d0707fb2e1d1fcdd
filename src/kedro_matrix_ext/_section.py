"""What every mapping read from a YAML file is: frozen, closed to unknown keys, and helpful about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from kedro_matrix_ext._suggestion import did_you_mean

if TYPE_CHECKING:
    from pydantic import ModelWrapValidatorHandler
    from pydantic_core import ErrorDetails
    from typing_extensions import Self

__all__ = ["Section"]


class Section(BaseModel):
    """A mapping in a YAML file; a key it does not know is an error that names the nearest one it does."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="wrap")
    @classmethod
    def _suggest_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            details = [cls._explain(detail) for detail in error.errors()]
            raise ValidationError.from_exception_data(cls.__name__, details) from None

    @classmethod
    def _explain(cls, detail: ErrorDetails) -> InitErrorDetails:
        """Keep an error as it is, but say what an unknown key of this section may have meant."""
        location = detail["loc"]
        message = detail["msg"]
        if detail["type"] == "extra_forbidden" and len(location) == 1:
            known = did_you_mean(str(location[0]), cls.model_fields)
            message = f"unknown key. {known or _list_keys(cls.model_fields)}"
        # The braces of a message that quotes what was written are no placeholders.
        literal = message.replace("{", "{{").replace("}", "}}")
        kind = PydanticCustomError(detail["type"], literal)  # type: ignore[arg-type,unused-ignore]
        return InitErrorDetails(type=kind, loc=location, input=detail["input"])


def _list_keys(known: dict[str, Any]) -> str:
    return f"Known keys: {', '.join(sorted(known))}."

"""Making JSON Schemas of the models, in which an interpolation may replace any value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from kedro_matrix_ext._schemas.catalog import make_catalog_schema
from kedro_matrix_ext._schemas.inputs import ALSO_TAKEN, allow_partial_files, amend_definitions
from kedro_matrix_ext._schemas.passthrough import describe_passed_fields
from kedro_matrix_ext._schemas.tidying import tidy
from kedro_matrix_ext._section import Section
from kedro_matrix_ext.argo.configuration.model import ArgoConfig
from kedro_matrix_ext.fabrication.schema.table import Table
from kedro_matrix_ext.hooks.mlflow.config import TrackingConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

__all__ = ["make_schema"]

_DRAFT = "http://json-schema.org/draft-07/schema#"  # the newest that all editors know
_INTERPOLATION = {"type": "string", "pattern": r"\$\{", "description": "An interpolation."}
_BESIDE = ("description", "default", "examples")
_NARROWING = ("enum", "const", "pattern", "format", "minLength", "maxLength")


class EnvironmentFile(Section):
    """``environment.yml``: what an environment builds on."""

    inherits: list[str] | None = None
    """The environments it builds on, the last of them on top."""
    fabricated: bool = False
    """Whether synthetic data may be written in it."""
    guarded: bool = False
    """Whether ``kedro run`` outside of a workflow needs consent."""


class _Generator(GenerateJsonSchema):
    """Describes what models take, not what they keep."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """Add what a validator takes that runs before pydantic's own."""
        kept = self.generate_inner(schema["schema"])
        taken = ALSO_TAKEN[schema["function"]["function"].__qualname__]
        return {"anyOf": [kept, *taken]} if taken else kept


def make_schema(name: str) -> dict[str, Any]:
    """Make the schema of one of our files.

    Examples:
        >>> make_schema("environment")["properties"]["fabricated"]["type"]
        'boolean'
    """
    if name == "environment":
        return _describe(EnvironmentFile, "environment.yml")  # in which nothing is resolved
    if name == "catalog":
        schema = make_catalog_schema()
    elif name == "fabrication":
        schema = _make_fabrication_schema()
    else:
        model, file = {"argo": (ArgoConfig, "argo.yml"), "tracking": (TrackingConfig, "tracking.yml")}[name]
        schema = _describe(model, file)
        schema["patternProperties"] = {"^_": {}}  # what is there to be referred to
    opened: dict[str, Any] = _open_values(schema)
    return opened


def _describe(kind: Any, title: str) -> dict[str, Any]:
    made = TypeAdapter(kind).json_schema(schema_generator=_Generator)
    amend_definitions(made.get("$defs", {}))
    if kind is ArgoConfig:
        allow_partial_files(made)
        describe_passed_fields(made)
    made.pop("required", None)  # other files of the environment, and environments below, give their part
    made.pop("description", None)
    return {"$schema": _DRAFT, "title": title, **tidy(made)}


def _make_fabrication_schema() -> dict[str, Any]:
    """The tables are under a parameter, next to any others."""
    tables = _describe(dict[str, Table], "Tables to fabricate")
    definitions = tables.pop("$defs")
    fabricator = {
        "type": "object",
        "description": "Tables to fabricate, by name.",
        "properties": {
            "seed": {"type": "integer", "minimum": 0, "description": "The same seed, the same data."}
        },
        "additionalProperties": tables["additionalProperties"],
    }
    return {
        "$schema": _DRAFT,
        "title": "Parameters that declare tables to fabricate",
        "type": "object",
        "properties": {"fabricator": fabricator},
        "$defs": definitions,
    }


def _open_values(schema: Any) -> Any:
    """Let an interpolation stand for each value, at every depth."""
    if not isinstance(schema, dict):
        return schema
    return {key: _OPENED[key](value) if key in _OPENED else value for key, value in schema.items()}


def _open_named(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: _open(_open_values(child)) for name, child in schemas.items()}


def _open_rest(schema: Any) -> Any:
    return _open(_open_values(schema)) if isinstance(schema, dict) else schema


def _open_choices(schemas: list[Any]) -> list[Any]:
    return list(map(_open_values, schemas))


def _open_definitions(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: _open_values(child) for name, child in schemas.items()}


_OPENED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("properties", "patternProperties"), _open_named),
    **dict.fromkeys(("items", "additionalProperties"), _open_rest),
    **dict.fromkeys(("anyOf", "oneOf", "allOf"), _open_choices),
    **dict.fromkeys(("then", "else"), _open_values),
    "$defs": _open_definitions,
}


def _open(schema: dict[str, Any]) -> dict[str, Any]:
    """Let an interpolation stand for a value, unless it may be any text, or says which keys there are."""
    if not schema or "const" in schema or _takes_any_text(schema):
        return schema
    beside = {key: schema[key] for key in _BESIDE if key in schema}
    rest = {key: value for key, value in schema.items() if key not in beside}
    choices = rest["anyOf"] if rest.keys() == {"anyOf"} else [rest]
    if any(map(_takes_any_text, choices)):
        return schema
    return {**beside, "anyOf": [*choices, _INTERPOLATION]}


def _takes_any_text(schema: dict[str, Any]) -> bool:
    return not schema or (schema.get("type") == "string" and not any(key in schema for key in _NARROWING))

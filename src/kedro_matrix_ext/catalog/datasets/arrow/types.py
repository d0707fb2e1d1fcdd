"""Cast tables to the column types that every engine can read."""

from __future__ import annotations

import pyarrow as pa

from kedro_matrix_ext.catalog.errors import CatalogError

__all__ = ["as_portable"]

_TIMESTAMP_UNIT = "us"  # the only unit that Spark reads


def as_portable(table: pa.Table) -> pa.Table:
    """Cast a table to the types that all engines have.

    Timestamps become microseconds (in UTC if they have a time zone), categories become their values, text and
    lists get 32-bit offsets, and a column without a type becomes text. Metadata is dropped.

    Raises:
        CatalogError: If a value or a type cannot be stored.

    Examples:
        >>> as_portable(pa.table({"at": pa.array([1000], pa.timestamp("ns"))})).schema
        at: timestamp[us]
    """
    _check_names(table.column_names)
    fields = [pa.field(field.name, _portable_type(field.type, field.name)) for field in table.schema]
    try:
        return table.replace_schema_metadata(None).cast(pa.schema(fields))
    except pa.ArrowInvalid as error:
        raise CatalogError(
            f"a value cannot be stored: {error}",
            hint="Timestamps are stored in microseconds; round finer ones first.",
        ) from error


def _check_names(names: list[str]) -> None:
    """Refuse columns with the same name, of which no engine could read both."""
    for name in names:
        if names.count(name) > 1:
            raise CatalogError(f"there are {names.count(name)} columns named {name!r}", hint="Rename them.")


def _portable_type(kind: pa.DataType, column: str) -> pa.DataType:
    if pa.types.is_duration(kind) or pa.types.is_time(kind) or isinstance(kind, pa.BaseExtensionType):
        raise CatalogError(
            f"column {column!r} is of type {kind}, which not every engine has",
            hint="Save it as a number or as text.",
        )
    if pa.types.is_dictionary(kind):
        return _portable_type(kind.value_type, column)
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _portable_type(field.type, column)) for field in kind.fields])
    if _is_list(kind):
        return pa.list_(_portable_type(kind.value_type, column))
    if pa.types.is_timestamp(kind):
        return pa.timestamp(_TIMESTAMP_UNIT, "UTC" if kind.tz else None)
    return _portable_scalar(kind)


def _portable_scalar(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    return kind


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_list_view(kind)
        or pa.types.is_large_list_view(kind)
        or pa.types.is_fixed_size_list(kind)
    )

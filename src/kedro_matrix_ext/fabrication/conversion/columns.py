"""The rules that convert one column of another fabricator's vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.fabrication.schema.old_keys import OLD_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro_matrix_ext.fabrication.conversion.lambdas import FunctionModule
    from kedro_matrix_ext.fabrication.conversion.yaml_edits import MappingEditor

__all__ = ["OldColumn", "convert_column"]

_SEEDS = ("seed", "numpy_seed", "faker_seed")
_RENAMED = {
    "column_func_kwargs": "arguments",
    "date_format": "format",
    "default_value": "default",
    "localisation": "locale",
    "provider_args": "arguments",
    "row_func_kwargs": "arguments",
    "sort_values": "sorted",
    "source_column": "source",
}
_COMMON = {"type", "dtype", "inject_nulls", "null_probability", "null_value"}


@dataclass(frozen=True)
class OldColumn:
    """A column to convert.

    Attributes:
        name: ``table.column``.
        data: Its declaration, with merged keys.
        editor: The edits of its mapping.
        functions: The module that collects its lambdas.
        num_rows: The number of rows of its table, if it is a number.
        draw: The common draw and sampling of a copied column.
        note: Called with what could not be converted.
    """

    name: str
    data: Mapping[str, Any]
    editor: MappingEditor
    functions: FunctionModule
    num_rows: int | None
    draw: Mapping[str, str]
    note: Callable[[str], None]


def convert_column(column: OldColumn) -> None:
    """Edit a column's keys into ours, and note what could not be converted."""
    kind = str(column.data.get("type"))
    _RULES.get(kind, _keep)(column)
    if kind in OLD_TYPES:
        column.editor.set_value("type", OLD_TYPES[kind])
    for name in column.editor.names:
        value = column.data[name]
        if name in _RENAMED:
            column.editor.rename(name, _RENAMED[name])
        elif name == "inject_nulls":
            column.editor.replace(name, _convert_nulls(value))
        elif name in (*_SEEDS, "resize"):
            column.editor.replace(name, {})
    column.editor.finish()


def _convert_nulls(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    pairs = {"null_probability": value.get("probability", 0.0)}
    return pairs if value.get("value") is None else {**pairs, "null_value": value["value"]}


def _keep(column: OldColumn) -> None:
    """Keep the keys of a type that both vocabularies have."""


def _convert_numbers(column: OldColumn) -> None:
    own = {*_COMMON, "distribution", *_SEEDS}
    arguments = {name: value for name, value in column.data.items() if name not in own}
    written = [name for name in column.editor.names if name in arguments]
    for number, name in enumerate(written):
        column.editor.replace(name, {} if number else {"arguments": arguments})


def _convert_lists(column: OldColumn) -> None:
    data, editor = column.data, column.editor
    values = data.get("sample_values")
    if isinstance(values, str):
        editor.nest("sample_values", "items", "source", {"type": "copy_column"})
    elif isinstance(values, dict):
        editor.replace("sample_values", {"items": {"type": "generate_values", **_weighted(values)}})
    elif "sample_values" in editor.names:
        editor.nest("sample_values", "items", "choices", {"type": "generate_values"})
    added: dict[str, Any] = {}
    if not data.get("allow_duplicates"):
        added["unique"] = True
    if data.get("length") is None and data.get("max_length") is None:
        if isinstance(values, str):
            column.note("no 'max_length': the lists were as long as the source. Write one")
        else:
            added["max_length"] = len(values or ())
    _clamp_lengths(column, len(values) if isinstance(values, list | dict) else None)
    for name in ("allow_duplicates", "to_json"):
        as_json = name == "to_json" and data.get(name) and not data.get("delimiter")
        editor.replace(name, {"as_json": True} if as_json else {})
    editor.add_after("type", added)


def _clamp_lengths(column: OldColumn, available: int | None) -> None:
    """Lower lengths to the number of distinct items: the other fabricator did so silently."""
    if available is None or column.data.get("allow_duplicates"):
        return
    for name in ("length", "min_length", "max_length"):
        value = column.data.get(name)
        if isinstance(value, int) and value > available:
            column.editor.set_value(name, available)


def _convert_values(column: OldColumn) -> None:
    key = "weights_dict" if "weights_dict" in column.data else "sample_values"
    values = column.data.get(key)
    if isinstance(values, str):
        column.editor.set_value("type", "copy_column")
        column.editor.replace(key, {"source": values, "sampling": "with_replacement"})
        column.note("values of a column were drawn equally often; here as often as they occur")
    elif isinstance(values, dict):
        column.editor.replace(key, _weighted(values))
    elif key in column.editor.names:
        column.editor.rename(key, "choices")
        distinct = {repr(value) for value in values or ()}
        if column.num_rows is not None and column.num_rows <= len(distinct):
            column.editor.add_after("type", {"unique": True})


def _weighted(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {"choices": list(values), "weights": list(values.values())}


def _convert_dates(column: OldColumn) -> None:
    ordered = column.data.get("sort_dates", True)
    if "sort_dates" in column.editor.names:
        column.editor.replace("sort_dates", {"sorted": True} if ordered else {})
    elif ordered:
        column.editor.add_after("type", {"sorted": True})


def _convert_copy(column: OldColumn) -> None:
    if "sample" in column.data:
        column.editor.replace("sample", column.draw)
    else:  # the whole column, in order
        column.editor.add_after("type", column.draw)


def _convert_rows(column: OldColumn) -> None:
    _convert_function(column, "row_func")


def _convert_whole(column: OldColumn) -> None:
    function = str(column.data.get("column_func"))
    if function.rpartition(".")[2] == "cross_product":
        _convert_product(column)
        return
    _convert_function(column, "column_func")
    if column.data.get("check_all_inputs_same_length") is False:
        column.note("inputs of different lengths: here every input has the number of rows of the table")
    column.editor.replace("check_all_inputs_same_length", {})


def _convert_product(column: OldColumn) -> None:
    position = (column.data.get("column_func_kwargs") or {}).get("position", 0)
    inputs = column.data.get("input_columns")
    if not isinstance(inputs, list) or not 0 <= position < len(inputs):
        column.note("a cross product without the input column at its position")
        return
    if str(inputs[position]).partition(".")[0] == column.name.partition(".")[0]:
        column.note("a cross product of columns of the same table. Write 'values', or a table for each side")
    column.editor.set_value("type", "cross_product")
    column.editor.replace("input_columns", {"source": inputs[position]})
    for name in ("column_func", "column_func_kwargs", "check_all_inputs_same_length"):
        column.editor.replace(name, {})


def _convert_function(column: OldColumn, key: str) -> None:
    if key not in column.editor.names:
        return
    code = str(column.data[key])
    added = column.functions.add(code, column.name) if code.lstrip().startswith("lambda") else None
    if added is None:
        column.editor.rename(key, "function")
        if "." not in code or code.lstrip().startswith("lambda"):
            column.note(f"{key} {code!r} is not an import path")
        return
    column.editor.replace(key, {"function": added.path})
    inputs = column.data.get("input_columns")
    if isinstance(inputs, list) and not added.takes(len(inputs)):
        column.note(f"{added.path} does not take {len(inputs)} values; an error there gave nulls silently")
    for note in added.notes:
        column.note(note)


_RULES: dict[str, Callable[[OldColumn], None]] = {
    "column_apply": _convert_whole,
    "copy_column": _convert_copy,
    "generate_dates": _convert_dates,
    "generate_random_arrays": _convert_lists,
    "generate_values": _convert_values,
    "generate_weighted_choice": _convert_values,
    "numpy_random": _convert_numbers,
    "row_apply": _convert_rows,
}

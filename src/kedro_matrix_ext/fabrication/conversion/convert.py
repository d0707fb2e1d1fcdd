"""Convert a file of another fabricator: find its tables, edit their columns, and check the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from kedro_matrix_ext._config_path import render_key_path
from kedro_matrix_ext._section import read_errors
from kedro_matrix_ext.errors import FabricationError
from kedro_matrix_ext.fabrication.conversion.columns import OldColumn, convert_column
from kedro_matrix_ext.fabrication.conversion.lambdas import FunctionModule
from kedro_matrix_ext.fabrication.conversion.yaml_edits import MappingEditor, TextEdits, list_pairs, read_node
from kedro_matrix_ext.fabrication.schema.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro_matrix_ext._section import ModelError

__all__ = ["Conversion", "convert_fabricator"]


@dataclass(frozen=True)
class Conversion:
    """A converted file.

    Attributes:
        text: The YAML text in our vocabulary.
        functions: The Python module with the functions of its lambdas; empty if there were none.
        tables: The number of tables.
        columns: The number of columns.
        notes: What could not be converted or needs a look, each with line and path.
    """

    text: str
    functions: str
    tables: int
    columns: int
    notes: tuple[str, ...]


@dataclass
class _Found:
    """A table in the file."""

    keys: tuple[str, ...]
    node: yaml.MappingNode
    siblings: Mapping[str, yaml.Node] = field(default_factory=dict)


def convert_fabricator(text: str, *, file: str, module: str) -> Conversion:
    """Convert the YAML text of another fabricator; ``module`` is the import path for its lambdas.

    Raises:
        FabricationError: If the file is not YAML, or holds no tables.
    """
    root = _compose(text, file)
    tables = list(_find_tables(root, (), {}))
    if not tables:
        raise FabricationError(
            "there are no tables in the file",
            file=file,
            hint="Name the file with the tables: mappings with 'columns'.",
        )
    edits, functions, notes = TextEdits(text), FunctionModule(module), []
    count = 0
    for table in tables:
        for line, path, note in _convert_table(table, edits, functions):
            notes.append(f"line {line}: {render_key_path(path)}: {note}")
        count += len(read_node(table.node)["columns"])
    converted = edits.apply()
    notes += _remaining_errors(_compose(converted, file))
    notes += _group_notes(tables)
    source = functions.source() if functions.functions else ""
    return Conversion(converted, source, len(tables), count, tuple(notes))


def _compose(text: str, file: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise FabricationError(f"the file is not valid YAML: {error}", file=file) from error
    return root or yaml.ScalarNode("null", "")


def _find_tables(
    node: yaml.Node | None, keys: tuple[str, ...], siblings: Mapping[str, yaml.Node]
) -> Iterator[_Found]:
    if not isinstance(node, yaml.MappingNode):
        return
    values = {key: value for key, _, value in list_pairs(node)}
    if _is_table(values):
        yield _Found(keys, node, siblings)
        return
    for key, value in values.items():
        yield from _find_tables(value, (*keys, key), values)


def _is_table(values: Mapping[str, yaml.Node]) -> bool:
    columns = values.get("columns")
    return isinstance(columns, yaml.MappingNode) and any(
        "type" in {key for key, _, _ in list_pairs(value)} or "<<" in {key for key, _, _ in list_pairs(value)}
        for _, _, value in list_pairs(columns)
    )


def _convert_table(
    table: _Found, edits: TextEdits, functions: FunctionModule
) -> Iterator[tuple[int, tuple[str, ...], str]]:
    data = read_node(table.node)
    values = {key: value for key, _, value in list_pairs(table.node)}
    lengths = _known_lengths(table)
    for name, key, node in list_pairs(values["columns"]):
        column = data["columns"].get(name)
        if not isinstance(node, yaml.MappingNode) or not isinstance(column, dict):
            continue
        notes: list[str] = []
        convert_column(
            OldColumn(
                name=f"{table.keys[-1]}.{name}",
                data=column,
                editor=MappingEditor(node, edits),
                functions=functions,
                num_rows=lengths.get(table.keys[-1]),
                draw=_choose_draw(column, data["columns"], lengths, lengths.get(table.keys[-1])),
                note=notes.append,
            )
        )
        for note in notes:
            yield key.start_mark.line + 1, (*table.keys, "columns", name), note


def _known_lengths(table: _Found) -> dict[str, int]:
    lengths = {}
    for name, node in table.siblings.items():
        rows = {key: value for key, _, value in list_pairs(node)}.get("num_rows")
        value = None if rows is None else read_node(rows)
        if isinstance(value, int):
            lengths[name] = value
    return lengths


def _choose_draw(
    column: Mapping[str, Any], columns: Mapping[str, Any], lengths: Mapping[str, int], num_rows: int | None
) -> dict[str, str]:
    """Return the sampling of a copied column, and the draw that it shares: equal seeds drew equal rows."""
    sample = _sample_key(column)
    if sample is None:
        return {"sampling": "in_order"}
    source, seed = sample[0], sample[1]
    shared = sum(_sample_key(other) == sample for other in columns.values()) > 1 and seed is not None
    length = lengths.get(source)
    fewer = length is not None and num_rows is not None and num_rows < length
    sampling = {"sampling": "without_replacement" if fewer else "with_replacement"}
    return {**sampling, "draw": f"{source}_{seed}"} if shared else sampling


def _sample_key(column: Any) -> tuple[str, Any, Any] | None:
    """Return source table, seed and number of rows of a sample."""
    if not isinstance(column, dict) or column.get("type") != "copy_column":
        return None
    sample = column.get("sample")
    if not isinstance(sample, dict) or sample.get("num_rows") is None:
        return None
    table = str(column.get("source_column", column.get("source"))).partition(".")[0]
    return table, sample.get("seed"), sample["num_rows"]


def _remaining_errors(root: yaml.Node) -> Iterator[str]:
    """Report what our schema refuses in the converted file."""
    for table in _find_tables(root, (), {}):
        for error in _validate(table.node):
            path = render_key_path([*table.keys, *error.keys])
            yield f"line {table.node.start_mark.line} of the new file: {path}: {error.message}"


def _validate(node: yaml.Node) -> list[ModelError]:
    try:
        Table.model_validate(_without_interpolations(read_node(node)))
    except ValidationError as error:
        return read_errors(error)
    return []


def _without_interpolations(data: Any) -> Any:
    """Remove optional keys whose value is an interpolation, which only the loader can check."""
    if isinstance(data, dict):
        return {
            key: _without_interpolations(value)
            for key, value in data.items()
            if not (isinstance(value, str) and value.startswith("${") and key == "num_rows")
        }
    return data


def _group_notes(tables: list[_Found]) -> Iterator[str]:
    """Name the parameter of each group of tables, and the frames that it needs from outside."""
    groups: dict[tuple[str, ...], list[_Found]] = {}
    for table in tables:
        groups.setdefault(table.keys[:-1], []).append(table)
    for keys, members in groups.items():
        names = {member.keys[-1] for member in members}
        others = sorted(set(members[0].siblings) - names - {"seed"})
        parameter = "params:" + ".".join(keys)
        if others:
            yield (
                f"{parameter} holds other keys than tables: {', '.join(others)}. "
                "Move them to a separate parameter"
            )
        outside = sorted({source for member in members for source in _sources(member)} - names)
        if outside:
            sources = ", ".join(f"{name!r}: <dataset>" for name in outside)
            call = f"create_fabricator_pipeline(..., sources={{{sources}}})"
            yield f"{parameter} copies from tables outside it: {call}"


def _sources(table: _Found) -> Iterator[str]:
    for column in read_node(table.node)["columns"].values():
        if isinstance(column, dict):
            reference = column.get("source_column", column.get("source"))
            if isinstance(reference, str) and "." in reference:
                yield reference.partition(".")[0]

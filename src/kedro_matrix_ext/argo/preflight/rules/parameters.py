"""Parameters: missing ones, and the objects they declare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.catalog.lookup.injected_objects import check_objects_injected, list_blocks_injected
from kedro_matrix_ext.catalog.parameter_names import (
    ALL_PARAMETERS,
    PARAMETER_PREFIX,
    check_data_named_as_parameters,
    check_parameters_used,
    is_parameter,
    named_parameters,
)
from kedro_matrix_ext.findings import finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kedro.io import DataCatalog
    from kedro.pipeline.node import Node

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = [
    "find_data_named_as_parameters",
    "find_injected_objects",
    "find_missing_parameters",
    "find_unknown_values",
    "list_declared_objects",
    "read_parameters",
]


def read_parameters(context: CheckContext) -> dict[str, Any]:
    """Return the parameters of the environment as one tree, from the catalog, where Kedro puts them."""
    catalog = context.catalog
    if catalog is None:
        return {}
    known = _parameters(context)
    if ALL_PARAMETERS in known:
        return dict(_load(catalog, ALL_PARAMETERS) or {})
    named = sorted(name for name in known if name.startswith(PARAMETER_PREFIX))
    return {name.removeprefix(PARAMETER_PREFIX): _load(catalog, name) for name in named}


def _load(catalog: DataCatalog, parameter: str) -> Any:
    """Load a parameter without a log line."""
    dataset = catalog.get(parameter)
    return None if dataset is None else dataset.load()


def find_missing_parameters(context: CheckContext) -> Iterator[Finding]:
    """Report parameters that nodes use and that are not declared."""
    if context.catalog is None:
        return
    names = _parameters(context)
    known = {name.removeprefix(PARAMETER_PREFIX) for name in names}
    known |= dict(named_parameters(context.params)).keys()
    uses = context.parameters_used
    data = _data_named_as_parameters(context)
    found = check_parameters_used(
        {name: used[0].node for name, used in uses.items() if name not in data},
        known,
        locate=context.parameter_place,
        find_entry=context.view.entry_name,
    )
    for each in found:
        yield replace(each, task=uses[str(each.dataset)][0].task)


def find_data_named_as_parameters(context: CheckContext) -> Iterator[Finding]:
    """Report node outputs and catalog entries that have the name of a parameter."""
    found = check_data_named_as_parameters(
        context.nodes, context.view.entries_written, locate=context.catalog_place
    )
    for each in found:
        yield replace(each, task=context.task_of.get(each.node or ""))


def _data_named_as_parameters(context: CheckContext) -> set[str]:
    return {name for name in (*context.makers, *context.view.entries_written) if is_parameter(name)}


def _parameters(context: CheckContext) -> set[str]:
    """Return the names of parameters that the catalog holds, which a run would build objects from."""
    names = set() if context.catalog is None else set(context.catalog.keys())
    return set(filter(is_parameter, names)) - _data_named_as_parameters(context)


def find_unknown_values(context: CheckContext) -> Iterator[Finding]:
    """Note arguments of injected objects whose values only a pod has, since nothing checks them."""
    if context.catalog is None or not context.placeholders.variables:
        return
    values = _load_parameters(context, context.parameters_used)
    seen: set[Keys] = set()
    for node in context.nodes:
        for block, place in list_blocks_injected(node, values):
            variables = context.placeholders.find([list(block.args), block.kwargs])
            if variables and not any(place.keys[: len(keys)] == keys for keys in seen):
                seen.add(place.keys)
                path = render_config_path("parameters", place.keys)
                yield finding(
                    "value-only-in-pod",
                    f"an argument of the object {path!r} is the value of {variables[0]!r}, which only a pod "
                    "has, so it is not checked",
                    location=context.parameter_place(place.keys),
                    task=context.task_of[node.name],
                    node=node.name,
                    dataset=_find_parameter(node, place.keys),
                )


def _find_parameter(node: Node, keys: Keys) -> str | None:
    """Return the parameter that a node is given and that holds what is at a path."""
    names = {"": ALL_PARAMETERS, **{name.removeprefix(PARAMETER_PREFIX): name for name in node.inputs}}
    beginnings = (".".join(map(str, keys[:length])) for length in range(len(keys), -1, -1))
    return next((names[name] for name in beginnings if name in names), None)


def list_declared_objects(node: Node, context: CheckContext) -> Iterator[str]:
    """Yield the import paths of the objects that a node's decorators build from its parameters."""
    values = _load_parameters(context, node.inputs)
    return (block.path for block, _ in list_blocks_injected(node, values) if "." in block.path)


def _load_parameters(context: CheckContext, names: Iterable[str]) -> dict[str, Any]:
    """Load those of some names that are parameters, of which a run would build objects."""
    catalog = context.catalog
    return {} if catalog is None else {name: _load(catalog, name) for name in _parameters(context) & {*names}}


def find_injected_objects(context: CheckContext) -> Iterator[Finding]:
    """Report declared objects that could not be injected into nodes; nothing is called."""
    if context.catalog is None or not context.imports:
        return
    values = _load_parameters(context, context.parameters_used)
    seen: set[str] = set()
    for node in context.nodes:
        for found in check_objects_injected(node, values, locate=context.parameter_place):
            if (identity := f"{found.location.config_path} {found.message}") not in seen:
                seen.add(identity)
                yield replace(found, task=context.task_of[node.name])

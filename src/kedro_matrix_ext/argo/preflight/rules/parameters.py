"""Parameters: missing ones, and the objects they declare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.catalog.lookup.injected_objects import check_objects_injected
from kedro_matrix_ext.catalog.parameter_names import (
    ALL_PARAMETERS,
    PARAMETER_PREFIX,
    check_data_named_as_parameters,
    check_parameters_used,
    is_parameter,
    named_parameters,
)
from kedro_matrix_ext.findings import finding
from kedro_matrix_ext.injection.objects.blocks import is_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro.io import DataCatalog
    from kedro.pipeline.node import Node

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
    for name in sorted(context.parameters_used.keys() & _parameters(context)):
        for keys, value in _walk_objects(_load(context.catalog, name), ()):
            if variables := context.placeholders.find(value):
                use = context.parameters_used[name][0]
                own = () if name == ALL_PARAMETERS else tuple(name.removeprefix(PARAMETER_PREFIX).split("."))
                path = (*own, *keys)
                yield finding(
                    "value-only-in-pod",
                    f"an argument of the object {render_config_path('parameters', path)!r} is the value of "
                    f"{variables[0]!r}, which only a pod has, so it is not checked",
                    location=context.parameter_place(path),
                    task=use.task,
                    node=use.node,
                    dataset=name,
                )


def _walk_objects(value: Any, keys: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield the blocks that declare objects, without the blocks inside them."""
    if isinstance(value, dict) and is_block(value):
        yield keys, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk_objects(item, (*keys, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _walk_objects(item, (*keys, index))


def list_declared_objects(node: Node, context: CheckContext) -> Iterator[str]:
    """Yield the import paths of the objects that a node's parameters declare."""
    names = [name for name in node.inputs if name in context.parameters_used]
    known = _parameters(context)
    for name in names:
        if name in known and context.catalog is not None:
            for value in _walk_all(_load(context.catalog, name)):
                target = value.get("_object", value.get("object"))
                if isinstance(target, str) and "." in target:
                    yield target


def _walk_all(value: Any) -> Iterator[dict[Any, Any]]:
    """Yield the blocks that declare objects, and those inside them."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    if isinstance(value, dict) and is_block(value):
        yield value
    for item in inside:
        yield from _walk_all(item)


def find_injected_objects(context: CheckContext) -> Iterator[Finding]:
    """Report declared objects that could not be injected into nodes; nothing is called."""
    if context.catalog is None or not context.imports:
        return
    used = context.parameters_used.keys() & _parameters(context)
    values = {name: _load(context.catalog, name) for name in used}
    seen: set[str] = set()
    for node in context.nodes:
        for found in check_objects_injected(node, values, locate=context.parameter_place):
            if (identity := f"{found.location.config_path} {found.message}") not in seen:
                seen.add(identity)
                yield replace(found, task=context.task_of[node.name])

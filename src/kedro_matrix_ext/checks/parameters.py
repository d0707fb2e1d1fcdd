"""The parameters of an environment: what pipelines use of them, the objects they declare, the variants."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._variables import ALLOWLIST_VARIABLE
from kedro_matrix_ext.catalog.lookup.injected_objects import check_objects_injected, list_targets_injected
from kedro_matrix_ext.catalog.lookup.typed_parameters import check_typed_parameters
from kedro_matrix_ext.catalog.parameter_names import (
    ALL_PARAMETERS,
    PARAMETER_PREFIX,
    check_data_named_as_parameters,
    check_parameters_used,
    is_parameter,
    named_parameters,
)
from kedro_matrix_ext.config.interpolation.missing_variables import holds_unresolved
from kedro_matrix_ext.config.layers.yaml_nodes import read_plain_scalar
from kedro_matrix_ext.fabrication.functions import list_functions
from kedro_matrix_ext.fabrication.nodes import fabricates
from kedro_matrix_ext.findings import Location, finding
from kedro_matrix_ext.injection.checks import check_injected_objects
from kedro_matrix_ext.injection.objects.blocks import RESERVED_KEYS, TARGET_KEYS
from kedro_matrix_ext.pipelines.checks import check_variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kedro.pipeline.node import Node

    from kedro_matrix_ext.checks.datasets import CatalogChecks
    from kedro_matrix_ext.checks.loading import LoadedEnvironment
    from kedro_matrix_ext.findings import Finding

__all__ = ["check_parameters", "note_missing_allow_list"]

_PRIVATE = "_"


def check_parameters(
    loaded: LoadedEnvironment, parameters: Mapping[str, Any], checks: CatalogChecks | None
) -> Iterator[Finding]:
    """Check the parameters of an environment.

    Yields:
        Findings of ``missing-parameter``, ``data-named-as-parameter``, ``injected-object``,
        ``typed-parameter-refused``, ``variant-without-parameters`` and ``parameters-without-variant``.
    """
    used = loaded.uses.parameters

    def locate(keys: Sequence[Any]) -> Location:
        return loaded.locate("parameters", keys)

    data = _names_of_data(loaded)
    yield from check_parameters_used(
        {name: node for name, node in used.items() if name not in data},
        dict(named_parameters(parameters)),
        locate=locate,
        find_entry=(lambda _: None) if checks is None else checks.find_entry,
    )
    yield from check_data_named_as_parameters(
        loaded.project.uses.nodes,
        loaded.values.get("catalog") or {},
        locate=lambda name: loaded.locate("catalog", [name]),
    )
    yield from _find_injected_objects(loaded, parameters)
    known = {
        name: value for name, value in _by_name(loaded, parameters).items() if not holds_unresolved(value)
    }
    yield from check_typed_parameters(
        loaded.uses.nodes, known, locate=locate, show_quoted=lambda keys, value: _quote(loaded, keys, value)
    )
    if loaded.project.mapping is not None:
        read = None if loaded.project.pipelines is None else list(used)
        yield from check_variants(
            loaded.project.mapping, parameters, used=read, env=loaded.env, locate=locate
        )


def _quote(loaded: LoadedEnvironment, keys: Sequence[Any], value: object) -> str:
    """Say how a number or boolean is written where text is expected."""
    written = loaded.provenance.find("parameters", keys).written
    kind = "boolean" if isinstance(value, bool) else "number"
    if written is None or repr(read_plain_scalar(written.text)) != repr(value):
        return f"YAML reads it as the {kind} {value}: put it in quotes where it is written."
    quote = '"' if str(written.file).endswith(".json") else "'"
    read = f"YAML reads {written.text} as the {kind} {value}"
    return f"{read}: put it in quotes: {quote}{written.text}{quote}."


def _names_of_data(loaded: LoadedEnvironment) -> set[str]:
    """Return the names of parameters that nodes write or the catalog serves: a run takes them as data."""
    names = (*loaded.project.uses.datasets_made, *(loaded.values.get("catalog") or {}))
    return set(filter(is_parameter, names))


def _find_injected_objects(loaded: LoadedEnvironment, parameters: Mapping[str, Any]) -> Iterator[Finding]:
    """Report objects that cannot be made, each once, with the place where it is written, if known."""
    written: set[Location] = set()

    def locate(keys: Sequence[Any]) -> Location:
        found = loaded.provenance.find("parameters", keys)
        place = loaded.locate("parameters", keys)
        if found.is_exact:
            written.add(place)
        return place

    resolved = _without(parameters, private=False)
    used: dict[str, list[Finding]] = {}
    for found in _find_used_objects(loaded, resolved, locate):
        used.setdefault(found.message, []).append(found)
    if not used:
        return
    for found in check_injected_objects(resolved, locate=locate):
        if found.message in used:
            used[found.message].append(found)
    for places in used.values():
        at = next((each for each in places if each.location in written), places[0])
        yield replace(places[0], fix=at.fix, location=at.location)


def _find_used_objects(
    loaded: LoadedEnvironment, parameters: Mapping[str, Any], locate: Callable[[Sequence[Any]], Location]
) -> Iterator[Finding]:
    """Report what nodes could not be given; all that is not private, where the nodes are not known.

    What starts with ``_`` is there to be merged into other values and does not have to be whole.
    """
    if loaded.project.pipelines is None:
        yield from check_injected_objects(_without(parameters, private=True), locate=locate)
        return
    values = _by_name(loaded, parameters)
    for node in loaded.uses.nodes:
        yield from check_objects_injected(node, values, locate=locate)


def _by_name(loaded: LoadedEnvironment, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return each parameter by the name under which nodes read it."""
    data = _names_of_data(loaded)
    values = {f"{PARAMETER_PREFIX}{name}": value for name, value in named_parameters(parameters)}
    values[ALL_PARAMETERS] = dict(parameters)
    return {name: value for name, value in values.items() if name not in data}


def _without(value: Any, *, private: bool) -> Any:
    """Leave out blocks whose target is not resolved, and what is private."""
    if isinstance(value, dict):
        if any(holds_unresolved(value[key]) for key in TARGET_KEYS if key in value):
            return {}
        return {
            key: _without(child, private=private)
            for key, child in value.items()
            if not private or key in RESERVED_KEYS or not str(key).startswith(_PRIVATE)
        }
    return [_without(child, private=private) for child in value] if isinstance(value, list) else value


def note_missing_allow_list(environments: Sequence[LoadedEnvironment]) -> Iterator[Finding]:
    """Note in each environment that injects that no allow-list narrows it, with the list that would.

    The list is that of all environments, so that it can be pasted into a file that all of them read. It
    covers fabricated tables too, since the variable does.

    Yields:
        A finding ``no-allow-list`` per environment.
    """
    if ALLOWLIST_VARIABLE in os.environ:
        return
    injecting: dict[str, str] = {}
    paths: set[str] = set()
    for loaded in environments:
        values = _by_name(loaded, loaded.values.get("parameters") or {})
        for node in loaded.uses.nodes:
            targets = list_targets_injected(node, values)
            paths |= targets.paths
            paths |= _list_functions(node, values) if fabricates(node) else set()
            if targets.unlisted:
                injecting.setdefault(loaded.env, node.name)
    for env, name in injecting.items():
        yield finding(
            "no-allow-list",
            f"node {name!r} is given objects by @inject_object, and no allow-list says which these may be",
            fix=f"Allow what is used today, by this line in .env.defaults:\n"
            f"{ALLOWLIST_VARIABLE}={','.join(sorted(paths))}",
            location=Location(env=env),
            node=name,
        )


def _list_functions(node: Node, values: Mapping[str, Any]) -> set[str]:
    return {path for name in node.inputs for path in list_functions(values.get(name))}

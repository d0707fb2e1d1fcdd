"""Whether the variants that are declared and the parameters that are written belong together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path, render_key_path
from kedro_matrix_ext._suggestion import did_you_mean, nearest_names
from kedro_matrix_ext.catalog.parameter_names import PARAMETER_PREFIX
from kedro_matrix_ext.findings import Location, finding
from kedro_matrix_ext.pipelines.frozen_mapping import freeze
from kedro_matrix_ext.pipelines.mapping import is_list_of_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext._config_path import Key
    from kedro_matrix_ext.findings import Finding

Locate = Callable[[Sequence["Key"]], "Location"]

__all__ = ["check_variants"]

_PRIVATE = "_"  # begins keys that are there for others to refer to


def check_variants(
    mapping: Mapping[str, Any],
    parameters: Mapping[str, Any],
    *,
    used: Collection[str] | None = None,
    env: str | None = None,
    locate: Locate | None = None,
) -> list[Finding]:
    """Find variants declared without parameters, and parameters for variants that are not declared.

    Looked at are the namespaces at the top of the mapping that hold a list of names. A key next to the
    declared variants is taken for a variant's where its value shares a key with a declared variant's, or its
    name is like that of a variant that lacks parameters; other keys of a namespace are its own.

    Args:
        mapping: The dynamic pipeline mapping.
        parameters: The resolved parameters of one environment.
        used: What the pipelines read, as ``Pipeline.inputs()`` gives it. With it, a variant none of whose
            parameters is read needs none, and what is read is never taken for an undeclared variant's.
        env: That environment, for the findings' place.
        locate: Finds where the parameters of a key path are written; by default only the path is reported.

    Returns:
        Findings of ``variant-without-parameters`` and ``parameters-without-variant``.

    Examples:
        >>> found = check_variants({"price": ["base", "test1"]}, {"price": {"base": {"depth": 3}}})
        >>> [(one.code, one.location.config_path) for one in found]
        [('variant-without-parameters', 'parameters: price.test1')]
    """
    declared = {
        namespace: variants
        for namespace, variants in freeze(mapping, (), source="mapping").items()
        if is_list_of_names(variants)
    }
    findings = []
    place = locate or partial(_place, env)
    read = None if used is None else _list_paths(used)
    for namespace, variants in declared.items():
        blocks = _mapping_or_empty(parameters.get(namespace))
        missing = [
            name
            for name in variants
            if name not in blocks and (read is None or f"{namespace}.{name}" in read)
        ]
        undeclared = [
            name
            for name in _undeclared(blocks, variants, missing)
            if read is None or f"{namespace}.{name}" not in read
        ]
        findings += [_without_parameters(namespace, name, undeclared, place) for name in missing]
        findings += [_without_variant(namespace, name, variants, place) for name in undeclared]
    findings += _undeclared_namespaces(declared, parameters, place)
    return findings


def _place(env: str | None, keys: Sequence[Key]) -> Location:
    return Location(config_path=render_config_path("parameters", keys), env=env)


def _mapping_or_empty(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _list_paths(used: Collection[str]) -> set[str]:
    """List the paths of the parameters that are read, and of all that these are parts of."""
    paths = (name.removeprefix(PARAMETER_PREFIX) for name in used if name.startswith(PARAMETER_PREFIX))
    return {prefix for path in paths for prefix in accumulate(path.split("."), "{}.{}".format)}


def _undeclared(blocks: Mapping[Any, Any], variants: Collection[str], missing: list[str]) -> Iterator[str]:
    """Pick the keys of a namespace that look like a variant's block."""
    shared = {key for name in variants for key in _mapping_or_empty(blocks.get(name))}
    for name, block in blocks.items():
        if name in variants or not isinstance(name, str) or not isinstance(block, Mapping):
            continue
        if name.startswith(_PRIVATE):
            continue
        if shared & block.keys() or nearest_names(name, missing):
            yield name


def _undeclared_namespaces(
    declared: Mapping[str, Collection[str]], parameters: Mapping[str, Any], locate: Locate
) -> Iterator[Finding]:
    """Find variants' blocks under a key that is not a namespace: one renamed, mistyped or taken out."""
    all_variants = {name for variants in declared.values() for name in variants}
    for key, value in parameters.items():
        if key in declared or str(key).startswith(_PRIVATE):
            continue
        for name, block in _mapping_or_empty(value).items():
            if name in all_variants and isinstance(block, Mapping):
                yield finding(
                    "parameters-without-variant",
                    f"there are parameters for {render_key_path([key, name])!r}, and the mapping has no "
                    f"namespace {key!r}",
                    fix=did_you_mean(str(key), declared)
                    or f"Declare {key!r} in the mapping, or remove them.",
                    location=locate([key, name]),
                )


def _without_parameters(namespace: str, variant: str, undeclared: list[str], locate: Locate) -> Finding:
    path = render_key_path([namespace, variant])
    return finding(
        "variant-without-parameters",
        f"variant {variant!r} of {namespace!r} is declared and has no parameters",
        fix=f"Write parameters under {path!r}, or take it out of the mapping. "
        f"{did_you_mean(variant, undeclared)}".rstrip(),
        location=locate([namespace, variant]),
    )


def _without_variant(namespace: str, name: str, variants: Collection[str], locate: Locate) -> Finding:
    return finding(
        "parameters-without-variant",
        f"there are parameters for {name!r} of {namespace!r}, which is not declared",
        fix=f"Add {name!r} to the mapping's {namespace!r}, or remove its parameters. "
        f"{did_you_mean(name, variants)}".rstrip(),
        location=locate([namespace, name]),
    )

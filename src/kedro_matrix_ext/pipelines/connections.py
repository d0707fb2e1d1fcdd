"""How the copies of a skeleton are connected to what is around them: which names they keep, and as what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.engine_names import ENGINE_SEPARATOR, strip_engine
from kedro_matrix_ext.catalog.parameter_names import ALL_PARAMETERS, PARAMETER_PREFIX, is_parameter
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines.name_templates import PREVIOUS_VARIANT, Template, parse_template

if TYPE_CHECKING:
    from kedro.pipeline import Pipeline

__all__ = ["Connections", "Names", "parse_connections", "rename"]

# As in Kedro: a name, a collection of names that stay, or old names mapped to new ones.
Names = str | Collection[str] | Mapping[str, str] | None


@dataclass(frozen=True)
class Connections:
    """The names that do not simply get the namespace put before them.

    Attributes:
        templates: A template for the new name, per name in the skeleton.
        first_variant: The templates that the first variant of a namespace has instead.
        outputs: The names among them that the skeleton writes.
    """

    templates: Mapping[str, Template]
    first_variant: Mapping[str, Template]
    outputs: frozenset[str]

    def render(self, values: Mapping[str, str]) -> dict[str, str]:
        """Name what one copy of the skeleton is connected to.

        Args:
            values: The placeholders' values; without ``previous_variant`` for a first variant.

        Returns:
            Skeleton names mapped to names in the whole pipeline.
        """
        first = PREVIOUS_VARIANT not in values
        templates = {**self.templates, **self.first_variant} if first else self.templates
        return {name: template.render(values) for name, template in templates.items()}


def rename(name: str, connected: Mapping[str, str], namespace: str) -> str:
    """Name a dataset or parameter of the skeleton as Kedro does in a namespaced pipeline.

    Args:
        name: The name in the skeleton.
        connected: What ``Connections.render`` gave.
        namespace: The copy's namespace.

    Returns:
        The name in the whole pipeline.

    Examples:
        >>> [rename(name, {"table": "shared.table"}, "price.base")
        ...  for name in ("table@spark", "model", "params:options", "parameters")]
        ['shared.table@spark', 'price.base.model', 'params:price.base.options', 'parameters']
    """
    if name in connected:
        return connected[name]
    if name == ALL_PARAMETERS:
        return name
    base, separator, engine = name.partition(ENGINE_SEPARATOR)
    if base in connected:
        return f"{connected[base]}{separator}{engine}"
    if name.startswith(PARAMETER_PREFIX):
        return f"{PARAMETER_PREFIX}{namespace}.{name.removeprefix(PARAMETER_PREFIX)}"
    return f"{namespace}.{name}"


def parse_connections(  # noqa: PLR0913  Kedro's three arguments, and what they are checked against
    skeleton: Pipeline,
    *,
    inputs: Names,
    outputs: Names,
    parameters: Names,
    first_variant: Mapping[str, str] | None = None,
    known: Collection[str],
) -> Connections:
    """Read and check the arguments of ``per_namespace`` and ``per_variant``.

    Args:
        skeleton: The pipeline that is copied.
        inputs: As for Kedro's ``Pipeline``; values may hold placeholders.
        outputs: The same.
        parameters: The same; names with or without ``params:``.
        first_variant: The replacement for a value that holds ``{previous_variant}``.
        known: The placeholders that have a value.

    Returns:
        The connections.

    Raises:
        MappingError: If a name is not in the skeleton or in the wrong argument, a placeholder is unknown, or
            the first variant is left without a name.
    """
    read, written = _parse_names(inputs, "inputs", known), _parse_names(outputs, "outputs", known)
    configured = _parse_parameters(_parse_names(parameters, "parameters", known))
    _check_inputs(read, skeleton)
    _check_outputs(written, skeleton)
    _check_exist(configured, "parameters", {name for name in skeleton.inputs() if is_parameter(name)})
    templates = {**read, **written, **configured}
    without_previous = [name for name in known if name != PREVIOUS_VARIANT]
    first = _parse_names(first_variant, "first_variant", without_previous)
    return Connections(templates, _match_first_variant(first, templates), frozenset(written))


def _parse_names(names: Names, argument: str, known: Collection[str]) -> dict[str, Template]:
    if isinstance(names, Mapping):
        listed: Iterable[tuple[str, str]] = names.items()
    else:
        kept = [names] if isinstance(names, str) else names or ()
        listed = [(name, name) for name in kept]
    return {name: parse_template(text, known=known, place=f"{argument}: {name}") for name, text in listed}


def _parse_parameters(templates: Mapping[str, Template]) -> dict[str, Template]:
    """Put ``params:`` before names and templates that are written without."""
    parsed = {}
    for name, template in templates.items():
        if name == ALL_PARAMETERS and template.text != ALL_PARAMETERS:
            raise MappingError(
                f"{name!r} is all parameters, which cannot be mapped to {template.text!r}",
                config_path="parameters: parameters",
                hint="Map single parameters, and let the nodes read those.",
            )
        parsed[_parameter(name)] = Template(_parameter(template.text), template.placeholders)
    return parsed


def _parameter(name: str) -> str:
    return name if is_parameter(name) else f"{PARAMETER_PREFIX}{name}"


def _check_inputs(names: Iterable[str], skeleton: Pipeline) -> None:
    for name in names:
        if is_parameter(name):
            raise MappingError(
                f"{name!r} is a parameter", config_path=f"inputs: {name}", hint="Pass it in 'parameters'."
            )
    _check_exist(names, "inputs", _datasets(skeleton.datasets()))
    free = _bases(skeleton.inputs())
    for name in names:
        if strip_engine(name) not in free:
            raise MappingError(
                f"{name!r} is written by a node of the skeleton, so it is not one of its inputs",
                config_path=f"inputs: {name}",
                hint="Pass it in 'outputs'.",
            )


def _check_outputs(names: Iterable[str], skeleton: Pipeline) -> None:
    _check_exist(names, "outputs", _datasets(skeleton.datasets()))
    free = _bases(skeleton.inputs())
    for name in names:
        if strip_engine(name) in free:
            raise MappingError(
                f"{name!r} is not written by a node of the skeleton, so it is not one of its outputs",
                config_path=f"outputs: {name}",
                hint="Pass it in 'inputs'.",
            )


def _check_exist(names: Iterable[str], argument: str, known: Collection[str]) -> None:
    """A transcoded dataset is known by its name with and without the engine."""
    all_known = {*known, *map(strip_engine, known)}
    kind = "parameter" if argument == "parameters" else "dataset"
    for name in names:
        if name not in all_known:
            raise MappingError(
                f"the skeleton has no {kind} {name!r}",
                config_path=f"{argument}: {name}",
                hint=did_you_mean(name, all_known) or f"It has {', '.join(sorted(known)[:5]) or 'none'}.",
            )


def _match_first_variant(
    first: Mapping[str, Template], templates: Mapping[str, Template]
) -> dict[str, Template]:
    """Give each name that looks back the name it has in the first variant, and no other name one."""
    looking_back = {name for name, template in templates.items() if PREVIOUS_VARIANT in template.placeholders}
    matched = {}
    for name, template in first.items():
        full_name = name if name in looking_back else _parameter(name)
        if full_name not in looking_back:
            raise MappingError(
                f"{name!r} is not mapped to a name with '{{previous_variant}}'",
                config_path=f"first_variant: {name}",
                hint=did_you_mean(name, looking_back) or "Map it in 'inputs', 'outputs' or 'parameters'.",
            )
        text = _parameter(template.text) if is_parameter(full_name) else template.text
        matched[full_name] = Template(text, template.placeholders)
    for name in sorted(looking_back - matched.keys()):
        raise MappingError(
            f"the first variant has none before it, which {templates[name].text!r} asks for",
            config_path=f"first_variant: {name}",
            hint=f"Say what the first one uses: first_variant={{{name!r}: 'initial_{strip_engine(name)}'}}.",
        )
    return matched


def _datasets(names: Iterable[str]) -> set[str]:
    return {name for name in names if not is_parameter(name)}


def _bases(names: Iterable[str]) -> set[str]:
    return {strip_engine(name) for name in names}

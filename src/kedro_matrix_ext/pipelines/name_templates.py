"""Names with placeholders: ``{namespace}.{previous_variant}.model``."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import MappingError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["NAMESPACE", "PREVIOUS_VARIANT", "VARIANT", "Template", "parse_template"]

NAMESPACE = "namespace"
VARIANT = "variant"
PREVIOUS_VARIANT = "previous_variant"


@dataclass(frozen=True)
class Template:
    """A name that may hold placeholders.

    Attributes:
        text: As written.
        placeholders: The placeholders in it.
    """

    text: str
    placeholders: frozenset[str]

    def render(self, values: Mapping[str, str]) -> str:
        """Fill in the placeholders.

        Args:
            values: A value for each of them.

        Returns:
            The name.
        """
        return self.text.format_map(values)


def parse_template(text: str, *, known: Collection[str], place: str) -> Template:
    """Read a name with placeholders.

    Args:
        text: As ``{namespace}.model``.
        known: The placeholders that have a value here.
        place: Where it is, for messages.

    Returns:
        The template.

    Raises:
        MappingError: If a brace is unmatched or a placeholder is none of the known ones.

    Examples:
        >>> template = parse_template("{namespace}.model", known=["namespace"], place="example")
        >>> template.render({"namespace": "price_predictor"})
        'price_predictor.model'
    """
    if not isinstance(text, str):
        raise MappingError(f"{text!r} is not a name", config_path=place, hint="Write a string.")
    try:
        parsed = [found for found in Formatter().parse(text) if found[1] is not None]
    except ValueError as error:
        raise MappingError(
            f"{text!r} has a brace without its counterpart", config_path=place, hint=_listed(known)
        ) from error
    for _, name, specification, conversion in parsed:
        if name not in known or specification or conversion:
            raise MappingError(
                f"{name!r} in {text!r} is not a placeholder known here",
                config_path=place,
                hint=" ".join(filter(None, [did_you_mean(str(name), known), _listed(known)])),
            )
    return Template(text, frozenset(str(name) for _, name, _, _ in parsed))


def _listed(known: Collection[str]) -> str:
    return f"Known, without format or conversion: {', '.join(f'{{{name}}}' for name in known)}."

"""Tags that refer to an input parameter of a template."""

from __future__ import annotations

import re

from kedro_matrix_ext.argo.template_tags.syntax import find_tags

__all__ = ["find_input_names"]

_INPUT = re.compile(r"inputs\.parameters(?:\.([-\w]+)|\[\s*['\"]([^'\"]+)['\"]\s*\])")


def find_input_names(text: str) -> set[str]:
    """Return the names of the input parameters that the tags of a text refer to.

    Examples:
        >>> sorted(find_input_names("{{inputs.parameters.mem}} {{inputs.parameters['cpu']}}"))
        ['cpu', 'mem']
    """
    return {first or second for tag in find_tags(text) for first, second in _INPUT.findall(tag)}

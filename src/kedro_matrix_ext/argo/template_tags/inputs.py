"""Tags that refer to an input parameter of a template."""

from __future__ import annotations

import re

from kedro_matrix_ext.argo.template_tags.syntax import find_tags

__all__ = ["ALL_INPUTS", "find_input_names", "takes_all_inputs"]

ALL_INPUTS = "inputs.parameters"
"""The tag for all inputs of a template, as a JSON list of names and values."""

_INPUT = re.compile(r"inputs\.parameters(?:\.([-\w]+)|\[\s*['\"]([^'\"]+)['\"]\s*\])")


_ALL_INPUTS = re.compile(r"(?<![\w.])inputs\.parameters(?!\s*[\w.\[])")


def find_input_names(text: str) -> set[str]:
    """Return the names of the input parameters that the tags of a text refer to.

    Examples:
        >>> sorted(find_input_names("{{inputs.parameters.mem}} {{inputs.parameters['cpu']}}"))
        ['cpu', 'mem']
    """
    return {first or second for tag in find_tags(text) for first, second in _INPUT.findall(tag)}


def takes_all_inputs(text: str) -> bool:
    """Return whether a tag of a text stands for all inputs together.

    Examples:
        >>> texts = ("{{inputs.parameters}}", "{{=toJson(inputs.parameters)}}", "{{inputs.parameters.mem}}")
        >>> [takes_all_inputs(text) for text in texts]
        [True, True, False]
    """
    return any(_ALL_INPUTS.search(tag) for tag in find_tags(text))

"""Argo's tags, ``{{inputs.parameters.nodes}}``: the text in double braces is replaced, once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "fill_tags",
    "find_tags",
    "has_tags",
    "input_tag",
    "is_templated",
    "render_tag",
    "task_output_tag",
    "workflow_parameter_tag",
]

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def render_tag(name: str) -> str:
    """Write a tag.

    Examples:
        >>> render_tag("workflow.status")
        '{{workflow.status}}'
    """
    return f"{{{{{name}}}}}"


def input_tag(name: str) -> str:
    """Refer to an input parameter of the template."""
    return render_tag(f"inputs.parameters.{name}")


def task_output_tag(task: str, name: str) -> str:
    """Refer to an output parameter of a task of the same DAG."""
    return render_tag(f"tasks.{task}.outputs.parameters.{name}")


def workflow_parameter_tag(name: str) -> str:
    """Refer to a parameter of the workflow."""
    return render_tag(f"workflow.parameters.{name}")


def has_tags(text: str) -> bool:
    """Check whether Argo may find a tag in a text; it looks for two opening braces."""
    return "{{" in text


def is_templated(text: str) -> bool:
    """Check whether a text has tags and no other braces, so that Argo makes another text of it.

    Examples:
        >>> is_templated("{{workflow.name}}-a"), is_templated("{{workflow.name")
        (True, False)
    """
    return has_tags(text) and not has_tags(fill_tags(text, lambda _tag: ""))


def fill_tags(text: str, lookup: Callable[[str], str | None]) -> str:
    """Replace tags by values.

    Examples:
        >>> fill_tags("{{ a }} {{b}}", {"a": "{{b}}"}.get)
        '{{b}} {{b}}'
    """

    def replace(match: re.Match[str]) -> str:
        value = lookup(match[1].strip())
        return match[0] if value is None else value

    return _TAG.sub(replace, text)


def find_tags(text: str) -> Iterator[str]:
    """Find the tags in a text.

    Yields:
        The text in double braces.

    Examples:
        >>> list(find_tags("{{ a }} {{b}}"))
        ['a', 'b']
    """
    return (match.strip() for match in _TAG.findall(text))

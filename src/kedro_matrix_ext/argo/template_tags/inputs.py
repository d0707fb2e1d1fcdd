"""Inputs of templates of one's own: which ones their text refers to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.template_tags.syntax import find_tags
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kedro_matrix_ext.argo.configuration.templates import Container, Sidecar, Template

__all__ = ["check_inputs", "find_inputs"]

_INPUT = re.compile(r"inputs\.parameters(?:\.([-\w]+)|\[\s*['\"]([^'\"]+)['\"]\s*\])")


def find_inputs(template: Template) -> set[str]:
    """Find the input parameters that a template's text refers to.

    Args:
        template: The template in ``argo.yml``.

    Returns:
        Their names.
    """
    return {
        first or second
        for text in _texts(template)
        for tag in find_tags(text)
        for first, second in _INPUT.findall(tag)
    }


def _texts(template: Template) -> Iterator[str]:
    containers: tuple[Container | Sidecar, ...] = (template.container, *template.sidecars)
    for container in containers:
        yield from container.command
        yield from container.args
        yield container.image or ""
        yield from (entry.value or "" for entry in container.env)


def check_inputs(wanted: Collection[str], known: Collection[str], template: Template) -> None:
    """Make sure a template refers only to inputs it is given.

    Args:
        wanted: The names it refers to.
        known: The names it is given.
        template: The template.

    Raises:
        ArgoError: If it refers to another.
    """
    for name in sorted(set(wanted) - set(known)):
        raise ArgoError(
            f"template {template.name!r} refers to {'inputs.parameters.' + name!r}, which it is not given. "
            f"{did_you_mean(name, known)}".rstrip(),
            config_path="argo: template.templates",
            hint=f"It is given: {', '.join(sorted(known)) or 'nothing'}.",
        )

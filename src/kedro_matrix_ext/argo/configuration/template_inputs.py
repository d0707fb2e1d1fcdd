"""The input parameters that a custom template refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._containers import list_strings
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.template_tags.inputs import find_input_names, takes_all_inputs
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from kedro_matrix_ext.argo.configuration.templates import Container, Sidecar, Template

__all__ = ["check_inputs", "find_inputs"]


def find_inputs(template: Template, given: Iterable[str]) -> set[str]:
    """Return the names of the input parameters that a template refers to; those given if it takes all."""
    texts = list(_texts(template))
    named = {name for text in texts for name in find_input_names(text)}
    return named.union(given) if any(map(takes_all_inputs, texts)) else named


def _texts(template: Template) -> Iterator[str]:
    containers: tuple[Container | Sidecar, ...] = (template.container, *template.sidecars)
    for container in containers:
        yield from container.command
        yield from container.args
        yield container.image or ""
        yield from (entry.value or "" for entry in container.env)
        yield from list_strings(container.passed)
    if template.resource is not None:
        yield from (template.resource.manifest or "", *list_strings(template.resource.passed))
    yield from list_strings(template.passed)
    yield from list_strings(template.pod)


def check_inputs(wanted: Collection[str], known: Collection[str], template: Template) -> None:
    """Check that a template refers only to inputs it receives.

    Raises:
        ArgoError: If it refers to an input that is not known.
    """
    for name in sorted(set(wanted) - set(known)):
        raise ArgoError(
            f"template {template.name!r} refers to {'inputs.parameters.' + name!r}, which it does not receive"
            f". {did_you_mean(name, known)}".rstrip(),
            config_path="argo: template.templates",
            hint=f"It receives: {', '.join(sorted(known)) or 'nothing'}.",
        )

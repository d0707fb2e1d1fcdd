"""Names in ``argo.yml`` that must be declared elsewhere in it: machine types and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from kedro_matrix_ext._suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BUILT_IN_TEMPLATE", "Dangling", "find_dangling_references"]

BUILT_IN_TEMPLATE = "kedro"

# The key path, the name, the message.
Dangling = tuple[tuple[str | int, ...], str, str]


def find_dangling_references(data: object) -> list[Dangling]:
    """Find undeclared names, in configuration that may have other errors too."""
    machines = {str(name) for name in _mapping(_get(data, "machine_types"))}
    templates = {
        name
        for template in _sequence(_get(_get(data, "template"), "templates"))
        if isinstance(name := _get(template, "name"), str)
    }
    return [*_dangling_machines(data, machines), *_dangling_templates(data, templates)]


def _dangling_machines(data: object, known: set[str]) -> Iterator[Dangling]:
    uses = [
        (("default_machine_type",), _get(data, "default_machine_type")),
        *(
            (("rules", index, "machine_type"), _get(rule, "machine_type"))
            for index, rule in enumerate(_sequence(_get(data, "rules")))
        ),
    ]
    for place, name in uses:
        if isinstance(name, str) and name not in known:
            yield place, name, _explain(name, "machine type", "machine_types", known)


def _dangling_templates(data: object, known: set[str]) -> Iterator[Dangling]:
    section = _get(data, "template")
    for index, name in enumerate(_sequence(_get(section, "init_templates"))):
        if isinstance(name, str) and name not in known:
            yield ("template", "init_templates", index), name, _explain_template(name, known)
    exit_template = _get(section, "exit_template")
    if isinstance(exit_template, str) and exit_template not in known:
        yield ("template", "exit_template"), exit_template, _explain_template(exit_template, known)
    uses = [
        (("template", "default_template"), _get(section, "default_template")),
        *(
            (("rules", index, "template"), _get(rule, "template"))
            for index, rule in enumerate(_sequence(_get(data, "rules")))
        ),
    ]
    for place, name in uses:
        if isinstance(name, str) and name not in known | {BUILT_IN_TEMPLATE}:
            yield place, name, _explain_template(name, known | {BUILT_IN_TEMPLATE})


def _explain_template(name: str, known: set[str]) -> str:
    return _explain(name, "template", "template.templates", known)


def _explain(name: str, what: str, where: str, known: set[str]) -> str:
    suggestion = did_you_mean(name, known) or f"Declared are: {', '.join(sorted(known)) or 'none'}."
    return f"{what} {name!r} is not declared in '{where}'. {suggestion}"


def _get(data: object, key: str) -> Any:
    if isinstance(data, BaseModel):
        return getattr(data, key, None)
    return data.get(key) if isinstance(data, Mapping) else None


def _mapping(data: object) -> Mapping[Any, Any]:
    return data if isinstance(data, Mapping) else {}


def _sequence(data: object) -> list[Any] | tuple[Any, ...]:
    return data if isinstance(data, list | tuple) else ()

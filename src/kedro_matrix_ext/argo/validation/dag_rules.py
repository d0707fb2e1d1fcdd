"""Rules for DAG templates: names, dependencies, arguments, and nesting."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.constants import DAG_LIMIT
from kedro_matrix_ext.argo.plan.task_names import EXPRESSION_WORDS
from kedro_matrix_ext.argo.validation.faults import Fault, names_of
from kedro_matrix_ext.argo.validation.template_rules import find_duplicates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro_matrix_ext.argo.validation.faults import Template

__all__ = ["check_dag", "check_nesting", "list_dependencies"]

_TASK_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")
_DEPENDS_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9_]*(?:\.[A-Z][A-Za-z]+)?")


def list_dependencies(task: dict[str, Any]) -> list[str]:
    """Return the names of the tasks that a task of a DAG depends on, in either notation.

    Examples:
        >>> list_dependencies({"depends": "a && (b-1.Succeeded || c)"})
        ['a', 'b-1', 'c']
    """
    if "depends" in task:
        return [name.partition(".")[0] for name in _DEPENDS_NAME.findall(task["depends"])]
    return list(task.get("dependencies") or [])


def check_dag(template: Template, templates: Mapping[str, Template]) -> Iterator[Fault]:
    """Check the tasks of a DAG template."""
    place = f"template {template['name']!r}"
    tasks = template["dag"].get("tasks") or []
    names = [task["name"] for task in tasks]
    if len(tasks) > DAG_LIMIT:
        yield Fault(place, f"{len(tasks)} tasks; Argo accepts {DAG_LIMIT} in one DAG")
    for name in find_duplicates(names):
        yield Fault(place, f"task {name!r} is declared twice")
    if any("depends" in task for task in tasks) and any("dependencies" in task for task in tasks):
        yield Fault(place, "its tasks mix 'depends' and 'dependencies'")
    known = set(names)
    for task in tasks:
        yield from _check_task(f"{place}, task {task['name']!r}", task, known, templates)
    yield from _check_cycles(place, tasks)


def _check_task(
    place: str, task: dict[str, Any], known: set[str], templates: Mapping[str, Template]
) -> Iterator[Fault]:
    name = task["name"]
    if not _TASK_NAME.fullmatch(name):
        yield Fault(place, "its name must consist of letters, digits and '-', at most 128")
    if name.lower() in EXPRESSION_WORDS:
        yield Fault(place, "its name is an operator in the expressions that Argo evaluates")
    dependencies = list_dependencies(task)
    if name[:1].isdigit() and dependencies:
        yield Fault(place, "a task with dependencies must not begin with a digit")
    for dependency in dependencies:
        if dependency not in known:
            yield Fault(place, f"depends on {dependency!r}, which is not in the DAG")
    target = templates.get(task.get("template", ""))
    if target is None:
        yield Fault(place, f"template {task.get('template')!r} does not exist")
    else:
        yield from _check_arguments(place, names_of(task, "arguments"), target)


def _check_arguments(place: str, arguments: list[dict[str, Any]], target: Template) -> Iterator[Fault]:
    given = [argument["name"] for argument in arguments]
    inputs = {parameter["name"]: parameter for parameter in names_of(target, "inputs")}
    for name in find_duplicates(given):
        yield Fault(place, f"argument {name!r} is passed twice")
    for name in sorted(set(given) - set(inputs)):
        yield Fault(place, f"argument {name!r} is not an input of template {target['name']!r}")
    for name, parameter in inputs.items():
        if name not in given and "value" not in parameter and "default" not in parameter:
            yield Fault(place, f"input {name!r} of template {target['name']!r} is missing")
    for argument in arguments:
        if not isinstance(argument.get("value"), str):
            yield Fault(place, f"argument {argument['name']!r} has a value that is not a string")


def _check_cycles(place: str, tasks: list[dict[str, Any]]) -> Iterator[Fault]:
    try:
        TopologicalSorter({task["name"]: list_dependencies(task) for task in tasks}).prepare()
    except CycleError as error:
        yield Fault(place, f"its tasks wait for each other: {' -> '.join(error.args[1])}")


def check_nesting(templates: Mapping[str, Template]) -> Iterator[Fault]:
    """Check that no DAG contains itself."""
    contains = {
        name: [task.get("template", "") for task in template["dag"].get("tasks") or []]
        for name, template in templates.items()
        if "dag" in template
    }
    try:
        TopologicalSorter(contains).prepare()
    except CycleError as error:
        yield Fault("spec", f"DAGs contain each other: {' -> '.join(error.args[1])}")

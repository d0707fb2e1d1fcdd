"""Rules for tags in double braces: each must refer to a value that exists when Argo replaces it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._containers import list_strings
from kedro_matrix_ext.argo.template_tags.inputs import ALL_INPUTS
from kedro_matrix_ext.argo.template_tags.syntax import find_tags, has_tags, render_tag
from kedro_matrix_ext.argo.validation.dag_rules import list_dependencies
from kedro_matrix_ext.argo.validation.faults import Fault, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro_matrix_ext.argo.validation.faults import Template

__all__ = ["check_tags"]

_INPUT = re.compile(r"inputs\.parameters\.([-\w]+)")
_WORKFLOW_PARAMETER = re.compile(r"workflow\.parameters\.([-\w]+)")
_GLOBAL_OUTPUT = re.compile(r"workflow\.outputs\.parameters\.([-\w]+)")
_TASK_OUTPUT = re.compile(r"tasks\.([-\w]+)\.outputs\.parameters\.([-\w]+)")
# Always available; Argo's own list.
_KNOWN = (
    "pod.name", "node.name", "tasks.name", "steps.name", "retries", "lastRetry.", "outputs.",
    "inputs.artifacts.", "cronworkflow.", "=",
    "workflow.creationTimestamp", "workflow.scheduledTime", "workflow.duration",
    "workflow.outputs.artifacts.",
)  # fmt: skip
_OF_WORKFLOW = frozenset(
    f"workflow.{name}"
    for name in (
        *("name", "namespace", "mainEntrypoint", "serviceAccountName", "uid", "status", "failures"),
        *("parameters", "parameters.json", "labels", "labels.json", "annotations", "annotations.json"),
    )
)


@dataclass(frozen=True)
class _Scope:
    """What the tags of a workflow may refer to in all templates."""

    parameters: frozenset[str]
    outputs: frozenset[str]
    exact: frozenset[str]


def check_tags(
    spec: dict[str, Any], templates: Mapping[str, Template], metadata: Mapping[str, Any]
) -> Iterator[Fault]:
    """Check every tag of a workflow that has some labels and annotations."""
    scope = _Scope(
        parameters=frozenset(parameter["name"] for parameter in names_of(spec, "arguments")),
        outputs=frozenset(
            output["globalName"]
            for template in templates.values()
            for output in names_of(template, "outputs")
            if "globalName" in output
        ),
        exact=_OF_WORKFLOW.union(_name_own_tags(spec, metadata), [ALL_INPUTS]),
    )
    for name, template in templates.items():
        place = f"template {name!r}"
        inputs = {parameter["name"] for parameter in names_of(template, "inputs")}
        own = {key: value for key, value in template.items() if key != "dag"}
        of_pods = spec.get("podMetadata") if "container" in template else None
        for tag in _find_tags([own, of_pods]):
            yield from _check_tag(place, tag, scope, inputs)
        if "dag" in template:
            yield from _check_dag_tags(
                place, template, templates, replace(scope, outputs=frozenset()), inputs
            )


def _name_own_tags(spec: dict[str, Any], metadata: Mapping[str, Any]) -> Iterator[str]:
    """Name the tags that a workflow's own labels, annotations and priority make."""
    for field in ("labels", "annotations"):
        yield from (f"workflow.{field}.{name}" for name in metadata.get(field) or {})
    if spec.get("priority") is not None:
        yield "workflow.priority"


def _find_tags(value: object) -> Iterator[str]:
    for text in list_strings(value):
        if has_tags(text):
            yield from find_tags(text)


def _check_tag(place: str, tag: str, scope: _Scope, inputs: set[str]) -> Iterator[Fault]:
    for pattern, known, what in (
        (_INPUT, inputs, "an input"),
        (_WORKFLOW_PARAMETER, scope.parameters, "a workflow parameter"),
        (_GLOBAL_OUTPUT, scope.outputs, "a global output"),
    ):
        match = pattern.fullmatch(tag)
        if match:
            if match[1] not in known:
                yield Fault(place, f"{render_tag(tag)!r} does not refer to {what}")
            return
    if tag not in scope.exact and not tag.startswith(_KNOWN):
        yield Fault(place, f"{render_tag(tag)!r} is not a tag that Argo knows here")


def _check_dag_tags(
    place: str, template: Template, templates: Mapping[str, Template], scope: _Scope, inputs: set[str]
) -> Iterator[Fault]:
    tasks = {task["name"]: task for task in template["dag"].get("tasks") or []}
    for task in tasks.values():
        where = f"{place}, task {task['name']!r}"
        ancestors: set[str] | None = None
        for tag in _find_tags(task.get("arguments") or {}):
            match = _TASK_OUTPUT.fullmatch(tag)
            if match is None:
                yield from _check_tag(where, tag, scope, inputs)
                continue
            if ancestors is None:
                ancestors = _find_ancestors(task, tasks)
            yield from _check_output(where, match[1], match[2], ancestors, tasks, templates)


def _check_output(  # noqa: PLR0913, PLR0917  the two parts of a tag, and where to look them up
    place: str,
    source: str,
    output: str,
    ancestors: set[str],
    tasks: Mapping[str, dict[str, Any]],
    templates: Mapping[str, Template],
) -> Iterator[Fault]:
    if source not in ancestors:
        yield Fault(place, f"uses an output of {source!r}, which is not among the tasks it depends on")
        return
    target = templates.get(tasks[source].get("template", "")) or {}
    if output not in {parameter["name"] for parameter in names_of(target, "outputs")}:
        yield Fault(place, f"uses {output!r} of {source!r}, which has no such output")


def _find_ancestors(task: dict[str, Any], tasks: Mapping[str, dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    waiting = list_dependencies(task)
    while waiting:
        name = waiting.pop()
        if name not in found and name in tasks:
            found.add(name)
            waiting += list_dependencies(tasks[name])
    return found

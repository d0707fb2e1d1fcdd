"""The pods of a workflow: tasks of all its DAGs, flattened, in an order in which they can run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.constants import NODES
from kedro_matrix_ext.argo.template_tags.name_lists import decode_names
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags, render_tag
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.rehearsal.workflow.model import DagTask, Parameter, Template
    from kedro_matrix_ext.argo.rehearsal.workflow.values import WorkflowValues

__all__ = ["Step", "list_steps", "output_tag"]

_NODE_INPUTS = (NODES, "kedro_nodes")
_CONJUNCTION = re.compile(r"\s*&&\s*")
_DEPENDENCY = re.compile(r"([-\w]+)(?:\.Succeeded)?")
_OUTPUT = re.compile(r"tasks\.([-\w]+)\.outputs\.parameters\.([-\w]+)")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One pod of a workflow.

    Attributes:
        path: Its place, as Argo names it: ``train``, or ``part-1.train`` inside of another DAG.
        name: Its name in its DAG.
        template: What it runs.
        inputs: The values of its inputs. Outputs of other steps, which are not known before those have run,
            are in them as tags (`output_tag`).
        depends_on: The paths of the steps before it.
    """

    path: str
    name: str
    template: Template
    inputs: Mapping[str, str]
    depends_on: tuple[str, ...]

    @property
    def nodes(self) -> tuple[str, ...]:
        """The Kedro nodes it runs; none where it is not a task of a plan."""
        listed = next((self.inputs[name] for name in _NODE_INPUTS if name in self.inputs), "")
        return decode_names(listed)


def output_tag(path: str, parameter: str) -> str:
    """Give the tag that stands for an output of a step, wherever in the workflow."""
    return f"steps[{path}].outputs.parameters.{parameter}"


def list_steps(
    entrypoint: str, templates: Mapping[str, Template], values: WorkflowValues, *, prefix: str = ""
) -> list[Step]:
    """Lay the DAGs below a template flat.

    Raises:
        ArgoError: If a task depends on others in a way that is not rehearsed.
    """
    flattened = _Flattening(templates, values)
    flattened.expand(templates[entrypoint], entrypoint, prefix, {}, ())
    return flattened.steps


class _Flattening:
    def __init__(self, templates: Mapping[str, Template], values: WorkflowValues) -> None:
        self._templates = templates
        self._values = values
        self.steps: list[Step] = []

    def expand(
        self,
        template: Template,
        name: str,
        prefix: str,
        arguments: Mapping[str, str],
        before: tuple[str, ...],
    ) -> tuple[str, ...]:
        """Add the steps of a template; give the paths of those that end it."""
        inputs = {
            parameter.name: self._choose(parameter, arguments) for parameter in template.inputs.parameters
        }
        if template.dag is None:
            path = f"{prefix}{name}"
            step = Step(path=path, name=name, template=template, inputs=inputs, depends_on=before)
            self.steps.append(step)
            return (path,)
        return self._expand_dag(template.dag.tasks, prefix, inputs, before)

    def _choose(self, parameter: Parameter, arguments: Mapping[str, str]) -> str:
        if parameter.name in arguments:
            return arguments[parameter.name]
        own = parameter.value if parameter.value is not None else parameter.default or ""
        return fill_tags(own, self._values.look_up)

    def _expand_dag(
        self, tasks: tuple[DagTask, ...], prefix: str, inputs: Mapping[str, str], before: tuple[str, ...]
    ) -> tuple[str, ...]:
        named = {task.name: task for task in tasks}
        needs = {task.name: _list_needs(task) for task in tasks}
        ends: dict[str, tuple[str, ...]] = {}
        for name in TopologicalSorter(needs).static_order():
            task = named[name]
            template = self._templates[task.template]
            arguments = {
                argument.name: fill_tags(
                    argument.value or "", partial(self._look_up, inputs=inputs, prefix=prefix)
                )
                for argument in task.arguments.parameters
            }
            waits = tuple(dict.fromkeys(path for need in needs[name] for path in ends[need])) or before
            inside = prefix if template.dag is None else f"{prefix}{name}."
            ends[name] = self.expand(template, name, inside, arguments, waits)
        needed = {need for each in needs.values() for need in each}
        return tuple(path for name in named if name not in needed for path in ends[name])

    def _look_up(self, tag: str, *, inputs: Mapping[str, str], prefix: str) -> str | None:
        head, _, name = tag.rpartition(".")
        if head == "inputs.parameters" and name in inputs:
            return inputs[name]
        output = _OUTPUT.fullmatch(tag)
        if output:
            return render_tag(output_tag(prefix + output[1], output[2]))
        return self._values.look_up(tag)


def _list_needs(task: DagTask) -> list[str]:
    if not task.depends:
        return list(task.dependencies)
    terms = [_DEPENDENCY.fullmatch(term.strip()) for term in _CONJUNCTION.split(task.depends)]
    if not all(terms):
        raise ArgoError(
            f"task {task.name!r} depends on {task.depends!r}, which is not rehearsed",
            hint="A rehearsal knows names of tasks joined by '&&'.",
        )
    return [term[1] for term in terms if term]

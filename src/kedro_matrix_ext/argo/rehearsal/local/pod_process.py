"""From a step to what this machine starts for it: command, environment, the files of its outputs."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.rehearsal.workflow.env_expansion import expand_variables
from kedro_matrix_ext.argo.rehearsal.workflow.steps import output_tag
from kedro_matrix_ext.argo.template_tags.inputs import ALL_INPUTS
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags, find_tags, render_tag
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kedro_matrix_ext.argo.rehearsal.local.environment import LocalEnvironment
    from kedro_matrix_ext.argo.rehearsal.workflow.model import Container, Template, Variable
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step
    from kedro_matrix_ext.argo.rehearsal.workflow.values import WorkflowValues

__all__ = ["Pod", "PodMaker"]

_SHOWN = 10
_OF_THE_EXIT = "workflow.outputs.parameters."
_OF_A_POD = ("tasks.name", "node.name", "pod.name", "retries")
_OF_THE_END = ("workflow.status", "workflow.duration", "workflow.failures")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One attempt at a step.

    Attributes:
        step: The step.
        command: The program and its arguments.
        environment: All variables.
        outputs: Per output the file that holds it afterwards.
    """

    step: Step
    command: tuple[str, ...]
    environment: Mapping[str, str]
    outputs: Mapping[str, Path]


@dataclass(frozen=True, kw_only=True)
class PodMaker:
    """Makes pods of steps.

    Attributes:
        values: What tags of the workflow stand for.
        surroundings: What this machine gives to containers.
        files: The folder that holds what containers write at the paths of their outputs.
    """

    values: WorkflowValues
    surroundings: LocalEnvironment
    files: Path

    def make(self, step: Step, outputs: Mapping[str, str], *, attempt: int = 0) -> Pod:
        """Prepare an attempt at a step.

        Raises:
            ArgoError: If this machine has no such program.
        """
        container, files = _container(step.template), self._map_outputs(step)
        lookup = partial(self._look_up, step=step, outputs=outputs, attempt=attempt, files=files)

        def fill(text: str) -> str:
            return fill_tags(_replace_paths(text, step.template, files), lookup)

        declared = self._declare(container.env, fill)
        command = [expand_variables(fill(text), declared) for text in (*container.command, *container.args)]
        environment = self.surroundings.environment(declared)
        return Pod(
            step=step,
            command=(_find_program(command[0], environment, step), *command[1:]),
            environment=environment,
            outputs=files,
        )

    def declare(self, step: Step) -> dict[str, str]:
        """Give the variables that the manifest declares for a step, outputs of others left out."""
        lookup = partial(self._look_up, step=step, outputs={}, attempt=0, files={})
        return self._declare(_container(step.template).env, lambda text: fill_tags(text, lookup))

    def _map_outputs(self, step: Step) -> dict[str, Path]:
        """Say where each output is written: in a folder of ours, if what runs names the path."""
        container = _container(step.template)
        texts = list(_list_texts(container))
        files = {}
        for output in step.template.outputs.parameters:
            if output.value_from is None:
                raise ArgoError(f"output {output.name!r} of template {step.template.name!r} has no file")
            path = output.value_from.path
            named = any(_at_path(path).search(text) for text in texts) or any(
                f"outputs.parameters.{output.name}.path" in text for text in texts
            )
            files[output.name] = self.files / step.path / path.lstrip("/") if named else Path(path)
        return files

    def _declare(self, variables: Sequence[Variable], fill: Callable[[str], str]) -> dict[str, str]:
        """Work out the variables of a container in their order, each seeing those before it."""
        declared: dict[str, str] = {}
        for variable in variables:
            if variable.value_from is None:
                declared[variable.name] = expand_variables(fill(variable.value or ""), declared)
            elif (secret := self.surroundings.read_secret(variable)) is not None:
                declared[variable.name] = secret
        return declared

    def _look_up(
        self,
        tag: str,
        *,
        step: Step,
        outputs: Mapping[str, str],
        attempt: int,
        files: Mapping[str, Path],
    ) -> str | None:
        head, _, name = tag.rpartition(".")
        if head == "inputs.parameters" and name in step.inputs:
            return fill_tags(step.inputs[name], outputs.get)
        if tag == ALL_INPUTS:
            filled = {key: fill_tags(value, outputs.get) for key, value in step.inputs.items()}
            return json.dumps([{"name": key, "value": value} for key, value in filled.items()])
        if tag in _OF_A_POD:
            return str(attempt) if tag == "retries" else step.name
        if tag.startswith("outputs.parameters.") and name == "path":
            return str(files[head.rpartition(".")[2]])
        return self.values.look_up(tag)

    def require_known_tags(self, steps: Iterable[Step], *, at_exit: bool = False) -> None:
        """Make sure that everything in double braces has a value by the time its step runs.

        Raises:
            ArgoError: If anything has none.
        """
        listed = list(steps)
        handed = {
            output_tag(step.path, output.name)
            for step in listed
            for output in step.template.outputs.parameters
        }
        unknown: dict[str, str] = {}
        for template in {step.template.name: step.template for step in listed}.values():
            for tag in self._find_unknown(template, at_exit=at_exit):
                unknown.setdefault(tag, f"template {template.name!r}")
        for step in listed:
            for value in step.inputs.values():
                for tag in find_tags(value):
                    if tag not in handed:
                        unknown.setdefault(tag, f"task {step.path!r}")
        if unknown:
            lines = [f"  {render_tag(tag)} in {place}" for tag, place in list(unknown.items())[:_SHOWN]]
            raise ArgoError(
                "\n".join(["a rehearsal knows no value for what Argo would replace:", *lines]),
                hint="Only parameters, outputs, and what is known of the workflow itself can be rehearsed.",
            )

    def _find_unknown(self, template: Template, *, at_exit: bool) -> Iterator[str]:
        inputs = {f"inputs.parameters.{parameter.name}" for parameter in template.inputs.parameters}
        paths = {f"outputs.parameters.{output.name}.path" for output in template.outputs.parameters}
        known = {ALL_INPUTS, *inputs, *paths, *_OF_A_POD, *(_OF_THE_END if at_exit else ())}
        for text in _list_texts(_container(template)):
            for tag in find_tags(text):
                late = at_exit and tag.startswith(_OF_THE_EXIT)
                if not late and tag not in known and self.values.look_up(tag) is None:
                    yield tag


def _container(template: Template) -> Container:
    if template.container is None:
        raise ArgoError(f"template {template.name!r} has no container")
    return template.container


def _list_texts(container: Container) -> Iterator[str]:
    yield from container.command
    yield from container.args
    yield from (variable.value or "" for variable in container.env)


def _at_path(path: str) -> re.Pattern[str]:
    """Match a path in a text, and not a longer one that begins or ends with it."""
    return re.compile(rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w)")


def _replace_paths(text: str, template: Template, files: Mapping[str, Path]) -> str:
    for output in template.outputs.parameters:
        if output.value_from is not None:
            file = str(files[output.name]).replace("\\", r"\\")
            text = _at_path(output.value_from.path).sub(file, text)
    return text


def _find_program(name: str, environment: Mapping[str, str], step: Step) -> str:
    found = shutil.which(name, path=environment["PATH"])
    if found is None:
        raise ArgoError(
            f"task {step.path!r} runs {name!r}, which this machine has not",
            hint=f"Install it, or rehearse without template {step.template.name!r}.",
        )
    return found

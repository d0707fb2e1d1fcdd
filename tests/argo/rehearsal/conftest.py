"""Manifests whose containers run small programs, and their results."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo.rehearsal import LocalEnvironment, Outcome, Rehearsal, prepare_rehearsal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kedro_matrix_ext.argo.rehearsal import StepResult
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

IMAGE = "{{workflow.parameters.image}}"


@dataclass
class Recorder:
    """Records what is reported to it."""

    started: list[str] = field(default_factory=list)
    ended: list[StepResult] = field(default_factory=list)

    def start(self, step: Step) -> None:
        """Note a step."""
        self.started.append(step.path)

    def end(self, result: StepResult) -> None:
        """Note a result."""
        self.ended.append(result)


@dataclass(frozen=True)
class Stage:
    """Where manifests are rehearsed: a folder, as if it were a project."""

    folder: Path

    def prepare(
        self, manifest: dict[str, Any], *, resume: bool = False, passed: tuple[str, ...] = (), **local: str
    ) -> Rehearsal:
        """Read a manifest in a shell with further variables."""
        surroundings = LocalEnvironment(local={**os.environ, **local}, passed=passed)
        return prepare_rehearsal(
            manifest, source="workflow.yml", folder=self.folder, surroundings=surroundings, resume=resume
        ).require_secrets()

    def rehearse(
        self,
        manifest: dict[str, Any],
        *,
        jobs: int = 4,
        keep_going: bool = False,
        recorder: Recorder | None = None,
        **options: Any,
    ) -> Outcome:
        """Run a manifest."""
        rehearsal = self.prepare(manifest, **options)
        return rehearsal.run(jobs=jobs, keep_going=keep_going, reporter=recorder or Recorder())

    def output(self, task: str) -> str:
        """What a task printed in the one rehearsal there was."""
        (log,) = self.folder.glob(f".kedro_matrix/rehearsals/*/logs/{task}.log")
        return log.read_text()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A folder of the test's own."""
    return Stage(tmp_path)


def leaf(name: str, script: str = "true", **fields: Any) -> dict[str, Any]:
    """A template that runs a shell script; ``env`` and ``resources`` are its container's."""
    of_container: dict[str, Any] = {
        key: fields.pop(key) for key in ("env", "resources", "image") if key in fields
    }
    container: dict[str, Any] = {"image": IMAGE, "command": ["sh", "-c"], "args": [script], **of_container}
    return {"name": name, "container": container, **fields}


def workflow(
    templates: list[dict[str, Any]], graph: dict[str, str] | list[dict[str, Any]], **spec: Any
) -> dict[str, Any]:
    """A workflow of tasks, by name what each depends on, that run templates of the same names."""
    tasks: list[dict[str, Any]] = graph if isinstance(graph, list) else _list_tasks(graph)
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "shop-abc123", "namespace": "jobs", "labels": {"team": "red"}},
        "spec": {
            "entrypoint": "pipeline",
            "arguments": {"parameters": [{"name": "image", "value": "shop:v1"}]},
            "templates": [{"name": "pipeline", "dag": {"tasks": tasks}}, *templates],
            **spec,
        },
    }


def _list_tasks(graph: dict[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "template": name, "depends": above} for name, above in graph.items()]


@pytest.fixture
def statuses() -> Callable[[Outcome], dict[str, str]]:
    """Return the result of each step."""
    return lambda outcome: {path: result.status for path, result in outcome.results.items()}

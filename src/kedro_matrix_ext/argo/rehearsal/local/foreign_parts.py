"""What a manifest from a file would do here that the project itself would not: asked for before it runs."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kedro_matrix_ext._variables import (
    CREDENTIALS_VARIABLE,
    PARAMETERS_VARIABLE,
    PIPELINE_VARIABLE,
    RUN_ID_VARIABLE,
    TASK_VARIABLE,
)
from kedro_matrix_ext.argo.constants import CODE_MODULE
from kedro_matrix_ext.argo.rehearsal.local.limitations import image_of, is_foreign
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kedro_matrix_ext.argo.rehearsal.local.environment import LocalEnvironment
    from kedro_matrix_ext.argo.rehearsal.workflow.model import Template
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step
    from kedro_matrix_ext.argo.rehearsal.workflow.values import WorkflowValues

__all__ = ["list_foreign_parts", "refuse_parent_folders", "strip_tag"]

_OURS = (
    ("kedro", "argo", "task"),
    ("kedro", "argo", "mlflow-run"),
    ("kedro", "argo", "workflow-hooks"),
)
_LAUNCHERS = ((), ("python", "-m", CODE_MODULE))
# Variables that name code, or folders that code is looked up in.
_CHANGE_CODE = (
    *("PATH", "PYTHON*", "LD_*", "DYLD_*", "BASH_ENV", "ENV", "IFS", "HOME", "VIRTUAL_ENV", "GIT_*"),
    *("JAVA_*", "_JAVA_OPTIONS", "JDK_*", "SPARK_*", "PYSPARK_*", "HADOOP_*", "NODE_OPTIONS", "PERL5*"),
    *("*_FOR_DYNACONF", "DYNACONF_*"),  # Kedro's settings are dynaconf's, which runs files that these name
    *("KEDRO_LOGGING_CONFIG", "KEDRO_MATRIX_RUNNER*", "KEDRO_MATRIX_CODE*", "KEDRO_MATRIX_INJECT_ALLOWLIST"),
)
# Variables and options that a manifest of ours has in any project.
_OUR_VARIABLES = frozenset(
    {
        *("WORKFLOW_ID", RUN_ID_VARIABLE, TASK_VARIABLE, PIPELINE_VARIABLE, CREDENTIALS_VARIABLE),
        *("NUM_CPU", "MEM_LIMIT_GB", "MLFLOW_RUN_ID", PARAMETERS_VARIABLE),
    }
)
_OUR_OPTIONS = frozenset(
    {
        *("--pipelines", "--nodes", "--env", "--memory-datasets", "--load-versions"),
        *("--output", "--status", "--mlflow-run", "--pipeline", "-m"),
    }
)
_SHOWN = 120


def strip_tag(image: str) -> str:
    """Return an image's name without tag and digest.

    Examples:
        >>> strip_tag("localhost:5000/shop:v1"), strip_tag("shop@sha256:00")
        ('localhost:5000/shop', 'shop')
    """
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def list_foreign_parts(  # noqa: PLR0913  the manifest, and the project that it is compared with
    steps: Sequence[Step],
    *,
    image: str,
    own_image: str | None,
    own_variables: Mapping[str, str | None],
    values: WorkflowValues,
    surroundings: LocalEnvironment,
) -> list[str]:
    """List what a person should read before a manifest that somebody else may have written runs here.

    Args:
        steps: All that would run.
        image: The image that the manifest calls the project's.
        own_image: The image of ``argo.yml``; none where there is no such file.
        own_variables: The variables of ``argo.yml``, None for a value that is computed.
        values: What tags of the workflow stand for.
        surroundings: What this machine gives to containers.

    Returns:
        Lines: images, commands and their options, variables that ``argo.yml`` does not set, parameters, files
        that are read, and secrets that the shell would give.
    """
    found: list[str] = []
    for step in {step.template.name: step for step in steps}.values():
        if not is_foreign(step.template, image, values):
            found += _judge_container(step.template, own_image, values)
            found += _judge_variables(step.template, own_variables, values, surroundings)
            found += _list_read_files(step.template)
    return list(dict.fromkeys(found))


def _judge_container(template: Template, own_image: str | None, values: WorkflowValues) -> Iterator[str]:
    place = f"template {template.name!r}"
    image = image_of(template, values)
    if own_image is None:
        yield f"{place} is made for image {image!r}; there is no argo.yml to compare it with"
    elif strip_tag(image) != strip_tag(own_image):
        yield f"{place} is made for image {image!r}, not for {own_image!r} of argo.yml"
    container = template.container
    command = (*container.command, *container.args) if container else ()
    text = _shorten(" ".join(command))
    if not _is_ours(command):
        yield f"{place} runs the command {text!r}"
    for word in (fill_tags(word, partial(_look_up, values=values)) for word in command):
        if "--conf-source" in word:
            given = " ".join(command).partition("--conf-source")
            yield f"{place} reads configuration from another place: {_shorten(given[1] + given[2])!r}"
        elif _is_ours(command) and word.startswith("-") and word.partition("=")[0] not in _OUR_OPTIONS:
            yield f"{place} gives the option {_shorten(word)!r}: {text!r}"


def _judge_variables(
    template: Template,
    own: Mapping[str, str | None],
    values: WorkflowValues,
    surroundings: LocalEnvironment,
) -> Iterator[str]:
    place = f"template {template.name!r}"
    for variable in template.container.env if template.container else ():
        name, value = variable.name, fill_tags(variable.value or "", partial(_look_up, values=values))
        if any(fnmatchcase(name, pattern) for pattern in _CHANGE_CODE):
            yield f"{place} sets {name}={_shorten(value)!r}, which changes the code that runs"
        elif name == PARAMETERS_VARIABLE and value not in {"", "{}"}:
            yield f"{place} sets parameters, from which objects are built: {_shorten(value)!r}"
        elif (
            name not in _OUR_VARIABLES and not variable.value_from and own.get(name, "") not in (None, value)
        ):
            yield f"{place} sets {name}={_shorten(value)!r}, which argo.yml does not"
        secret = variable.value_from and (
            variable.value_from.secret_key_ref or variable.value_from.config_map_key_ref
        )
        if secret and (name in surroundings.local or not secret.optional):
            yield f"{place} is given {name!r} from your shell, .env or a prompt"


def _look_up(tag: str, *, values: WorkflowValues) -> str:
    return values.look_up(tag) or ""


def _is_ours(command: Sequence[str]) -> bool:
    return any(
        tuple(command[: len(launcher) + len(ours)]) == (*launcher, *ours)
        for launcher in _LAUNCHERS
        for ours in _OURS
    )


def _list_read_files(template: Template) -> Iterator[str]:
    """Name files of this machine that an output is read from, though no command writes them."""
    texts = (*template.container.command, *template.container.args) if template.container else ()
    for output in template.outputs.parameters:
        path = output.value_from.path if output.value_from else ""
        if not any(path in text or f"outputs.parameters.{output.name}.path" in text for text in texts):
            yield f"template {template.name!r} passes on the file {path!r} of this machine"


def refuse_parent_folders(steps: Iterable[Step]) -> None:
    """Make sure that no path of a manifest leads upwards.

    Raises:
        ArgoError: If the path of an output, or a word of a command or its configuration source, has ``..``.
    """
    for template in {step.template.name: step.template for step in steps}.values():
        container = template.container
        outputs = [output.value_from.path for output in template.outputs.parameters if output.value_from]
        words = (
            [word for text in (*container.command, *container.args) for word in text.split("=")]
            if (container)
            else []
        )
        for path in (*outputs, *words):
            if ".." in PurePosixPath(path.replace("\\", "/")).parts:
                raise ArgoError(
                    f"template {template.name!r} has the path {_shorten(path)!r}, which leads upwards",
                    hint="Write paths without '..'.",
                )


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

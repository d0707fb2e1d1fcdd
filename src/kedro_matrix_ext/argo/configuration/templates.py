"""``template``: the environment of tasks, custom templates, and templates that run first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, AliasChoices, AliasPath, BeforeValidator, Field, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.argo.configuration.field_types import GiB, KubernetesName, Text
from kedro_matrix_ext.argo.configuration.kubernetes_types import (
    FileInVolume,
    ImageName,
    MountPath,
    SecretKey,
    SubdomainName,
    same_path,
)
from kedro_matrix_ext.argo.configuration.passthrough.check import OpenSection, find_field_errors
from kedro_matrix_ext.argo.configuration.resource import Resource
from kedro_matrix_ext.argo.constants import SCRATCH_VOLUME
from kedro_matrix_ext.argo.template_tags.size_expressions import check_expressions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

__all__ = [
    "Container",
    "EnvironmentVariable",
    "Output",
    "Resource",
    "Sidecar",
    "Template",
    "TemplateSection",
    "Volume",
]

_TEMPLATE_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")
_PARAMETER_NAME = re.compile(r"[-a-zA-Z0-9_]+")
_VARIABLE_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
# Argo adds these containers to every pod.
_TAKEN_CONTAINERS = ("main", "wait", "init")
# Argo adds these volumes, and the manifest the last one.
_TAKEN_VOLUMES = ("var-run-argo", "tmp-dir-argo", "argo-env-config", "input-artifacts", SCRATCH_VOLUME)


def _check_template_name(name: str) -> str:
    if not _TEMPLATE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a template name: letters, digits and '-', at most 128 characters")
    return name


def _check_parameter_name(name: str) -> str:
    if not _PARAMETER_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a parameter name: letters, digits, '-' and '_'")
    return name


def _check_variable_name(name: str) -> str:
    if not _VARIABLE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of an environment variable")
    return name


def _check_sidecar_name(name: str) -> str:
    if name in _TAKEN_CONTAINERS:
        raise ValueError(f"{name!r} is a container that Argo adds itself. Choose another name.")
    return name


def _check_volume_name(name: str) -> str:
    if name in _TAKEN_VOLUMES:
        raise ValueError(f"{name!r} is a volume that is added to every pod. Choose another name.")
    return name


def _list_one(value: object) -> object:
    """Treat one string as a list of one."""
    return (value,) if isinstance(value, str) else value


TemplateName = Annotated[str, AfterValidator(_check_template_name)]
Strings = Annotated[tuple[Text, ...], BeforeValidator(_list_one)]


class SecretRef(Section):
    """One key of a Kubernetes secret."""

    name: SubdomainName
    """The secret's name."""
    key: SecretKey
    """The key in it."""
    path: FileInVolume | None = None
    """Its file name in a volume; by default its key."""


class EnvironmentVariable(Section):
    """An environment variable: a value, a key of a secret, or any source that Kubernetes has."""

    name: Annotated[str, AfterValidator(_check_variable_name)]
    """The variable's name."""
    value: Text | None = None
    """Its value; empty if nothing else is set."""
    secret_ref: SecretRef | None = None
    """The Kubernetes secret with its value."""
    value_from: dict[str, Any] | None = Field(default=None, validation_alias="valueFrom")
    """Its source as Kubernetes writes it: ``configMapKeyRef``, ``secretKeyRef``, ``fieldRef``, ..."""

    @model_validator(mode="after")
    def _refuse_two_sources(self) -> Self:
        given = {"value": self.value, "secret_ref": self.secret_ref, "valueFrom": self.value_from}
        names = [name for name, value in given.items() if value is not None]
        if len(names) > 1:
            raise ValueError(f"{self.name!r} has both {names[0]!r} and {names[1]!r}. Keep one.")
        if self.value_from is not None:
            errors = [
                f"{'.'.join(map(str, each.keys))}: {each.message}"
                for each in find_field_errors(self.value_from, "EnvVarSource", ("valueFrom",))
            ]
            if len(self.value_from) != 1 and not errors:
                errors = ["'valueFrom' needs one source"]
            if errors:
                raise ValueError("; ".join(errors))
        return self


class TaskVariable(EnvironmentVariable):
    """An environment variable of every task, which may be computed from the task's size."""

    @model_validator(mode="after")
    def _check_expressions(self) -> Self:
        check_expressions(self.value or "")
        return self


class Output(Section):
    """An output of a template: the contents of a file that it writes."""

    name: Annotated[str, AfterValidator(_check_parameter_name)]
    """The parameter's name; tasks get it as an environment variable of this name in upper case."""
    path: str = Field(min_length=1, validation_alias=AliasChoices("path", AliasPath("valueFrom", "path")))
    """The file."""


class Outputs(OpenSection):
    """The outputs of a template; artifacts are passed through."""

    passed_kind: ClassVar[str] = "Outputs"

    parameters: tuple[Output, ...] = ()
    """One per value."""


class VolumeMount(Section):
    """Where a container mounts a volume."""

    name: str
    """A name in ``volumes``."""
    mount_path: MountPath
    """The folder where it is mounted."""
    read_only: bool = True
    """Whether it is read-only for the container."""


class Container(OpenSection):
    """The main container of a template; it runs in the deployment's image unless it names another.

    Any other field of a Kubernetes container is passed through: ``resources``, ``envFrom``, ...
    """

    passed_kind: ClassVar[str] = "Container"

    name: str | None = None
    """Ignored: Argo calls the container ``main``."""
    command: Strings
    """The program and its first arguments."""
    args: Strings = ()
    """Further arguments; one string is one argument, newlines included."""
    env: tuple[EnvironmentVariable, ...] = ()
    """Variables in addition to those of all tasks."""
    image: ImageName | None = None
    """The image, if not the deployment's."""
    volume_mounts: tuple[VolumeMount, ...] = ()
    """Where it mounts the template's volumes."""
    outputs: Outputs = Outputs()
    """Same as ``outputs`` of the template; generated files of argo-kedro have them here."""


class Sidecar(OpenSection):
    """A container that runs next to the main one and stops when that one is done.

    Any other field of a Kubernetes container is passed through.
    """

    passed_kind: ClassVar[str] = "Sidecar"

    name: Annotated[KubernetesName, AfterValidator(_check_sidecar_name)]
    """Its name."""
    image: ImageName
    """Its image."""
    command: Strings = ()
    """The program, if not the image's own."""
    args: Strings = ()
    """The program's arguments."""
    env: tuple[EnvironmentVariable, ...] = ()
    """Its environment; it does not get that of tasks."""
    volume_mounts: tuple[VolumeMount, ...] = ()
    """Where it mounts the template's volumes."""


class Volume(OpenSection):
    """A volume of a template: a secret as a file, an empty folder, or any volume of Kubernetes."""

    passed_kind: ClassVar[str] = "Volume"

    name: Annotated[KubernetesName, AfterValidator(_check_volume_name)]
    """Its name, for ``volume_mounts``."""
    secret_ref: SecretRef | None = None
    """The secret it contains."""
    size: GiB | None = None
    """The size in GiB of an empty folder that the containers share; do not set ``secret_ref`` too."""

    @model_validator(mode="after")
    def _require_one_source(self) -> Self:
        sources = [self.secret_ref, self.size, *self.passed.values()]
        if sum(source is not None for source in sources) != 1:
            raise ValueError(
                f"volume {self.name!r} needs 'secret_ref', 'size', or one source of Kubernetes "
                "such as 'persistentVolumeClaim'"
            )
        return self


class Template(OpenSection):
    """A custom template: for nodes that request it, or to run before or after the pipeline.

    Any other field of Argo's templates is passed through: ``inputs``, ``memoize``, ``metadata``, ...
    """

    passed_kind: ClassVar[str] = "Template"
    passed_reserved: ClassVar[Mapping[str, str]] = {
        "podSpecPatch": "it is generated. Write 'pod'.",
    }

    name: TemplateName
    """Its name in nodes, rules and ``init_templates``."""
    container: Container = Container(command=())
    """Its main container."""
    resource: Resource | None = None
    """The object that runs a task's command instead, on another engine."""
    outputs: Outputs = Outputs()
    """What it passes to all tasks, if it is one of ``init_templates``."""
    sidecars: tuple[Sidecar, ...] = ()
    """Containers next to the main one."""
    volumes: tuple[Volume, ...] = ()
    """Volumes its containers share."""
    pod: dict[str, Any] = Field(default_factory=dict)
    """Fields of its pods, as Kubernetes writes them."""

    @property
    def parameters(self) -> tuple[Output, ...]:
        """The outputs, wherever in the template they are written."""
        return (*self.outputs.parameters, *self.container.outputs.parameters)

    @model_validator(mode="after")
    def _require_what_runs(self) -> Self:
        if self.resource is None:
            if "container" not in self.model_fields_set:
                raise ValueError(f"template {self.name!r} needs 'container', or 'resource'")
            return self
        for name in ("container", "outputs", "sidecars", "volumes"):
            if name in self.model_fields_set:
                raise ValueError(
                    f"template {self.name!r} has 'resource', which has no {name!r} of Argo. "
                    "Write it in the manifest of the resource."
                )
        return self

    @model_validator(mode="after")
    def _check_mounts(self) -> Self:
        known = {volume.name for volume in self.volumes}
        for mounts in (self.container.volume_mounts, *(sidecar.volume_mounts for sidecar in self.sidecars)):
            paths: set[str] = set()
            for mount in mounts:
                if mount.name not in known:
                    raise ValueError(f"volume {mount.name!r} is mounted and not among the template's volumes")
                if same_path(mount.mount_path) in paths:
                    raise ValueError(f"two volumes are mounted at {mount.mount_path!r}")
                paths.add(same_path(mount.mount_path))
        return self

    @model_validator(mode="after")
    def _refuse_duplicates(self) -> Self:
        for what, names in (
            ("output", [parameter.name for parameter in self.parameters]),
            ("sidecar", [sidecar.name for sidecar in self.sidecars]),
            ("volume", [volume.name for volume in self.volumes]),
        ):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{what} {twice!r} is declared twice")
        return self


class TemplateSection(Section):
    """The templates and environment that tasks run in."""

    environment: tuple[TaskVariable, ...] = ()
    """Environment variables of every task."""
    templates: tuple[Template, ...] = ()
    """Custom templates."""
    init_templates: tuple[str, ...] = ()
    """Templates that run once, before all tasks, one after the other as listed."""
    exit_template: str | None = None
    """The template that runs after the workflow, whether it succeeded or failed."""
    default_template: TemplateName = "kedro"
    """The template of tasks that request none; ``kedro`` is built in."""
    emph_storage_mount_path: MountPath = "/data"
    """The folder where a task's scratch storage is mounted."""
    emph_storage_medium: Literal["volume", "node"] = "volume"
    """Where scratch storage is: a ``volume`` made for the task, or the disk of its ``node``."""
    emph_storage_class: SubdomainName | None = None
    """The storage class of such a volume, if not the cluster's default."""

    @model_validator(mode="after")
    def _keep_resources_for_tasks(self) -> Self:
        for name in (*self.init_templates, *filter(None, [self.exit_template])):
            template = self.find(name)
            if template is not None and template.resource is not None:
                raise ValueError(f"template {name!r} has 'resource', which only tasks can use")
        return self

    def find(self, name: str) -> Template | None:
        """Return a custom template; none for the built-in one and for undeclared names."""
        return next((template for template in self.templates if template.name == name), None)

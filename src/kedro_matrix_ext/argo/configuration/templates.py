"""``template``: the environment of tasks, custom templates, and templates that run first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, AliasChoices, AliasPath, BeforeValidator, Field, model_validator

from kedro_matrix_ext._section import Section
from kedro_matrix_ext.argo.configuration.field_types import GiB, KubernetesName, Text

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Container", "EnvironmentVariable", "Output", "Sidecar", "Template", "TemplateSection", "Volume"]

_TEMPLATE_NAME = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")
_PARAMETER_NAME = re.compile(r"[-a-zA-Z0-9_]+")
_VARIABLE_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
# Argo adds these containers to every pod.
_TAKEN_CONTAINERS = ("main", "wait", "init")


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


def _list_one(value: object) -> object:
    """Treat one string as a list of one."""
    return (value,) if isinstance(value, str) else value


TemplateName = Annotated[str, AfterValidator(_check_template_name)]
Strings = Annotated[tuple[Text, ...], BeforeValidator(_list_one)]


class SecretRef(Section):
    """One key of a Kubernetes secret."""

    name: str
    """The secret's name."""
    key: str
    """The key in it."""
    path: str | None = None
    """Its file name in a volume; by default its key."""


class EnvironmentVariable(Section):
    """An environment variable, with a literal value or one from a secret."""

    name: Annotated[str, AfterValidator(_check_variable_name)]
    """The variable's name."""
    value: Text | None = None
    """Its value; empty if neither this nor ``secret_ref`` is set."""
    secret_ref: SecretRef | None = None
    """The Kubernetes secret with its value."""

    @model_validator(mode="after")
    def _refuse_two_sources(self) -> Self:
        if self.value is not None and self.secret_ref is not None:
            raise ValueError(f"{self.name!r} has both 'value' and 'secret_ref'. Keep one.")
        return self


class Output(Section):
    """An output of a template: the contents of a file that it writes."""

    name: Annotated[str, AfterValidator(_check_parameter_name)]
    """The parameter's name; tasks get it as an environment variable of this name in upper case."""
    path: str = Field(validation_alias=AliasChoices("path", AliasPath("valueFrom", "path")))
    """The file."""


class Outputs(Section):
    """The outputs of a template."""

    parameters: tuple[Output, ...] = ()
    """One per value."""


class VolumeMount(Section):
    """Where a container mounts a volume."""

    name: str
    """A name in ``volumes``."""
    mount_path: str
    """The folder where it is mounted."""
    read_only: bool = True
    """Whether it is read-only for the container."""


class Container(Section):
    """The main container of a template; it runs in the deployment's image unless it names another."""

    name: str | None = None
    """Ignored: Argo calls the container ``main``."""
    command: Strings
    """The program and its first arguments."""
    args: Strings = ()
    """Further arguments; one string is one argument, newlines included."""
    env: tuple[EnvironmentVariable, ...] = ()
    """Variables in addition to those of all tasks."""
    image: str | None = None
    """The image, if not the deployment's."""
    volume_mounts: tuple[VolumeMount, ...] = ()
    """Where it mounts the template's volumes."""
    outputs: Outputs = Outputs()
    """Same as ``outputs`` of the template; generated files of argo-kedro have them here."""


class Sidecar(Section):
    """A container that runs next to the main one and stops when that one is done."""

    name: Annotated[KubernetesName, AfterValidator(_check_sidecar_name)]
    """Its name."""
    image: str
    """Its image."""
    command: Strings = ()
    """The program, if not the image's own."""
    args: Strings = ()
    """The program's arguments."""
    env: tuple[EnvironmentVariable, ...] = ()
    """Its environment; it does not get that of tasks."""
    volume_mounts: tuple[VolumeMount, ...] = ()
    """Where it mounts the template's volumes."""


class Volume(Section):
    """A volume of a template: a secret as a file, or an empty folder."""

    name: KubernetesName
    """Its name, for ``volume_mounts``."""
    secret_ref: SecretRef | None = None
    """The secret it contains."""
    size: GiB | None = None
    """The size in GiB of an empty folder that the containers share; do not set ``secret_ref`` too."""

    @model_validator(mode="after")
    def _require_one_source(self) -> Self:
        if (self.secret_ref is None) == (self.size is None):
            raise ValueError(f"volume {self.name!r} needs either 'secret_ref' or 'size'")
        return self


class Template(Section):
    """A custom template: for nodes that request it, or to run before the pipeline."""

    name: TemplateName
    """Its name in nodes, rules and ``init_templates``."""
    container: Container
    """Its main container."""
    outputs: Outputs = Outputs()
    """What it passes to all tasks, if it is one of ``init_templates``."""
    sidecars: tuple[Sidecar, ...] = ()
    """Containers next to the main one."""
    volumes: tuple[Volume, ...] = ()
    """Volumes its containers share."""

    @property
    def parameters(self) -> tuple[Output, ...]:
        """The outputs, wherever in the template they are written."""
        return (*self.outputs.parameters, *self.container.outputs.parameters)

    @model_validator(mode="after")
    def _check_mounts(self) -> Self:
        known = {volume.name for volume in self.volumes}
        sidecar_mounts = [mount for sidecar in self.sidecars for mount in sidecar.volume_mounts]
        for mount in (*self.container.volume_mounts, *sidecar_mounts):
            if mount.name not in known:
                raise ValueError(f"volume {mount.name!r} is mounted and not among the template's volumes")
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

    environment: tuple[EnvironmentVariable, ...] = ()
    """Environment variables of every task."""
    templates: tuple[Template, ...] = ()
    """Custom templates."""
    init_templates: tuple[str, ...] = ()
    """Templates that run once, before all tasks, one after the other as listed."""
    default_template: TemplateName = "kedro"
    """The template of tasks that request none; ``kedro`` is built in."""
    emph_storage_mount_path: str = Field(default="/data", pattern="^/")
    """The folder where a task's scratch storage is mounted."""
    emph_storage_medium: Literal["volume", "node"] = "volume"
    """Where scratch storage is: a ``volume`` made for the task, or the disk of its ``node``."""
    emph_storage_class: str | None = None
    """The storage class of such a volume, if not the cluster's default."""

    def find(self, name: str) -> Template | None:
        """Return a custom template; none for the built-in one and for undeclared names."""
        return next((template for template in self.templates if template.name == name), None)

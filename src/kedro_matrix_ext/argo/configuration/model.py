"""The root of ``argo.yml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from kedro_matrix_ext._section import ModelError, Section, error_details, read_errors
from kedro_matrix_ext.argo.configuration.credentials import Credentials  # noqa: TC001  a field's type
from kedro_matrix_ext.argo.configuration.deployment import Deployment, Runner
from kedro_matrix_ext.argo.configuration.field_types import (  # noqa: TC001  fields' types
    KubernetesName,
    PositiveCount,
    Text,
)
from kedro_matrix_ext.argo.configuration.kubernetes_types import (  # noqa: TC001  fields' types
    LabelKey,
    LabelValue,
    SubdomainName,
)
from kedro_matrix_ext.argo.configuration.machines import MachineType  # noqa: TC001  a field's type
from kedro_matrix_ext.argo.configuration.name_checks import find_dangling_references
from kedro_matrix_ext.argo.configuration.passthrough.sections import find_passed_errors
from kedro_matrix_ext.argo.configuration.rules import Rule  # noqa: TC001  a field's type
from kedro_matrix_ext.argo.configuration.templates import TemplateSection
from kedro_matrix_ext.argo.configuration.workflow import (
    Deadlines,
    Hardening,
    HardeningField,
    PodGCField,
    Retries,
    ScheduleField,
    SpotField,
    TimeToLiveField,
    Toleration,
)
from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

if TYPE_CHECKING:
    from pydantic import ModelWrapValidatorHandler
    from typing_extensions import Self

__all__ = ["ArgoConfig"]


def _section(value: object) -> object:
    """Treat a section whose entries are all commented out as absent."""
    return {} if value is None else value


def _list_rules(value: object) -> object:
    return value or ()


class ArgoConfig(Section):
    """``argo.yml``: where and how a pipeline runs on Argo Workflows.

    Every section may be absent. A file written for argo-kedro 0.1.41 loads unchanged.

    Examples:
        >>> config = ArgoConfig.model_validate({
        ...     "machine_types": {"small": {"mem": 4, "cpu": 1}}, "default_machine_type": "small",
        ... })
        >>> config.default_resources.limits["memory"]
        '4Gi'
    """

    namespace: KubernetesName = "argo"
    """The cluster's namespace that workflows run in."""
    deployment: Annotated[Deployment, BeforeValidator(_section)] = Deployment()
    """The image that tasks run in."""
    runner: Annotated[Runner, BeforeValidator(_section)] = Runner()
    """Which datasets tasks keep in memory."""
    machine_types: Annotated[dict[str, MachineType], BeforeValidator(_section)] = Field(default_factory=dict)
    """Sizes of machines by name."""
    resource_defaults: ArgoResourceConfig | None = None
    """What resources in code or in a rule request where they set nothing; else ``ARGO_DEFAULTS``."""
    default_machine_type: str | None = None
    """The machine type of nodes that request none; if not set, ``default`` where it is declared."""
    template: Annotated[TemplateSection, BeforeValidator(_section)] = TemplateSection()
    """The environment of tasks, and custom templates."""
    credentials: Credentials = Field(default_factory=dict)
    """Kedro's credentials of tasks, in the shape of ``credentials.yml``; secrets are ``secret_ref``."""
    rules: Annotated[tuple[Rule, ...], BeforeValidator(_list_rules)] = ()
    """What nodes get by tag, namespace or name; the first matching rule counts."""
    retries: Retries = Retries()
    """When a failed task is retried: ``none``, ``spot``, an expression, or a mapping."""
    deadlines: Deadlines = Deadlines()
    """How long the workflow and each task may take."""
    parallelism: PositiveCount | None = None
    """How many tasks may run at the same time."""
    service_account: SubdomainName | None = None
    """The Kubernetes service account of tasks."""
    image_pull_secrets: tuple[SubdomainName, ...] = ()
    """Kubernetes secrets with credentials for the image's registry."""
    node_selector: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels the machines of all tasks must carry."""
    tolerations: tuple[Toleration, ...] = ()
    """Tolerations for all tasks."""
    gpu_tolerations: tuple[Toleration, ...] = (Toleration(key="nvidia.com/gpu", effect="NoSchedule"),)
    """Further tolerations for tasks with GPUs."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels of the workflow and its pods."""
    annotations: dict[LabelKey, Text] = Field(default_factory=dict)
    """Annotations of the workflow."""
    pod_gc: PodGCField | None = None
    """When pods are deleted; never by themselves where not given."""
    ttl: TimeToLiveField | None = None
    """When finished workflows are deleted; as the cluster has it where not given."""
    archive_logs: bool = False
    """Whether Argo keeps logs in its artifact repository, which the cluster must have."""
    schedule: ScheduleField | None = None
    """When a ``CronWorkflow`` runs."""
    hardening: HardeningField = Hardening(enabled=False)
    """Fewer rights for what tasks run: true, false or a mapping."""
    mlflow: bool = False
    """Whether the workflow is one MLflow run: made before the tasks, attached by each, closed at the end."""
    workflow_hooks: bool = False
    """Whether hooks marked ``workflow_level`` are called before the tasks and after them."""
    server_url: str | None = None
    """The address of the Argo server, for links to workflows."""
    workflow: dict[str, Any] = Field(default_factory=dict)
    """Fields of the workflow's ``spec``, as Argo writes them; they are merged over the generated ones."""
    pod: dict[str, Any] = Field(default_factory=dict)
    """Fields of the pods of all tasks, as Kubernetes writes them."""
    spot: SpotField | None = None
    """Spot machines for the first attempts of a task, and others after that; needs ``retries``."""

    @model_validator(mode="wrap")
    @classmethod
    def _check_references(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Report undeclared names and errors in passed-through fields along with all other errors."""
        dangling = [
            error_details(ModelError(place, message, "unknown_name", name))
            for place, name, message in find_dangling_references(data)
        ]
        dangling += [error_details(each) for each in find_passed_errors(data)]
        try:
            config = handler(data)
        except ValidationError as error:
            others = [error_details(each) for each in read_errors(error)]
            raise ValidationError.from_exception_data(cls.__name__, [*others, *dangling]) from None
        if dangling:
            raise ValidationError.from_exception_data(cls.__name__, dangling)
        return config

    @model_validator(mode="after")
    def _require_retries(self) -> Self:
        if self.spot is not None and self.retries.limit < self.spot.attempts:
            raise ValueError(
                f"'spot' has {self.spot.attempts} attempts on spot machines and 'retries' has "
                f"{self.retries.limit}, so no task would run on another machine. Write 'retries: spot'."
            )
        return self

    @property
    def has_exit_handler(self) -> bool:
        """Whether a generated template runs after the workflow."""
        return self.mlflow or self.workflow_hooks

    @property
    def default_resources(self) -> ArgoResourceConfig:
        """The resources of nodes that request none and that no rule matches."""
        name = self.default_machine_type or "default"
        machine = self.machine_types.get(name)
        return machine.to_resources() if machine else self.resource_defaults or ArgoResourceConfig()

    @property
    def default_origin(self) -> str:
        """Where the default resources come from, for people."""
        name = self.default_machine_type or "default"
        if name in self.machine_types:
            return f"default machine type {name!r}"
        if self.resource_defaults is None:
            return "defaults of ArgoResourceConfig"
        written = "resource_defaults" in self.model_fields_set
        return "resource_defaults" if written else "ARGO_DEFAULTS of settings.py"

    def resources_of(self, machine_type: str) -> ArgoResourceConfig | None:
        """Return the resources of a machine type, or none where it is not declared."""
        machine = self.machine_types.get(machine_type)
        return machine.to_resources() if machine else None

    def match_rule(self, *, name: str, namespace: str | None, tags: set[str] | frozenset[str]) -> Rule | None:
        """Return the first rule that matches a node, given its full name, namespace and tags."""
        return next(
            (rule for rule in self.rules if rule.matches(name=name, namespace=namespace, tags=tags)), None
        )

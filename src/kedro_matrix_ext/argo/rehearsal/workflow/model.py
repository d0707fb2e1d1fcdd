"""The parts of a manifest that a rehearsal runs, and those it may leave aside; any other is refused by name.

The shapes are those of Argo's own resources; a rehearsal does not support anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from kedro_matrix_ext.argo.rehearsal.workflow.resource_inputs import take_container

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "Container",
    "CronSpec",
    "Dag",
    "DagTask",
    "Manifest",
    "Parameter",
    "RetryStrategy",
    "Sidecar",
    "Template",
    "Variable",
    "WorkflowSpec",
]


class Part(BaseModel):
    """A mapping in a manifest."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        coerce_numbers_to_str=True,
        use_attribute_docstrings=True,
    )


class ParameterSource(Part):
    """Where an output's value comes from."""

    path: str
    """The file in the container that holds it."""


class Parameter(Part):
    """An input, an argument or an output."""

    name: str
    value: str | None = None
    default: str | None = None
    description: Any = None
    enum: Any = None
    global_name: str | None = None
    """Under which name the exit handler sees an output."""
    value_from: ParameterSource | None = None


class Parameters(Part):
    """The content of ``inputs``, ``outputs`` and ``arguments``."""

    parameters: tuple[Parameter, ...] = ()
    artifacts: Any = None


class KeyRef(Part):
    """A key of a secret or of a config map."""

    name: str
    key: str
    optional: bool = False


class VariableSource(Part):
    """Where the cluster keeps the value of a variable."""

    secret_key_ref: KeyRef | None = None
    config_map_key_ref: KeyRef | None = None
    field_ref: Any = None
    resource_field_ref: Any = None
    file_key_ref: Any = None

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("one source such as 'secretKeyRef' is needed")
        return self

    @property
    def is_of_pod(self) -> bool:
        """Whether the value is known to the pod alone."""
        return self.secret_key_ref is None and self.config_map_key_ref is None


class Variable(Part):
    """A variable in the environment of a container."""

    name: str
    value: str | None = None
    value_from: VariableSource | None = None


class Mount(Part):
    """Where a container sees a volume."""

    name: str
    mount_path: str
    read_only: Any = None
    sub_path: Any = None
    sub_path_expr: Any = None
    mount_propagation: Any = None
    recursive_read_only: Any = None


class Resources(Part):
    """What a container asks for; nothing of it is enforced on this machine."""

    requests: dict[str, str] = Field(default_factory=dict)
    limits: dict[str, str] = Field(default_factory=dict)
    claims: Any = None


class Container(Part):
    """The main container of a template."""

    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    resources: Resources = Resources()
    volume_mounts: tuple[Mount, ...] = ()
    name: Any = None
    image_pull_policy: Any = None
    security_context: Any = None
    env_from: Any = None
    lifecycle: Any = None
    liveness_probe: Any = None
    ports: Any = None
    readiness_probe: Any = None
    resize_policy: Any = None
    restart_policy: Any = None
    startup_probe: Any = None
    stdin: Any = None
    stdin_once: Any = None
    termination_message_path: Any = None
    termination_message_policy: Any = None
    tty: Any = None
    volume_devices: Any = None


class Sidecar(BaseModel):
    """A container besides the main one; only its name is read, so it may have any field."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    image: str


class Volume(BaseModel):
    """A volume of a pod; it is only named."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str


class RetryStrategy(Part):
    """When a failed pod is tried again."""

    limit: str | None = None
    retry_policy: Literal["Always", "OnFailure", "OnError", "OnTransientError"] | None = None
    expression: str | None = None
    backoff: Any = None
    affinity: Any = None


class DagTask(Part):
    """A task of a DAG."""

    name: str
    template: str
    depends: str | None = None
    dependencies: tuple[str, ...] = ()
    arguments: Parameters = Parameters()


class Dag(Part):
    """The tasks of a template that has no container."""

    tasks: tuple[DagTask, ...]
    fail_fast: bool = True


class Template(Part):
    """A template: a container, a DAG of other templates, or a resource, whose inputs are a container."""

    name: str
    container: Container | None = None
    resource: Any = None
    dag: Dag | None = None
    inputs: Parameters = Parameters()
    outputs: Parameters = Parameters()
    sidecars: tuple[Sidecar, ...] = ()
    init_containers: tuple[Sidecar, ...] = ()
    volumes: tuple[Volume, ...] = ()
    retry_strategy: RetryStrategy | None = None
    active_deadline_seconds: int | None = None
    parallelism: Any = None
    affinity: Any = None
    annotations: Any = None
    archive_location: Any = None
    automount_service_account_token: Any = None
    executor: Any = None
    host_aliases: Any = None
    memoize: Any = None
    metadata: Any = None
    metrics: Any = None
    node_selector: Any = None
    pending_timeout: Any = None
    pod_resources: Any = None
    pod_spec_patch: Any = None
    resource_claims: Any = None
    scheduler_name: Any = None
    synchronization: Any = None
    timeout: Any = None
    priority_class_name: Any = None
    security_context: Any = None
    service_account_name: Any = None
    tolerations: Any = None

    @model_validator(mode="before")
    @classmethod
    def _take_container(cls, data: Any) -> Any:
        return take_container(data)

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if (self.container is None) == (self.dag is None):
            raise ValueError(f"template {self.name!r} needs either 'container' or 'dag'")
        if self.container is not None and not self.container.command:
            raise ValueError(
                f"template {self.name!r} has no 'command': what its image runs by itself is not known here"
            )
        if self.dag is not None and self.outputs.parameters:
            raise ValueError(f"template {self.name!r}: outputs of a DAG are not rehearsed")
        return self


class WorkflowSpec(Part):
    """What a workflow runs."""

    entrypoint: str
    on_exit: str | None = None
    arguments: Parameters = Parameters()
    templates: tuple[Template, ...]
    parallelism: int | None = None
    active_deadline_seconds: int | None = None
    affinity: Any = None
    artifact_gc: Any = Field(default=None, alias="artifactGC")
    artifact_repository_ref: Any = None
    dns_config: Any = None
    dns_policy: Any = None
    executor_plugins: Any = None
    hooks: Any = None
    host_aliases: Any = None
    host_network: Any = None
    metrics: Any = None
    pod_resources: Any = None
    resource_claims: Any = None
    suspend: Any = None
    synchronization: Any = None
    volume_claim_gc: Any = Field(default=None, alias="volumeClaimGC")
    volume_claim_templates: Any = None
    volumes: Any = None
    archive_logs: Any = None
    automount_service_account_token: Any = None
    executor: Any = None
    image_pull_secrets: Any = None
    node_selector: Any = None
    pod_disruption_budget: Any = None
    pod_gc: Any = Field(default=None, alias="podGC")
    pod_metadata: Any = None
    pod_priority_class_name: Any = None
    priority: Any = None
    scheduler_name: Any = None
    security_context: Any = None
    service_account_name: str = "default"
    tolerations: Any = None
    ttl_strategy: Any = None
    workflow_metadata: Any = None


class CronSpec(BaseModel):
    """When a workflow runs, which a rehearsal does not ask, and what."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    workflow_spec: WorkflowSpec = Field(alias="workflowSpec")


class Metadata(BaseModel):
    """What a workflow is called, and what is noted on it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str | None = None
    generate_name: str | None = Field(default=None, alias="generateName")
    namespace: str = "default"
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class Manifest(Part):
    """A ``Workflow``, ``WorkflowTemplate`` or ``CronWorkflow``."""

    api_version: Literal["argoproj.io/v1alpha1"]
    kind: Literal["Workflow", "WorkflowTemplate", "CronWorkflow"]
    metadata: Metadata
    spec: WorkflowSpec | CronSpec
    status: Any = None

    @property
    def workflow(self) -> WorkflowSpec:
        """What is run, whatever starts it."""
        return self.spec.workflow_spec if isinstance(self.spec, CronSpec) else self.spec

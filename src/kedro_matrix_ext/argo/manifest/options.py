"""What a manifest is made from besides the plan and ``argo.yml``, as one frozen object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro_matrix_ext.argo.configuration.workflow import Schedule

__all__ = ["KINDS", "CodeAddress", "Kind", "ManifestOptions"]

Kind = Literal["Workflow", "WorkflowTemplate", "CronWorkflow"]
KINDS: tuple[str, ...] = get_args(Kind)


class CodeAddress(NamedTuple):
    """Where tasks fetch the code package, and what it has to be.

    Attributes:
        address: The address of the package.
        digest: Its SHA-256, in hexadecimal.
    """

    address: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class ManifestOptions:
    """The optional arguments of ``build_manifest``, which describes them."""

    kind: Kind = "Workflow"
    schedule: Schedule | str | None = None
    image: str | None = None
    code: CodeAddress | None = None
    workflow_name: str | None = None
    suffix: str | None = None
    run_id: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    conf_source: str | None = None
    load_versions: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

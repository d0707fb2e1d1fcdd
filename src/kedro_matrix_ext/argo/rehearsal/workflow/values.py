"""What tags of a workflow stand for: its name, parameters, creation time, status."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.constants import RUN_ID
from kedro_matrix_ext.argo.template_tags.run_id import FRACTION, fraction_of
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kedro_matrix_ext.argo.rehearsal.workflow.model import Manifest

__all__ = ["WorkflowValues"]

_LETTER = re.compile(r"workflow\.creationTimestamp\.([A-Za-z])")


@dataclass(frozen=True)
class WorkflowValues:
    """Values by tag.

    Attributes:
        created: When the workflow was created, in UTC.
        values: All but the forms of the creation time.
    """

    created: datetime
    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, manifest: Manifest, *, name: str, created: datetime, run_id: str | None = None
    ) -> WorkflowValues:
        """Say what is known of a workflow from its beginning."""
        metadata, spec = manifest.metadata, manifest.workflow
        plain = cls(
            created,
            {
                "workflow.name": name,
                "workflow.namespace": metadata.namespace,
                "workflow.uid": name,
                "workflow.serviceAccountName": spec.service_account_name,
                "workflow.mainEntrypoint": spec.entrypoint,
                **{f"workflow.labels.{label}": value for label, value in metadata.labels.items()},
                **{f"workflow.annotations.{label}": value for label, value in metadata.annotations.items()},
            },
        )
        parameters = {
            parameter.name: fill_tags(_given(parameter.value, parameter.default), plain.look_up)
            for parameter in spec.arguments.parameters
        }
        if run_id is not None and RUN_ID in parameters:
            parameters[RUN_ID] = run_id
        listed = [{"name": parameter, "value": value} for parameter, value in parameters.items()]
        return plain.add(
            {
                "workflow.parameters": json.dumps(listed),
                **{f"workflow.parameters.{parameter}": value for parameter, value in parameters.items()},
            }
        )

    def add(self, values: Mapping[str, str]) -> WorkflowValues:
        """Give the same with more values."""
        return WorkflowValues(self.created, {**self.values, **values})

    def look_up(self, tag: str) -> str | None:
        """Give the value of a tag."""
        if tag in self.values:
            return self.values[tag]
        if tag == "workflow.creationTimestamp":
            return self.created.strftime("%Y-%m-%d %H:%M:%S +0000 UTC")
        if tag == "workflow.creationTimestamp.RFC3339":
            return self.created.strftime("%Y-%m-%dT%H:%M:%SZ")
        if tag == "workflow.creationTimestamp.s":
            return str(int(self.created.timestamp()))
        if tag == FRACTION:
            return fraction_of(self.values["workflow.uid"])
        letter = _LETTER.fullmatch(tag)
        return self.created.strftime(f"%{letter[1]}") if letter else None


def _given(value: str | None, default: str | None) -> str:
    return value if value is not None else default or ""

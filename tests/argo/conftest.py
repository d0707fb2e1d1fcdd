"""What the cluster would say of a manifest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import SHARED

from kedro_matrix_ext.argo.validation import find_faults

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def schemas() -> dict[str, Any]:
    """Per kind a validator by the strict schema of Argo v4; none where the public schemas are not there."""
    import jsonschema_rs

    return {
        kind: jsonschema_rs.validator_for(json.loads(file.read_text()))
        for kind in ("Workflow", "WorkflowTemplate", "CronWorkflow")
        if (file := SHARED / "argo" / f"{kind.lower()}s.v4.schema.json").exists()
    }


@pytest.fixture(scope="session")
def admit(schemas: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Admit a manifest as the cluster would: by the strict schema if it is there, and by our own rules."""

    def check(manifest: dict[str, Any]) -> None:
        if schemas:
            schemas[manifest["kind"]].validate(manifest)
        assert [str(fault) for fault in find_faults(manifest, check_size=False)] == []

    return check

"""Whether a cluster would admit a manifest."""

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
    """A validator per kind by the strict schema of Argo v4; none without the public schemas."""
    import jsonschema_rs

    return {
        kind: jsonschema_rs.validator_for(json.loads(file.read_text()))
        for kind in ("Workflow", "WorkflowTemplate", "CronWorkflow")
        if (file := SHARED / "argo" / f"{kind.lower()}s.v4.schema.json").exists()
    }


@pytest.fixture(scope="session")
def admit(schemas: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Admit a manifest as the cluster would: by the strict schema if present, and by our rules."""

    def check(manifest: dict[str, Any]) -> None:
        if schemas:
            schemas[manifest["kind"]].validate(manifest)
        assert [str(fault) for fault in find_faults(manifest, check_size=False)] == []

    return check

"""The id of a workflow's run, as the controller makes it from the creation time and the uid."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kedro_matrix_ext.argo.template_tags.run_id import RUN_ID_TAGS, fill_run_id
from kedro_matrix_ext.argo.template_tags.syntax import workflow_parameter_tag
from kedro_matrix_ext.resolvers.run_ids import require_version_format

if TYPE_CHECKING:
    from uuid import UUID

    from tests.argo.real.validator import ArgoValidator

TIMES = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, tz=timezone.utc))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(created=TIMES, uids=st.lists(st.uuids(version=4), min_size=2, max_size=2, unique=True))
def test_workflows_of_one_second_have_different_run_ids(
    argo: list[ArgoValidator], created: datetime, uids: list[UUID]
) -> None:
    """The controller gives each uid an id in Kedro's format, and we work out the same one."""
    times = {f"workflow.creationTimestamp.{part}": created.strftime(f"%{part}") for part in "YmdHMS"}
    for validator in argo:
        run_ids = [
            validator.expand(
                workflow_parameter_tag("run-id"),
                {**times, "workflow.uid": str(uid), "workflow.parameters.run-id": RUN_ID_TAGS},
            )
            for uid in uids
        ]
        assert [require_version_format(run_id) for run_id in run_ids] == [
            fill_run_id(RUN_ID_TAGS, created=created, uid=str(uid)) for uid in uids
        ]
        assert run_ids[0] != run_ids[1]

"""Schedules are accepted if, and only if, the controller accepts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kedro_matrix_ext.argo.configuration.cron import check_schedule, check_timezone
from kedro_matrix_ext.argo.configuration.workflow import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.argo.real.validator import ArgoValidator

NUMBERS = st.one_of(
    st.integers(0, 70).map(str),
    st.sampled_from(["08", "+1", "1.5", "L", "mon", "SUN", "monday", "jan", "Dec", "", "٣"]),
)
PARTS = st.one_of(
    st.sampled_from(["*", "?"]),
    NUMBERS,
    st.builds("{}-{}".format, NUMBERS, NUMBERS),
    st.builds("{}/{}".format, st.one_of(st.just("*"), NUMBERS), NUMBERS),
    st.builds("{}-{}/{}".format, NUMBERS, NUMBERS, NUMBERS),
)
FIELDS = st.lists(PARTS, min_size=1, max_size=3).map(",".join)
EASY = st.sampled_from(["*", "0", "1-5", "*/2"])
LINES = st.one_of(
    st.lists(st.one_of(EASY, FIELDS), min_size=5, max_size=5).map(" ".join),
    st.lists(EASY, min_size=3, max_size=6).map(" ".join),
    st.builds("* * {} * *".format, FIELDS),
    st.builds("* * * * {}".format, FIELDS),
    st.sampled_from(
        ["@daily", "@Daily", "@never", "@every 1h30m", "@every 1d", "@every", "@reboot", "", " "]
    ),
    st.sampled_from(["TZ=Europe/Berlin 0 6 * * *", "CRON_TZ=Mars/X 0 6 * * *", "TZ=UTC @daily", "TZ=UTC"]),
)


def is_accepted(check: Callable[[str], str], text: str) -> bool:
    """Whether a check of ours accepts a text."""
    try:
        check(text)
    except ValueError:
        return False
    return True


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=LINES)
@example("0 6 * * 7")
@example("*/0 * * * *")
@example("0 0 L * *")
@example("99 * * * *")
def test_schedules_are_judged_as_the_controller_judges_them(argo: list[ArgoValidator], line: str) -> None:
    """Except that an empty member of a list, which the controller passes over, is an error."""
    ours = is_accepted(check_schedule, line)
    for validator in argo:
        theirs = not validator.refuse_schedule(line)
        assert ours == theirs or (theirs and any("" in part.split(",") for part in line.split()))


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "UTC",
        "Local",
        "",
        "Etc/GMT+1",
        "Europe/Berln",
        "+01:00",
        "CEST",
        "../UTC",
        "/etc",
        "Europe",
    ],
)
def test_time_zones_are_judged_as_the_controller_judges_them(argo: list[ArgoValidator], zone: str) -> None:
    """A mistyped zone, an offset and a path are errors."""
    for validator in argo:
        assert is_accepted(check_timezone, zone) == (not validator.refuse_schedule("@daily", zone))


def test_a_mistyped_zone_names_the_nearest() -> None:
    """The message names the zone and suggests one; two zones for one schedule are an error."""
    with pytest.raises(ValidationError, match=r"'Europe/Berln' is not a time zone.*'Europe/Berlin'"):
        Schedule.model_validate({"cron": "@daily", "timezone": "Europe/Berln"})
    with pytest.raises(ValidationError, match="Keep one"):
        Schedule.model_validate({"cron": "TZ=UTC @daily", "timezone": "UTC"})

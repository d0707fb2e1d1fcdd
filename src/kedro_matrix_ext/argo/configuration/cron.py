"""Schedules and time zones, checked as Argo's controller reads them.

The controller reads schedules with ``ParseStandard`` of https://pkg.go.dev/github.com/robfig/cron/v3 and time
zones with ``LoadLocation`` of https://pkg.go.dev/time.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kedro_matrix_ext._suggestion import did_you_mean

__all__ = ["check_schedule", "check_timezone"]

_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = re.compile(r"@every [-+]?((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+", re.ASCII)
_NUMBER = re.compile(r"\+?\d{1,18}", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class _Field(NamedTuple):
    name: str
    lowest: int
    highest: int
    words: dict[str, int] = {}  # noqa: RUF012  never changed


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, {word: number for number, word in enumerate(_MONTHS, start=1)}),
    _Field("weekday", 0, 6, {word: number for number, word in enumerate(_WEEKDAYS)}),
)


def check_schedule(schedule: str) -> str:
    """Return a schedule that the controller accepts.

    Raises:
        ValueError: If the controller would not accept it, so that it would never run.

    Examples:
        >>> check_schedule("*/15 6-18 * * MON-FRI")
        '*/15 6-18 * * MON-FRI'
        >>> check_schedule("0 6 * * 7")
        Traceback (most recent call last):
            ...
        ValueError: '0 6 * * 7' is not a schedule: the weekday '7' is not within 0 to 6. Sunday is 0.
    """
    text = schedule
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        zone, _, text = schedule.partition(" ")
        check_timezone(zone.partition("=")[2])
    problem = _find_problem(text.strip() if text != schedule else text)
    if problem:
        raise ValueError(f"{schedule!r} is not a schedule: {problem}")
    return schedule


def check_timezone(name: str) -> str:
    """Return the name of a time zone that the controller knows; without zones on this machine, any name.

    Raises:
        ValueError: If there is no such zone.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    if name in ("", "UTC", "Local"):
        return name
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = available_timezones()
        if not known:
            return name
        hint = did_you_mean(name, sorted(known)) or "Write a name such as 'Europe/Berlin' or 'UTC'."
        raise ValueError(f"{name!r} is not a time zone. {hint}") from None
    return name


def _find_problem(text: str) -> str | None:
    if text.startswith("@"):
        if text in _WORDS or _EVERY.fullmatch(text):
            return None
        hint = did_you_mean(text, _WORDS)
        return f"{text!r} is unknown. {hint} Known are {', '.join(_WORDS)} and '@every 1h30m'."
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields, not 5: minute hour day month weekday. Or write '@daily'."
    problems = (
        _find_fault(expression, field)
        for part, field in zip(parts, _FIELDS, strict=True)
        for expression in part.split(",")
    )
    return next(filter(None, problems), None)


def _find_fault(expression: str, field: _Field) -> str | None:
    """Return what is wrong with one range of a field: ``*``, ``5``, ``1-5``, each with ``/2``."""
    limits, *steps = expression.split("/")
    first, *last = limits.split("-")
    if len(steps) > 1 or len(last) > 1 or not first:
        return f"the {field.name} {expression!r} is not a number, '*', a range '1-5' or a step '*/15'"
    if steps and (not _NUMBER.fullmatch(steps[0]) or int(steps[0]) == 0):
        return f"the step of the {field.name} {expression!r} is not a positive number"
    if first in ("*", "?"):
        return None if not last else f"the {field.name} {expression!r} mixes '*' with a range"
    fault = next(filter(None, (_find_number_fault(end, field) for end in (first, *last))), None)
    if fault is None and _read(first, field) > _read(last[0] if last else first, field):
        return f"the {field.name} {expression!r} begins after its end"
    return fault


def _find_number_fault(text: str, field: _Field) -> str | None:
    if text.lower() not in field.words and not _NUMBER.fullmatch(text):
        names = f" or a name such as {next(iter(field.words))!r}" if field.words else ""
        return f"the {field.name} {text!r} is not a number{names}"
    if not field.lowest <= _read(text, field) <= field.highest:
        sunday = " Sunday is 0." if field.name == "weekday" and text == "7" else ""
        return f"the {field.name} {text!r} is not within {field.lowest} to {field.highest}.{sunday}"
    return None


def _read(text: str, field: _Field) -> int:
    return int(field.words.get(text.lower(), text))

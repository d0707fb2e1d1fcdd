"""The one registry of what checks report: code, severity, message, fix, location.

``kedro argo check`` and ``kedro matrix config check`` find different things and report them alike. What a
code means is declared once, in ``_finding_codes``; a check adds the particulars.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._finding_codes import FINDING_CODES, FindingCode, Severity
from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.errors import KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "FINDING_CODES",
    "Finding",
    "FindingCode",
    "Location",
    "Severity",
    "finding",
    "findings_as_dict",
    "has_errors",
    "render_findings",
]


@dataclass(frozen=True)
class Location:
    """Where a finding is; every part may be unknown.

    Attributes:
        config_path: As in ``catalog: companies.type``.
        env: The configuration environment that was checked.
        file: The file, relative to the project where it is inside it.
        line: The line in that file, from 1.

    Examples:
        >>> print(Location("catalog: cars.type", env="cloud", file="conf/base/catalog.yml", line=2))
        catalog: cars.type (conf/base/catalog.yml:2, env cloud)
    """

    config_path: str | None = None
    env: str | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        file = f"{self.file}:{self.line}" if self.file and self.line else self.file
        env = f"env {self.env}" if self.env else None
        details = ", ".join(part for part in (file, env) if part)
        if self.config_path and details:
            return f"{self.config_path} ({details})"
        return self.config_path or details


@dataclass(frozen=True)
class Finding:
    """One thing a check found.

    Attributes:
        code: Its code in ``FINDING_CODES``.
        severity: How bad it is.
        message: What was found, naming the offender.
        fix: What to do about this one.
        location: Where it is.
        task: The Argo task it concerns, if any.
        node: The Kedro node it concerns, if any.
        dataset: The dataset it concerns, if any.
        library: The library that is not installed here, if that is the reason.

    Examples:
        >>> found = finding("missing-parameter", "there is no parameter 'dept'", node="train")
        >>> found.code, found.severity.value, found.node
        ('missing-parameter', 'error', 'train')
    """

    code: str
    severity: Severity
    message: str
    fix: str
    location: Location = field(default_factory=Location)
    task: str | None = None
    node: str | None = None
    dataset: str | None = None
    library: str | None = None


def finding(  # noqa: PLR0913  every argument is a column of the report
    code: str,
    message: str,
    *,
    fix: str | None = None,
    location: Location | None = None,
    task: str | None = None,
    node: str | None = None,
    dataset: str | None = None,
    library: str | None = None,
) -> Finding:
    """Make a finding of a declared code.

    Args:
        code: One of ``FINDING_CODES``.
        message: What was found, naming the offender.
        fix: What to do about this one; the code's general remedy where it is not given.
        location: Where it is.
        task: The Argo task it concerns.
        node: The Kedro node it concerns.
        dataset: The dataset it concerns.
        library: The library that is not installed here.

    Returns:
        The finding, with the code's severity.

    Raises:
        KedroMatrixError: If the code is not declared.

    Examples:
        >>> finding("missing-parameter", "there is no parameter 'dept'").fix
        'Declare it in the parameters, or correct the name.'
    """
    if code not in FINDING_CODES:
        raise KedroMatrixError(f"finding code {code!r} is not declared in _finding_codes")
    declared = FINDING_CODES[code]
    return Finding(
        code=code,
        severity=declared.severity,
        message=scrub(message),
        fix=scrub(fix or declared.remedy),
        location=location or Location(),
        task=task,
        node=node,
        dataset=dataset,
        library=library,
    )


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether any finding is an error.

    Args:
        findings: What a check found.

    Returns:
        True where at least one has severity ``error``.

    Examples:
        >>> has_errors([finding("missing-parameter", "there is no parameter 'dept'")])
        True
    """
    return any(found.severity is Severity.ERROR for found in findings)


def findings_as_dict(findings: Iterable[Finding]) -> dict[str, Any]:
    """Turn findings into the plain data that ``--format json`` prints.

    Args:
        findings: What a check found.

    Returns:
        ``{"ok": bool, "findings": [...]}``; ``ok`` is false where any finding is an error.

    Examples:
        >>> findings_as_dict([])
        {'ok': True, 'findings': []}
    """
    listed = list(findings)
    rows = [{**asdict(found), "severity": found.severity.value} for found in listed]
    return {"ok": not has_errors(listed), "findings": rows}


def render_findings(findings: Iterable[Finding]) -> str:
    """Write findings for a person: a block each, the worst first, and a line that counts them.

    Args:
        findings: What a check found.

    Returns:
        The text, without a final newline.

    Examples:
        >>> print(render_findings([]))
        nothing found
    """
    order = list(Severity)
    ranked = sorted(findings, key=lambda found: (order.index(found.severity), found.code, found.message))
    listed = _merge_environments(ranked)
    if not listed:
        return "nothing found"
    counts = [(sum(found.severity is severity for found in listed), severity.value) for severity in order]
    summary = ", ".join(f"{count} {name}{'s' if count != 1 else ''}" for count, name in counts if count)
    return "\n".join([*(_render_finding(found) for found in listed), summary])


def _merge_environments(findings: Iterable[Finding]) -> list[Finding]:
    """Make one of findings that differ in nothing but the environment."""
    merged: dict[Finding, list[str]] = {}
    for found in findings:
        everywhere = replace(found, location=replace(found.location, env=None))
        merged.setdefault(everywhere, []).extend([found.location.env] if found.location.env else [])
    return [
        replace(found, location=replace(found.location, env=", ".join(dict.fromkeys(envs)) or None))
        for found, envs in merged.items()
    ]


def _render_finding(found: Finding) -> str:
    head = f"{found.severity.value}[{found.code}]: {found.message}"
    place = str(found.location)
    lines = [head, f"  at {place}" if place else "", f"  fix: {found.fix}"]
    return "\n".join(line for line in lines if line)

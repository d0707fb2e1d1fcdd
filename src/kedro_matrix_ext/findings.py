"""The one registry of what checks report: code, severity, message, fix, location.

``kedro argo check`` and ``kedro matrix config check`` find different things and report them alike. A code is
declared here once, with what it means and how it is mended in general; a check adds the particulars.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

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


class Severity(str, Enum):
    """How bad a finding is: an error fails the check, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class FindingCode:
    """What a code means, the same for every finding that carries it.

    Attributes:
        code: The stable name, as in ``memory-dataset-crosses-tasks``.
        severity: How bad it is.
        cause: What it means, one sentence.
        remedy: How it is mended in general, one sentence.
    """

    code: str
    severity: Severity
    cause: str
    remedy: str


@dataclass(frozen=True)
class Location:
    """Where a finding stands; every part may be unknown.

    Attributes:
        config_path: As in ``catalog: companies.type``.
        env: The configuration environment that was checked.
        file: The file, relative to the project where it is inside it.
        line: The line in that file, from 1.
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
        code: Its code in :data:`FINDING_CODES`.
        severity: How bad it is.
        message: What was found, naming the offender.
        fix: What to do about this one.
        location: Where it stands.
        task: The Argo task it concerns, if any.
        node: The Kedro node it concerns, if any.
        dataset: The dataset it concerns, if any.
    """

    code: str
    severity: Severity
    message: str
    fix: str
    location: Location = field(default_factory=Location)
    task: str | None = None
    node: str | None = None
    dataset: str | None = None


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_CODES: tuple[FindingCode, ...] = (
    FindingCode(
        "transcoding-mismatch",
        _ERROR,
        "The flavours name@engine of one dataset do not agree, or one that is used is declared nowhere.",
        "Declare the dataset once, with 'transcode:'.",
    ),
    FindingCode(
        "injected-object",
        _ERROR,
        cause="A parameter declares an object that cannot be imported, is refused, or takes other arguments.",
        remedy="Correct the import path or the arguments under its 'object:'.",
    ),
    FindingCode(
        "memory-dataset-crosses-tasks",
        _ERROR,
        "A dataset that exists only in a process is made in one task, or nowhere, and used in another.",
        "Give it a catalog entry with a file, keep all undeclared data with a catch-all, or fuse the nodes.",
    ),
    FindingCode(
        "local-path-crosses-tasks",
        _ERROR,
        "A dataset is written to the disk of one task's machine and read in another task.",
        "Give it a path in shared storage, such as s3:// or gs://, in this environment.",
    ),
    FindingCode(
        "dataset-written-twice",
        _ERROR,
        "Two datasets that nodes write are one file, so one overwrites the other.",
        "Give each a path of its own.",
    ),
    FindingCode(
        "unused-task-output",
        _NOTE,
        "A task makes data that no node uses and that is gone with the task's pod.",
        "Give it a catalog entry in shared storage, or drop the output.",
    ),
    FindingCode(
        "grouping-cycle",
        _ERROR,
        "Tasks of this grouping would wait for each other.",
        "Group otherwise, or let '--on-cycle split' cut the groups.",
    ),
    FindingCode(
        "missing-parameter",
        _ERROR,
        "A node uses a parameter that this environment does not have.",
        "Declare it in the parameters, or correct the name.",
    ),
    FindingCode(
        "unknown-machine-type",
        _ERROR,
        "A node asks for a machine type that argo.yml does not declare.",
        "Declare it under 'machine_types', or correct the name.",
    ),
    FindingCode(
        "unknown-template",
        _ERROR,
        "A node asks for a template that argo.yml does not declare.",
        "Declare it under 'template.templates', or correct the name.",
    ),
    FindingCode(
        "resources-exceed-machine",
        _ERROR,
        "A task requests more than the machine it asks for, or any declared machine, has.",
        "Request less, or declare a machine type that is large enough.",
    ),
    FindingCode(
        "request-at-node-size",
        _WARNING,
        "A task requests exactly the memory of a machine, of which Kubernetes keeps some for itself.",
        "Request a little less, so that the task does not need the next larger machine.",
    ),
    FindingCode(
        "secret-in-clear",
        _WARNING,
        "A value that looks like a secret stands in the configuration, so in the manifest or image too.",
        "Keep it in a Kubernetes secret and refer to it with 'secret_ref', or in credentials.yml.",
    ),
    FindingCode(
        "braces-in-text",
        _ERROR,
        "Text that goes into the manifest contains '{{', which Argo would replace.",
        "Write it without double braces.",
    ),
    FindingCode(
        "manifest-too-large",
        _WARNING,
        "The workflow is larger than what Argo stores unless it offloads node status.",
        "Make fewer tasks by grouping nodes, or set up offloading.",
    ),
    FindingCode(
        "manifest-invalid",
        _ERROR,
        "No manifest that Argo takes can be made of the plan.",
        "Correct what the message names.",
    ),
    FindingCode(
        "local-mlflow-store",
        _ERROR,
        "MLflow's store is on the machine of each task, so that tasks do not see each other's run.",
        "Name a tracking server in 'tracking_uri', or in MLFLOW_TRACKING_URI under 'template.environment'.",
    ),
    FindingCode(
        "variant-without-parameters",
        _WARNING,
        "A variant is declared in the dynamic pipelines mapping, and the parameters have no block for it.",
        "Write its parameters, or take it out of the mapping.",
    ),
    FindingCode(
        "parameters-without-variant",
        _WARNING,
        "There are parameters for a variant that the dynamic pipelines mapping does not declare.",
        "Declare the variant, or remove its parameters.",
    ),
)

FINDING_CODES: dict[str, FindingCode] = {code.code: code for code in _CODES}


def finding(  # noqa: PLR0913  every argument is a column of the report
    code: str,
    message: str,
    *,
    fix: str | None = None,
    location: Location | None = None,
    task: str | None = None,
    node: str | None = None,
    dataset: str | None = None,
) -> Finding:
    """Make a finding of a declared code.

    Args:
        code: One of :data:`FINDING_CODES`.
        message: What was found, naming the offender.
        fix: What to do about this one; the code's general remedy where it is not given.
        location: Where it stands.
        task: The Argo task it concerns.
        node: The Kedro node it concerns.
        dataset: The dataset it concerns.

    Returns:
        The finding, with the code's severity.

    Raises:
        KedroMatrixError: If the code is not declared.
    """
    if code not in FINDING_CODES:
        raise KedroMatrixError(f"finding code {code!r} is not declared in findings.py")
    declared = FINDING_CODES[code]
    return Finding(
        code=code,
        severity=declared.severity,
        message=message,
        fix=fix or declared.remedy,
        location=location or Location(),
        task=task,
        node=node,
        dataset=dataset,
    )


def has_errors(findings: Iterable[Finding]) -> bool:
    """Tell whether any finding is an error.

    Args:
        findings: What a check found.

    Returns:
        True where at least one has severity ``error``.
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
    listed = sorted(findings, key=lambda found: (order.index(found.severity), found.code, found.message))
    if not listed:
        return "nothing found"
    counts = [(sum(found.severity is severity for found in listed), severity.value) for severity in order]
    summary = ", ".join(f"{count} {name}{'s' if count != 1 else ''}" for count, name in counts if count)
    return "\n".join([*(_render_finding(found) for found in listed), summary])


def _render_finding(found: Finding) -> str:
    head = f"{found.severity.value}[{found.code}]: {found.message}"
    place = str(found.location)
    lines = [head, f"  at {place}" if place else "", f"  fix: {found.fix}"]
    return "\n".join(line for line in lines if line)

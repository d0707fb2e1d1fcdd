"""Libraries that are not installed here: which one an error is about, and whether the project declares it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from kedro_matrix_ext._requirements.declared import is_declared, list_requirements, suggest_installation
from kedro_matrix_ext._requirements.distributions import find_distribution
from kedro_matrix_ext._requirements.installation import install_requirements, read_wanted
from kedro_matrix_ext.findings import Severity, finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kedro_matrix_ext.findings import Finding

__all__ = [
    "as_note",
    "find_library_of_type",
    "note_what_is_declared",
    "report_missing_package",
    "report_unlisted_package",
]

_DATASETS, _OWN = "kedro_datasets", "kedro_matrix_ext"


def find_library_of_type(kind: str, error: BaseException) -> str | None:
    """Return the library without which a dataset type cannot be imported; none if that is not the reason.

    Args:
        kind: The type as written.
        error: Why it cannot be imported.
    """
    root = kind.partition(".")[0]
    from_datasets = () if root in (kind, _OWN) else (_DATASETS,)
    libraries = (*from_datasets, *_list_imports(error), *((root,) if "." in kind else ()))
    return next((library for library in libraries if find_spec(library) is None), None)


def _list_imports(error: BaseException | None) -> Iterator[str]:
    """List the libraries whose imports failed."""
    while error is not None:
        if isinstance(error, ImportError) and error.name:
            yield error.name.partition(".")[0]
        error = error.__cause__ or error.__context__


def note_what_is_declared(findings: Iterable[Finding], project: Path | None) -> Iterator[Finding]:
    """Make notes of findings about libraries that the project declares: they are installed in its image.

    Args:
        findings: What a check found.
        project: The project's folder; none where it is not known.

    Yields:
        The findings.
    """
    for found in findings:
        noted = found.severity is Severity.NOTE
        if project is None or found.library is None or noted or not is_declared(found.library, project):
            yield found
        else:
            yield as_note(found)


def as_note(found: Finding) -> Finding:
    """Make a note of a finding about a library that is installed in the image."""
    return replace(found, severity=Severity.NOTE, message=f"{found.message} (in the image, not here)")


def report_missing_package(dataset: str, library: str, scheme: str, project: Path | None) -> Finding:
    """Report that what opens a dataset's storage is not installed here.

    Args:
        dataset: The dataset.
        library: The import name of what opens it.
        scheme: The protocol or database, as ``gs:``.
        project: The project's folder, for the remedy.
    """
    distribution = find_distribution(library)
    return finding(
        "missing-storage-package",
        f"{dataset!r} is stored at {scheme}, which needs {distribution!r}, and that is not installed",
        fix=suggest_installation(library, project / "pyproject.toml") if project is not None else None,
        dataset=dataset,
        library=library,
    )


def report_unlisted_package(dataset: str, library: str, scheme: str, project: Path) -> Finding | None:
    """Report that what opens a dataset's storage is installed here, and the project does not depend on it.

    Returns:
        A warning; none if a dependency brings it or may do so, or the project lists no dependencies.
    """
    wanted = [each for line in list_requirements(project) for each in read_wanted(line, project)]
    found = install_requirements(wanted)
    if not wanted or found.unknown or found.provides(library):
        return None
    distribution = find_distribution(library)
    unlisted = finding(
        "missing-storage-package",
        f"{dataset!r} is stored at {scheme}, which needs {distribution!r}: it is installed here, and the "
        "project's dependencies do not bring it",
        fix=f"Add {distribution!r} to the dependencies in pyproject.toml.",
        dataset=dataset,
    )
    return replace(unlisted, severity=Severity.WARNING)

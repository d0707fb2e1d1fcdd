"""Libraries that are not installed here: which one an error is about, and whether the project declares it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from kedro_matrix_ext._requirements.declared import is_declared
from kedro_matrix_ext.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kedro_matrix_ext.findings import Finding

__all__ = ["find_library_of_type", "note_what_is_declared"]

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
        if project is not None and found.library is not None and is_declared(found.library, project):
            yield replace(found, severity=Severity.NOTE, message=f"{found.message} (in the image, not here)")
        else:
            yield found

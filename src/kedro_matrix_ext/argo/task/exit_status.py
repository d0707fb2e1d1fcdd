"""Exit statuses, by which Argo decides whether to retry a task."""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.argo.constants import WORTH_RETRYING
from kedro_matrix_ext.argo.task.retryable_errors import find_retryable
from kedro_matrix_ext.errors import KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["exiting_by_error"]


@contextmanager
def exiting_by_error() -> Iterator[None]:
    """Exit with 75 on an error that is worth another attempt, its traceback shown; let others through.

    Raises:
        SystemExit: With 75.
        Exception: Any other error, which Kedro shows and exits with 1.
    """
    try:
        yield
    except Exception as error:
        found = find_retryable(error)
        if found is not None or (isinstance(error, KedroMatrixError) and error.__cause__ is not None):
            sys.stderr.write(scrub("".join(traceback.format_exception(error))))
        if found is None:
            raise
        sys.stderr.write(f"Worth retrying, so the exit status is {WORTH_RETRYING}: {found}\n")
        raise SystemExit(WORTH_RETRYING) from error

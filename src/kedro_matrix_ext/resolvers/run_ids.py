"""What distinguishes one run from another: ``${run:id}`` and ``${ka.random:}``."""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from functools import cache
from typing import Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext._variables import RUN_ID_VARIABLE
from kedro_matrix_ext.errors import ResolverError

__all__ = [
    "RUN_ID_VARIABLES",
    "SUFFIX_LENGTH",
    "draw_suffix",
    "random_suffix",
    "read_run",
    "require_version_format",
    "run_id",
]

# Where a workflow says which run its tasks belong to; the first that is set and not empty counts.
RUN_ID_VARIABLES = (RUN_ID_VARIABLE, "WORKFLOW_ID")

SUFFIX_LENGTH = 6
"""How many characters distinguish names in Kubernetes."""

_RUN_KEYS = ("id",)
_VERSION_FORMAT = re.compile(r"\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d\.(\d{3}|\d{6})Z")


def run_id() -> str:
    """Identify the run: one id for all tasks of a workflow.

    Returns:
        The first of ``RUN_ID_VARIABLES`` that is set and not empty; without one, the time at which this
        process first asked, in the format of Kedro's ``save_version``.

    Examples:
        >>> run_id() == run_id()
        True
    """
    given = (os.environ.get(variable) for variable in RUN_ID_VARIABLES)
    return next(filter(None, given), None) or _process_timestamp()


def require_version_format(run: str) -> str:
    """Make sure that a run's id can be a version of its datasets.

    Kedro sorts versions as text and loads the last: a name would be loaded for ever, whatever is saved later.

    Raises:
        ResolverError: If it is not in the format of Kedro's versions, ``YYYY-MM-DDThh.mm.ss.sssZ``, with
            three or six decimal digits of seconds.

    Examples:
        >>> require_version_format("2030-01-31T12.00.00.000Z")
        '2030-01-31T12.00.00.000Z'
    """
    if not _VERSION_FORMAT.fullmatch(run):
        raise ResolverError(
            f"the run's id {run!r} is not in the format of Kedro's versions, 2030-01-31T12.00.00.000Z",
            hint="Versions are sorted as text, so another format would be loaded before all later ones. Give "
            "the workflow's parameter 'run-id' a time in this format, or leave it out.",
        )
    return run


def read_run(key: Any) -> Any:
    """Resolve ``${run:id}``.

    Raises:
        ResolverError: If the key is another.

    Examples:
        >>> read_run("id") == run_id()
        True
    """
    if key not in _RUN_KEYS:
        raise ResolverError(
            f"unknown run attribute {key!r}", hint=did_you_mean(str(key), _RUN_KEYS) or "Write ${run:id}."
        )
    return run_id()


@cache
def random_suffix() -> str:
    """Resolve ``${ka.random:}``: a suffix for names in Kubernetes.

    Examples:
        >>> len(random_suffix()), random_suffix() == random_suffix()
        (6, True)
    """
    return draw_suffix()


def draw_suffix() -> str:
    """Draw another suffix for names in Kubernetes.

    Examples:
        >>> len(draw_suffix()), draw_suffix() == draw_suffix()
        (6, False)
    """
    import secrets
    import string

    letters = string.ascii_lowercase + string.digits
    return "".join(secrets.choice(letters) for _ in range(SUFFIX_LENGTH))


@cache
def _process_timestamp() -> str:
    """Write the time as Kedro writes versions (``kedro.io.core.generate_timestamp``): to the millisecond."""
    written = datetime.now(tz=timezone.utc).strftime("%Y-%m-%dT%H.%M.%S.%f")
    return f"{written[:-3]}Z"

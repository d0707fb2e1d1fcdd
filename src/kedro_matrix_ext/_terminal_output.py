"""What a command of Kedro prints in a project that uses this package: our errors without a traceback.

Kedro has no public way to end ``kedro run`` with a message: an error that leaves a command goes to
``sys.excepthook``, which Kedro's logging gives to rich, and again once the settings are read. So a hook
of ours goes in front, which handles these errors and leaves all others to what was there before: for each
error of this package in a project whose ``settings.py`` calls it, and for each command of Kedro that fails.
"""

from __future__ import annotations

import os
import sys
import warnings
from traceback import walk_tb
from typing import TYPE_CHECKING

from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.errors import KedroMatrixError, observers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]
    Explain = Callable[[BaseException], Sequence[str]]

__all__ = [
    "TRACEBACK_VARIABLE",
    "describe_error",
    "hide_deprecated_calls",
    "keep_output_short",
    "put_hook_in_front",
]

_CATALOG_ERROR = (
    "Error: {}\n  'kedro matrix config check' names the file and line of each entry that is wrong."
)

TRACEBACK_VARIABLE = "KEDRO_MATRIX_TRACEBACK"
"""Where it is set and not empty, errors of this package have a traceback."""


def keep_output_short() -> None:
    """End this process without a traceback if an error of this package ends it."""
    hide_deprecated_calls()
    if put_hook_in_front not in observers:
        observers.append(put_hook_in_front)


def hide_deprecated_calls() -> None:
    """Hide the warnings that Kedro's loader causes with OmegaConf 2.4, as no project can avoid them."""
    warnings.filterwarnings(
        "ignore",
        message=r"register_new_resolver\(\) is deprecated",
        category=UserWarning,
        module=r"kedro\.config",
    )


def describe_error(error: BaseException) -> str | None:
    """Return an error of this package, or of an entry of the catalog, as it is printed; None for others.

    With Kedro's loader, OmegaConf raises an error of its own where one of our resolvers raises.

    Examples:
        >>> print(describe_error(KedroMatrixError("no such thing 'a'", hint="Write 'b'.")))
        Error: no such thing 'a'
          Write 'b'.
    """
    if isinstance(error, KedroMatrixError):
        return scrub(f"Error: {error}")
    ours = _find_ours(error) if type(error).__module__.startswith("omegaconf.") else None
    key = getattr(error, "full_key", None)
    if ours is None:
        return scrub(_CATALOG_ERROR.format(_read_message(error))) if _is_of_catalog(error) else None
    return scrub(f"Error: {ours}" + (f"\n  at the key {key!r}" if key and not ours.config_path else ""))


def _is_of_catalog(error: BaseException) -> bool:
    """Check whether Kedro raised an error while it made a dataset of an entry of the catalog."""
    modules = {
        frame.f_globals.get("__name__", "")
        for frame, _ in walk_tb(error.__traceback__)
        if frame.f_code.co_name == "from_config"
    }
    return any(module.startswith("kedro.io.") for module in modules)


def _read_message(error: BaseException) -> str:
    """Return what an error says, on as many lines; a ``KeyError`` says it in quotes."""
    text = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
    return "\n  ".join(line.strip() for line in text.splitlines() if line.strip()) or type(error).__name__


def _find_ours(error: BaseException | None) -> KedroMatrixError | None:
    """Find the error of ours that led to another one."""
    while error is not None and not isinstance(error, KedroMatrixError):
        error = error.__cause__ or error.__context__
    return error


def put_hook_in_front(explain: Explain | None = None) -> None:
    """Show errors of this package in a few lines, and with them what a command knows about them."""
    if not isinstance(sys.excepthook, _BriefHook):
        sys.excepthook = _BriefHook(sys.excepthook)
    if explain is not None:
        sys.excepthook.explain = explain


class _BriefHook:
    """Prints errors of this package in a few lines."""

    explain: Explain | None = None

    def __init__(self, previous: Hook) -> None:
        self._previous = previous

    def __call__(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        described = None if os.environ.get(TRACEBACK_VARIABLE) else describe_error(error)
        if described is None:
            self._previous(kind, error, traceback)
            return
        lines = [described, *(self.explain(error) if self.explain else ())]
        sys.stderr.write("\n".join(lines) + "\n")

"""Errors of modules that run late: which node, which module, which library."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kedro_matrix_ext._requirements.declared import suggest_installation
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.deferred_imports.import_statements import is_import_from
from kedro_matrix_ext.errors import NodeImportError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType, ModuleType, TracebackType

__all__ = ["MissingNameError", "as_import_error", "describe_failure", "fail_call", "fail_import"]

_LOGGER = logging.getLogger(__name__)


class MissingNameError(AttributeError):
    """A module does not have an attribute, as opposed to an AttributeError in the module's code."""

    def __init__(self, module: ModuleType, name: str, known: Iterable[str] = (), reason: str = "") -> None:
        self.module = module.__name__
        self.file = getattr(module, "__file__", None)
        self.hint = reason or did_you_mean(name, known)
        message = f"module {self.module!r} has no attribute {name!r}"
        super().__init__(f"{message}. {self.hint}" if self.hint else message, name=name, obj=module)


def as_import_error(error: AttributeError, name: str, module: ModuleType, caller: FrameType) -> Exception:
    """Choose what is raised where an attribute of a module cannot be given.

    Import statements, ``hasattr`` and ``getattr`` with a default swallow an AttributeError, so one that the
    module's own code raised becomes the cause of an ImportError.

    Args:
        error: What was raised.
        name: The attribute.
        module: The module.
        caller: The frame that asks for it.

    Returns:
        The error to raise.
    """
    file = getattr(module, "__file__", None)
    if not isinstance(error, MissingNameError):
        failed = NodeImportError(
            f"cannot import module {module.__name__!r}: {type(error).__name__}: {error}",
            file=file,
            line=_line_in_file(error.__traceback__, file),
        )
        return _with_import_details(failed, module, error)
    if not is_import_from(caller) or f"{module.__name__}.{name}" in sys.modules:
        return error
    missing = NodeImportError(
        f"cannot import name {name!r} from {module.__name__!r}", file=file, hint=error.hint or None
    )
    return _with_import_details(missing, module, None)


def _with_import_details(
    error: NodeImportError, module: ModuleType, cause: Exception | None
) -> NodeImportError:
    error.name, error.path = module.__name__, getattr(module, "__file__", None)
    error.__cause__ = cause
    return error


def fail_import(error: ImportError, function: str, module: str, file: str) -> NoReturn:
    """Raise what a call fails with whose module cannot import something.

    Args:
        error: What the module raised.
        function: The function that is called.
        module: The module.
        file: Its file.

    Raises:
        NodeImportError: If a library is not installed.
        ImportError: The error itself otherwise, with a note.
    """
    library = (error.name or "").partition(".")[0]
    own = module.partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or library in ("", own):
        fail_call(error, function, module)
        raise error
    node = find_running_node()
    who = f"node {node!r}" if node else f"{function!r}"
    missing = NodeImportError(
        f"{who} needs {library!r}, which is not installed",
        config_path=module,
        file=file,
        line=_line_in_file(error.__traceback__, file),
        hint=suggest_installation(library, Path(file)),
    )
    missing.name, missing.path = error.name, error.path
    raise missing from error


def fail_call(error: Exception, function: str, module: str) -> None:
    """Note on an exception of a module for which node it ran."""
    note = describe_failure(find_running_node(), function, module)
    if sys.version_info >= (3, 11):
        error.add_note(note)
    else:
        _LOGGER.error("%s", note)


def describe_failure(node: str | None, function: str, module: str) -> str:
    """Say which module failed, and for which node."""
    who = f"node {node!r}" if node else f"function {function!r}"
    return f"Module {module!r} failed while it was imported for {who}."


def find_running_node() -> str | None:
    """Find the Kedro node that runs in this thread.

    Only called when something failed, as it looks through the whole stack.
    """
    node_class = getattr(sys.modules.get("kedro.pipeline.node"), "Node", None)
    if node_class is None:
        return None
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  the documented way to one's own stack
    while frame is not None:
        for name in ("self", "node"):
            value: Any = frame.f_locals.get(name)
            if isinstance(value, node_class):
                return str(value.name)
        frame = frame.f_back
    return None


def _line_in_file(trace: TracebackType | None, file: str | None) -> int | None:
    lines = [frame.lineno for frame in traceback.extract_tb(trace) if frame.filename == file]
    return lines[-1] if lines else None

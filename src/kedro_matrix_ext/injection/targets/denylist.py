"""The targets that configuration must not reach, with a reason for each."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from inspect import getattr_static
from types import BuiltinFunctionType, MethodType, MethodWrapperType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["REFUSALS", "Refusal", "Refused", "find_refusal", "is_refused_module", "public_module"]


@dataclass(frozen=True)
class Refusal:
    """One row of the table.

    Attributes:
        module: The module the names are in.
        names: The names, dotted for methods; empty for the whole module and its submodules.
        reason: What a target of that name does.
    """

    module: str
    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Refused:
    """Why an object is refused.

    Attributes:
        name: The name under which the table knows it.
        reason: What it does.
    """

    name: str
    reason: str


def _row(module: str, names: str, reason: str) -> Refusal:
    return Refusal(module, () if names == "*" else tuple(names.split()), reason)


_PROCESS = "starts a process"
_ENDS = "ends or replaces a process"
_EVAL = "runs code given as text or bytes"
_PICKLE = "runs code that a pickle holds"
_IMPORT = "imports any module, past this check"
_REACH = "reaches any attribute or call, past this check"
_DELETE = "deletes, moves or overwrites files"
_NATIVE = "loads or calls native code"

# "*" is the whole module with its submodules. Rows name what exists on some platform or version only, too.
REFUSALS: tuple[Refusal, ...] = (
    _row("os", "system popen fork forkpty posix_spawn posix_spawnp startfile", _PROCESS),
    _row("os", "spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe", _PROCESS),
    _row("os", "execl execle execlp execlpe execv execve execvp execvpe", _ENDS),
    _row("os", "abort kill killpg _exit", _ENDS),
    _row("os", "remove unlink rmdir removedirs rename renames replace truncate ftruncate", _DELETE),
    _row("os", "open write pwrite writev symlink link chmod chown", _DELETE),
    _row("subprocess", "*", _PROCESS),
    _row("_posixsubprocess", "*", _PROCESS),
    _row("multiprocessing", "*", _PROCESS),
    _row("concurrent.futures.process", "*", _PROCESS),
    _row("asyncio.subprocess", "*", _PROCESS),
    _row("asyncio", "create_subprocess_exec create_subprocess_shell", _PROCESS),
    _row("asyncio.base_events", "BaseEventLoop.subprocess_exec BaseEventLoop.subprocess_shell", _PROCESS),
    _row("pty", "*", _PROCESS),
    _row("webbrowser", "*", _PROCESS),
    _row("antigravity", "*", _PROCESS),
    _row("pydoc", "*", _IMPORT),
    _row("_pyrepl", "*", _PROCESS),
    _row("test.support", "*", _PROCESS),
    _row("pexpect", "*", _PROCESS),
    _row("sh", "*", _PROCESS),
    _row("plumbum", "*", _PROCESS),
    _row("psutil", "Popen Process.kill Process.terminate Process.send_signal", _PROCESS),
    _row("click", "edit launch", _PROCESS),
    _row("kedro.framework.cli.utils", "call python_call", _PROCESS),
    _row("signal", "raise_signal pthread_kill", _ENDS),
    _row("sys", "exit", _ENDS),
    _row("faulthandler", "*", _ENDS),
    _row("builtins", "eval exec compile breakpoint", _EVAL),
    _row("code", "*", _EVAL),
    _row("idlelib", "*", _EVAL),
    _row("IPython", "*", _EVAL),
    _row("codeop", "*", _EVAL),
    _row("timeit", "*", _EVAL),
    _row("pdb", "*", _EVAL),
    _row("bdb", "*", _EVAL),
    _row("doctest", "*", _EVAL),
    _row("profile", "*", _EVAL),
    _row("cProfile", "*", _EVAL),
    _row("trace", "*", _EVAL),
    _row("concurrent.interpreters", "*", _EVAL),
    _row("concurrent.futures.interpreter", "*", _EVAL),
    _row("_interpreters", "*", _EVAL),
    _row("_xxsubinterpreters", "*", _EVAL),
    _row("_testcapi", "*", _EVAL),
    _row("_testinternalcapi", "*", _EVAL),
    _row("annotationlib", "*", _EVAL),
    _row("types", "FunctionType CodeType MethodType", _EVAL),
    _row("typing", "get_type_hints ForwardRef ForwardRef._evaluate evaluate_forward_ref _eval_type", _EVAL),
    _row("inspect", "get_annotations signature Signature.from_callable", _EVAL),
    _row("pydantic", "create_model TypeAdapter", _EVAL),
    _row("jinja2", "Template Environment", _EVAL),
    _row("mako.template", "Template", _EVAL),
    _row("pandas", "eval DataFrame.eval DataFrame.query", _EVAL),
    _row("numexpr", "evaluate", _EVAL),
    _row("numpy.testing", "measure rundocs", _EVAL),
    _row("sympy", "sympify lambdify parse_expr", _EVAL),
    _row("pickle", "*", _PICKLE),
    _row("dill", "*", _PICKLE),
    _row("cloudpickle", "*", _PICKLE),
    _row("marshal", "*", _PICKLE),
    _row("shelve", "*", _PICKLE),
    _row("joblib", "load", _PICKLE),
    _row("pandas", "read_pickle read_hdf HDFStore", _PICKLE),
    _row("numpy", "load lib.format.read_array", _PICKLE),
    _row("polars", "DataFrame.deserialize LazyFrame.deserialize Expr.deserialize", _PICKLE),
    _row("torch", "load", _PICKLE),
    _row("torch.jit", "load", _PICKLE),
    _row("yaml", "load load_all full_load full_load_all unsafe_load unsafe_load_all", _PICKLE),
    _row("yaml", "Loader FullLoader UnsafeLoader CLoader CFullLoader CUnsafeLoader", _PICKLE),
    _row("builtins", "__import__", _IMPORT),
    _row("importlib", "*", _IMPORT),
    _row("_frozen_importlib", "*", _IMPORT),
    _row("_frozen_importlib_external", "*", _IMPORT),
    _row("imp", "*", _IMPORT),
    _row("_imp", "*", _IMPORT),
    _row("pkgutil", "*", _IMPORT),
    _row("runpy", "*", _IMPORT),
    _row("zipimport", "*", _IMPORT),
    _row("site", "addsitedir addpackage", _IMPORT),
    _row("sys", "modules meta_path path_hooks path_importer_cache", _IMPORT),
    _row("logging.config", "*", _IMPORT),
    _row("unittest.mock", "*", _IMPORT),
    _row("kedro.utils", "load_obj", _IMPORT),
    _row("hydra.utils", "*", _IMPORT),
    _row("hydra._internal", "*", _IMPORT),
    # By name: a class made at run time, as a namedtuple, is ascribed to the module that asked for it.
    _row("kedro_matrix_ext._import_path", "import_object import_module", _IMPORT),
    _row("kedro_matrix_ext.injection.objects.instantiation", "instantiate build", _IMPORT),
    _row("kedro_matrix_ext.injection.decorators.inject_object", "inject_object", _IMPORT),
    _row("builtins", "getattr setattr delattr vars globals locals", _REACH),
    _row("operator", "attrgetter methodcaller call", _REACH),
    _row("string", "Formatter.get_field", _REACH),
    _row("inspect", "getattr_static currentframe stack trace getmembers getmembers_static", _REACH),
    _row("sys", "settrace setprofile _getframe remote_exec", _REACH),
    _row("gc", "*", _REACH),
    _row("builtins", "open", _DELETE),
    _row("io", "open open_code FileIO", _DELETE),
    _row("_pyio", "*", _DELETE),
    _row("codecs", "open", _DELETE),
    _row("fileinput", "*", _DELETE),
    _row("shutil", "*", _DELETE),
    _row("tempfile", "*", _DELETE),
    _row("pathlib", "Path.open Path.unlink Path.rmdir Path.rename Path.replace Path.touch", _DELETE),
    _row("pathlib", "Path.write_text Path.write_bytes Path.symlink_to Path.hardlink_to Path.chmod", _DELETE),
    _row("pathlib", "Path.copy Path.copy_into Path.move Path.move_into", _DELETE),
    _row(
        "fsspec.spec", "AbstractFileSystem.rm AbstractFileSystem.rm_file AbstractFileSystem.delete", _DELETE
    ),
    _row("fsspec.spec", "AbstractFileSystem.mv AbstractFileSystem.move AbstractFileSystem.rmdir", _DELETE),
    _row("fsspec.implementations.local", "LocalFileSystem.rm LocalFileSystem.rm_file", _DELETE),
    _row("fsspec.implementations.local", "LocalFileSystem.rmdir LocalFileSystem.mv", _DELETE),
    _row("ctypes", "*", _NATIVE),
    _row("_ctypes", "*", _NATIVE),
    _row("cffi", "*", _NATIVE),
    _row("mmap", "*", _NATIVE),
    _row("numpy.ctypeslib", "*", _NATIVE),
    _row("numpy.f2py", "*", _NATIVE),
    _row("setuptools", "*", _PROCESS),
    _row("distutils", "*", _PROCESS),
    _row("pip", "*", _PROCESS),
    _row("ensurepip", "*", _PROCESS),
    _row("venv", "*", _PROCESS),
)

_WHOLE = {row.module: row for row in REFUSALS if not row.names}
_NAMED = tuple(row for row in REFUSALS if row.names)
_NAMED_STANDARD = frozenset(row.module for row in _NAMED if row.module in sys.stdlib_module_names)
_PLATFORM = {"posix": "os", "nt": "os"}


def public_module(name: str) -> str:
    """Name the public module of the standard library behind a private one.

    Args:
        name: A module's name, as an object's ``__module__`` gives it.

    Returns:
        ``os`` for ``posix``, ``pickle`` for ``_pickle``; other names unchanged.

    Examples:
        >>> public_module("posix"), public_module("_operator"), public_module("sklearn._loss")
        ('os', 'operator', 'sklearn._loss')
    """
    if name in _PLATFORM:
        return _PLATFORM[name]
    stripped = name.lstrip("_")
    return stripped if name in sys.stdlib_module_names and stripped in sys.stdlib_module_names else name


def is_refused_module(name: str) -> Refused | None:
    """Find the row that refuses a whole module, or a parent of it.

    Args:
        name: A module's name.

    Returns:
        Why it is refused; None where no row names it.

    Examples:
        >>> is_refused_module("multiprocessing.pool").reason
        'starts a process'
    """
    parts = public_module(name).split(".")
    for length in range(len(parts), 0, -1):
        row = _WHOLE.get(".".join(parts[:length]))
        if row is not None:
            return Refused(row.module, row.reason)
    return None


def find_refusal(target: object) -> Refused | None:
    """Judge an object by what it is: itself, what it wraps or binds, its class and that class's bases.

    Args:
        target: What an import path resolved to, or what a call gave.

    Returns:
        Why it is refused; None where nothing in the table matches.

    Examples:
        >>> import os, functools
        >>> find_refusal(functools.partial(os.system, "ls"))
        Refused(name='os.system', reason='starts a process')
    """
    known = _known_objects()
    for face in _faces(target):
        refused = known[id(face)][1] if id(face) in known else _refuse_by_module(face)
        if refused is not None:
            return refused
    return None


def _refuse_by_module(face: object) -> Refused | None:
    if isinstance(face, ModuleType):
        refused = is_refused_module(face.__name__)
        if refused is None and public_module(face.__name__) in _NAMED_STANDARD:
            return Refused(public_module(face.__name__), _REACH)
        return refused
    module = getattr(face, "__module__", None)
    refused = is_refused_module(module) if isinstance(module, str) else None
    if refused is None:
        return None
    return Refused(
        f"{public_module(str(module))}.{getattr(face, '__qualname__', '')}".rstrip("."), refused.reason
    )


def _faces(target: object, depth: int = 0) -> Iterator[object]:
    """List what calling an object may come down to: partials, bound methods and wrappers are opened."""
    yield target
    if depth > 8:  # noqa: PLR2004  wrappers of wrappers end somewhere
        return
    for inner in _inner_objects(target):
        yield from _faces(inner, depth + 1)


def _inner_objects(target: object) -> Iterator[object]:
    if isinstance(target, partial):
        yield from (target.func, *target.args, *target.keywords.values())
    elif isinstance(target, MethodType):
        yield from (target.__func__, target.__self__)
    elif isinstance(target, type):
        yield from target.__mro__[1:-1]
    elif not isinstance(target, ModuleType):
        yield from _inner_of_instance(target)


def _inner_of_instance(target: object) -> Iterator[object]:
    if isinstance(target, (BuiltinFunctionType, MethodWrapperType)):
        if not isinstance(target.__self__, ModuleType):
            yield target.__self__
    elif callable(target):
        if type(target).__module__ != "builtins":  # the type of a function says nothing about it
            yield type(target)
        yield getattr_static(target, "__wrapped__", None)


def _known_objects() -> dict[int, tuple[object, Refused]]:
    """Index the named rows by identity, as far as their modules are imported."""
    loaded = tuple(row for row in _NAMED if row.module in sys.modules)
    if loaded != _INDEX.rows:
        _INDEX.rows = loaded
        _INDEX.objects = {id(found): (found, refused) for row in loaded for found, refused in _look_up(row)}
    return _INDEX.objects


def _look_up(row: Refusal) -> Iterator[tuple[object, Refused]]:
    for name in row.names:
        found: Any = sys.modules[row.module]
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is not None:
            yield found, Refused(f"{row.module}.{name}", row.reason)


class _Index:
    """The rows that were looked up last, and what they found."""

    def __init__(self) -> None:
        self.rows: tuple[Refusal, ...] = ()
        self.objects: dict[int, tuple[object, Refused]] = {}


_INDEX = _Index()

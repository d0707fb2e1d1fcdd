"""What a configuration may reach: judged by what a path resolves to, not by how it is written."""

from __future__ import annotations

import functools
import os
import pkgutil
import subprocess
import sys
from typing import Any

import pytest

from kedro_matrix_ext import instantiate
from kedro_matrix_ext.errors import InjectionError, RefusedTargetError
from kedro_matrix_ext.injection.targets.refusals import find_refusal

T = "declared_targets"

pytestmark = pytest.mark.usefixtures("targets")


@pytest.mark.parametrize(
    "path",
    [
        "os.system",
        "posix.system",
        "logging.os.system",
        f"{T}.os.system",
        f"{T}.logging.os.popen",
        f"{T}.LISTING",
        f"{T}.disguised",
        f"{T}.Runner",
        f"{T}.subprocess.run",
        "subprocess.Popen",
        "subprocess.check_output",
        "subprocess.Popen.communicate",
        "asyncio.create_subprocess_shell",
        "multiprocessing.Process",
        "multiprocessing.Pool",
        "concurrent.futures.ProcessPoolExecutor",
        "pty.spawn",
        "builtins.eval",
        "builtins.exec",
        "builtins.compile",
        "builtins.__import__",
        "builtins.open",
        "io.open",
        "builtins.getattr",
        "importlib.import_module",
        "runpy.run_path",
        "code.interact",
        "timeit.timeit",
        "pickle.loads",
        "_pickle.loads",
        "pickle.Unpickler",
        "marshal.loads",
        "shelve.open",
        "cloudpickle.loads",
        "joblib.load",
        "pandas.read_pickle",
        "pandas.eval",
        "pandas.io.pickle.read_pickle",
        "numpy.load",
        "yaml.unsafe_load",
        "os.remove",
        "os.unlink",
        "os.rename",
        "shutil.rmtree",
        "shutil.move",
        "pathlib.Path.unlink",
        "pathlib.PosixPath.rmdir",
        "pathlib.Path.write_text",
        "ctypes.CDLL",
        "ctypes.cdll.LoadLibrary",
        "operator.attrgetter",
        "operator.methodcaller",
        "types.FunctionType",
        "string.Formatter.get_field",
        "sys.modules",
        "sys.modules.get",
        "os",
        "sys",
        "builtins",
        "logging.os",
        "logging.config.dictConfig",
        "os.system.__call__",
        "os.__dict__",
        "os.__dict__.get",
        "builtins.object.__subclasses__",
        f"{T}.area.__globals__",
        f"{T}.area.__code__",
        "json.__main__",
        "jinja2.Template",
        "pydantic.create_model",
        "kedro_matrix_ext.instantiate",
        "kedro_matrix_ext.inject_object",
        "kedro_matrix_ext.injection.targets.resolution.resolve_target.__globals__",
        "kedro.framework.cli.utils.call",
        "IPython.embed",
        "numpy.lib.format.read_array",
        "kedro_matrix_ext._import_path.import_object",
    ],
)
@pytest.mark.parametrize("directive", [None, False])
def test_dangerous_targets_are_refused_under_any_alias(path: str, directive: Any) -> None:
    """Called or only passed, by name, re-export, wrapper, bound method or base class."""
    with pytest.raises(RefusedTargetError, match="configuration must not reach it") as caught:
        instantiate({"object": path, **({} if directive is None else {"instantiate": directive})})
    assert caught.value.target == path


@pytest.mark.parametrize(
    "path",
    [
        "_imp.create_dynamic",
        "_interpreters.run_string",
        "_pyio.open",
        "_pyrepl.pager.pipe_pager",
        "_testcapi.run_in_subinterp",
        "_xxsubinterpreters.run_string",
        "annotationlib.ForwardRef.evaluate",
        "concurrent.futures.InterpreterPoolExecutor",
        "concurrent.interpreters.create",
        "pathlib.Path.copy",
        "pathlib.Path.move_into",
        "sys.remote_exec",
        "test.support.script_helper.spawn_python",
        "typing.ForwardRef._evaluate",
        "typing.ForwardRef.evaluate",
        "typing.evaluate_forward_ref",
    ],
)
def test_what_some_pythons_have_is_refused_where_it_is(path: str) -> None:
    """Other interpreters, evaluated references, the standard library's own twins of what is refused."""
    try:
        pkgutil.resolve_name(path)
    except (ImportError, AttributeError):
        pytest.skip(f"this Python has no {path}")
    with pytest.raises(RefusedTargetError):
        instantiate({"object": path, "instantiate": False})


@pytest.mark.parametrize(
    "config",
    [
        {"object": "functools.partial", "args": [{"object": "os.system", "instantiate": False}, "ls"]},
        {"object": "builtins.map", "args": [{"object": "operator.attrgetter", "args": ["system"]}, []]},
        {"object": "functools.reduce", "args": [{"object": "builtins.getattr"}, ["system"], 0]},
        {"object": "builtins.map", "args": [{"object": "builtins.vars"}, [{"object": "logging"}]]},
        {"object": "operator.getitem", "args": [{"object": f"{T}.HOLDER"}, "run"]},
        {
            "object": "builtins.next",
            "args": [{"object": "builtins.iter", "args": [{"object": f"{T}.FUNCTIONS"}]}],
        },
        {"object": "operator.getitem", "args": [{"object": f"{T}.HOLDER"}, "module"]},
        {"object": "builtins.filter", "args": [{"object": "logging.os.system"}, ["ls"]]},
    ],
)
def test_chains_that_end_in_a_dangerous_function_are_refused(config: Any) -> None:
    """What a call gives is judged like what a path resolves to."""
    with pytest.raises(RefusedTargetError):
        instantiate(config)


def test_bound_methods_of_refused_objects_are_refused() -> None:
    """A bound method, a slot of a function and nested partials come down to what they bind."""
    slot: Any = getattr(os.system, "__call__")  # noqa: B004, B009  the slot itself is what is tested
    for disguise in (slot, functools.partial(functools.partial, os.remove)):
        assert find_refusal(disguise) is not None
    assert find_refusal(subprocess.Popen.communicate) is not None
    assert find_refusal(instantiate) is not None
    assert find_refusal(len) is None


def test_a_program_is_not_imported() -> None:
    """A refused path is refused before it is imported, since importing it may already do harm."""
    assert "antigravity" not in sys.modules
    for path in ("webbrowser.open", "idlelib.__main__.x"):
        sys.modules.pop(path.split(".", maxsplit=1)[0], None)
        with pytest.raises(RefusedTargetError):
            instantiate({"object": path})
        assert path.split(".", maxsplit=1)[0] not in sys.modules


@pytest.mark.parametrize(
    "path",
    [
        "decimal.Decimal",
        f"{T}.area",
        f"{T}.Scaler",
        "numpy",
        "numpy.__version__",
        "os.path.join",
        "os.sep",
        "functools.partial",
        "operator.itemgetter",
        "pathlib.Path",
        "sklearn.linear_model.LinearRegression",
        "sklearn.ensemble.RandomForestRegressor",
        "json.loads",
        "yaml.safe_load",
        "random.Random",
        "logging.getLogger",
    ],
)
def test_ordinary_targets_are_let_through(path: str) -> None:
    """The table does not refuse estimators, functions and constants."""
    assert instantiate({"object": path, "instantiate": False}) is not None


def test_only_an_exact_name_lifts_a_refusal() -> None:
    """A prefix is not enough; the name as written or the name in the table is."""
    block = {"object": "os.getpid", "instantiate": True}
    assert instantiate(block, allow=["os.getpid"]) == os.getpid()
    system = {"object": "os.system", "instantiate": False}
    assert instantiate(system, allow=["os.system"]) is os.system
    for allow in (["os.*"], ["o.*"], ["os.systems"], [f"{T}.*"], []):
        with pytest.raises(RefusedTargetError):
            instantiate(system, allow=allow)
    alias = {"object": "logging.os.system", "instantiate": False}
    assert instantiate(alias, allow=["logging.os.system"]) is os.system
    assert instantiate(alias, allow=["os.system"]) is os.system
    with pytest.raises(RefusedTargetError):
        instantiate(alias, allow=["logging.*", "os.*"])


def test_a_whole_module_is_lifted_name_by_name() -> None:
    """`allow=["subprocess"]` lifts nothing; `allow=["subprocess.PIPE"]` lifts that name."""
    block = {"object": "subprocess.PIPE"}
    assert instantiate(block, allow=["subprocess.PIPE"]) == subprocess.PIPE
    with pytest.raises(RefusedTargetError):
        instantiate(block, allow=["subprocess.*"])


def test_the_name_in_the_table_lifts_an_alias() -> None:
    """An alias is the same thing, where its own module is allowed, too."""
    block = {"object": f"{T}.subprocess.getoutput", "instantiate": False}
    assert instantiate(block, allow=["subprocess.getoutput"]) is subprocess.getoutput
    with pytest.raises(RefusedTargetError):
        instantiate(block, allow=[f"{T}.*", "subprocess.*"])


def test_a_class_made_at_run_time_is_let_through() -> None:
    """Python ascribes it to the module that calls, which here is ours."""
    point = instantiate({"object": "collections.namedtuple", "args": ["Point", ["x", "y"]]})
    assert point(1, 2).y == 2


def test_no_estimator_is_refused() -> None:
    """The table distinguishes scikit-learn's estimators from functions that do harm."""
    from sklearn.utils import all_estimators

    assert [name for name, estimator in all_estimators() if find_refusal(estimator)] == []


def test_a_module_that_is_not_allowed_is_not_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """The written path is judged first."""
    (tmp_path / "noisy_module.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RefusedTargetError):
        instantiate({"object": "noisy_module.x"}, allow=["decimal.*"])


def test_a_refusal_is_an_injection_error_with_its_remedy() -> None:
    """The message says what the target does, and how the code may allow it."""
    with pytest.raises(InjectionError) as caught:
        instantiate({"model": {"object": "logging.os.system"}}, config_path="parameters")
    assert str(caught.value).splitlines() == [
        "'logging.os.system' is 'os.system', which starts a process; configuration must not reach it",
        "  at parameters: model.object",
        "  If you want it, allow it in code by its exact name: allow=['os.system', ...].",
    ]

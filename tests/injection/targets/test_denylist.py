"""The rows of the deny-list: each refuses what it names, as far as this environment has it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from kedro_matrix_ext import instantiate
from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext.errors import ImportPathError, RefusedTargetError
from kedro_matrix_ext.injection.targets.denylist.rows import whole_modules
from kedro_matrix_ext.injection.targets.refusals import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.injection.targets.denylist.rows import Row

NAMED = [row for row in ROWS if row.names]
STANDARD = [row for row in NAMED if row.module.split(".")[0] in sys.stdlib_module_names]


def refused(path: str, allow: list[str] | None = None) -> bool:
    """Return whether a target is refused, without calling it."""
    try:
        instantiate({"object": path, "instantiate": False}, allow=allow)
    except RefusedTargetError:
        return True
    return False


def existing_paths(row: Row) -> Iterator[str]:
    """List the import paths that a row names and that exist here, stars expanded."""
    for name in row.names:
        path = f"{row.module}.{name}"
        if any(path.startswith(f"{whole}.") for whole in whole_modules(row)):
            continue  # never imported: some start programs
        with suppress(ImportPathError):
            holder, _, last = path.rpartition(".")
            names = [last]
            if last.endswith("*"):
                names = [found for found in dir(import_object(holder)) if found.startswith(last[:-1])]
            for found in names:
                if not found.startswith("__"):
                    import_object(f"{holder}.{found}")
                    yield f"{holder}.{found}"


def row_id(row: Row) -> str:
    """Name a row in the output of pytest."""
    return f"{row.module}:{(row.names or '*')[0]}"


@pytest.mark.parametrize("row", NAMED, ids=row_id)
def test_every_name_of_a_row_is_refused_by_its_path(row: Row) -> None:
    """Functions, classes, class methods, static methods, and what a module makes at the first look-up."""
    try:
        importlib.import_module(row.module)
    except ImportError:
        pytest.skip(f"{row.module} is not installed")
    assert [path for path in existing_paths(row) if not refused(path)] == []


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_whole_modules_are_refused_before_they_are_imported(row: Row) -> None:
    """Importing some of them starts a program."""
    for module in whole_modules(row):
        assert refused(f"{module}.missing")
        assert refused(f"{module}.inner.missing")


@pytest.mark.parametrize("row", STANDARD, ids=row_id)
def test_every_row_of_the_standard_library_names_something(row: Row) -> None:
    """A row that names nothing would refuse nothing: each has at least one name that exists here."""
    assert any(hasattr(importlib.import_module(row.module), name.split(".")[0]) for name in row.names)


@pytest.mark.parametrize(
    "path",
    [
        "polars.DataFrame.deserialize",
        "polars.LazyFrame.deserialize",
        "polars.Expr.deserialize",
        "polars.dataframe.frame.DataFrame.deserialize",
        "omegaconf.omegaconf.OmegaConf.save",
        "omegaconf.OmegaConf.clear_resolvers",
        "inspect.Signature.from_callable",
        "concurrent.futures.ThreadPoolExecutor",
        "concurrent.futures.thread.ThreadPoolExecutor",
    ],
)
def test_a_name_that_is_another_object_at_each_look_up_is_refused(path: str) -> None:
    """A bound class method is made each time; a module may make a class when it is first asked for."""
    assert refused(path)


def test_the_answer_does_not_depend_on_what_was_built_before() -> None:
    """A module that is imported may make a class later, when it is first asked for it."""
    code = """if True:
        import concurrent.futures, pydantic
        from kedro_matrix_ext import instantiate
        from kedro_matrix_ext.errors import RefusedTargetError

        instantiate({"object": "math.pow", "args": [1, 2]})
        for path in (
            "concurrent.futures.ThreadPoolExecutor",
            "concurrent.futures.thread.ThreadPoolExecutor",
            "concurrent.futures.ProcessPoolExecutor",
            "pydantic.type_adapter.TypeAdapter",
            "pydantic.main.create_model",
            "pydantic.validate_call_decorator.validate_call",
        ):
            for allow in (None, [f"{path.rpartition('.')[0]}.*"]):
                try:
                    instantiate({"object": path, "instantiate": False}, allow=allow)
                except RefusedTargetError:
                    continue
                print(path, allow)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""


@pytest.mark.parametrize(
    "path",
    [
        "builtins.type",
        "abc.ABCMeta",
        "enum.EnumMeta",
        "typing.NamedTupleMeta",
        "dataclasses.dataclass",
        "pydantic.dataclasses.dataclass",
        "attrs.frozen",
        "pandas.io.formats.style.Styler.from_custom_template",
    ],
)
def test_what_makes_classes_or_templates_from_text_is_refused(path: str) -> None:
    """Libraries evaluate the annotations and field names of a class, which parameters would give as text."""
    assert refused(path)


@pytest.mark.parametrize(
    "path",
    [
        "sys.call_tracing",
        "curses.wrapper",
        "sched.scheduler.enter",
        "concurrent.futures.ThreadPoolExecutor.shutdown",
        "asyncio.Runner.close",
    ],
)
def test_a_method_of_a_dispatcher_is_one_and_is_not_allowed(path: str) -> None:
    """Not even by its exact name, also where no row names the method."""
    try:
        import_object(path)
    except ImportPathError:
        pytest.skip(f"this Python has no {path}")
    assert refused(path, allow=[path])


@pytest.mark.parametrize(
    "path",
    [
        "builtins.str.format",
        "builtins.str.format_map",
        "string.digits.format",
        "string.Formatter.format",
        "string.Formatter.vformat",
        "logging.FileHandler.emit",
        "signal.setitimer",
        "signal.alarm",
        "os.setresuid",
        "os.initgroups",
        "os.closerange",
        "urllib.request.install_opener",
        "atexit.unregister",
        "kedro.config.OmegaConfigLoader",
        "kedro.config.OmegaConfigLoader.get",
        "kedro_matrix_ext.LayeredConfigLoader",
        "kedro_matrix_ext.config.LayeredConfigLoader",
        "kedro_matrix_ext.resolvers.offer_resolvers",
    ],
)
def test_state_credentials_and_format_texts_are_out_of_reach(path: str) -> None:
    """`'{0.__globals__}'` is an attribute by text; a configuration loader returns credentials."""
    assert refused(path)

"""Hints: real where Kedro may validate by them, empty classes of data libraries, else the module runs."""

from __future__ import annotations

import logging
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node, Pipeline
from kedro.validation.type_extractor import TypeExtractor

from kedro_matrix_ext import defer_node_imports
from kedro_matrix_ext.deferred_imports.stand_ins.hints import DATA_LIBRARIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.deferred_imports.conftest import Package

PLAIN = [
    ("", "int"),
    ("", "dict[str, list[int]] | None"),
    ("", "'int'"),
    ("", "'dict[str, \"int\"]'"),
    ("from typing import Any", "Any"),
    ("import typing as t", "t.Optional[t.List['int']]"),
    ("from typing import Literal", "Literal['int', 1, None, -1]"),
    ("from typing import Annotated", "Annotated['int', 'metadata', 3]"),
    ("from collections.abc import Callable", "Callable[[int, str], None]"),
    ("from collections.abc import Callable", "Callable[..., int]"),
    ("import datetime as dt", "dt.date"),
    ("from pathlib import Path", "Path | str"),
    ("import collections.abc", "collections.abc.Mapping[str, float]"),
    ("from decimal import Decimal\nMoney = Decimal\nPrices = dict[str, 'Money']", "Prices"),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pathlib import Path", "'Path'"),
    ("from kedro.io import DataCatalog", "DataCatalog"),
    ("from pydantic import PositiveInt", "PositiveInt"),
    ("", "tuple[int, ...]"),
    ("", "tuple[()]"),
]


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
@pytest.mark.parametrize(("imports", "hint"), PLAIN)
def test_plain_types_are_the_real_ones(
    package: Package, make_both: Callable[[str], tuple[Any, Any]], imports: str, hint: str, future: str
) -> None:
    """Built-in, `typing`, standard library; as text, in aliases, under ``TYPE_CHECKING``."""
    text = f"{future}{imports}\n\ndef f(a, b: {hint}, *, c: {hint} = None) -> {hint}: return a\n"
    deferred, plain = make_both(text)
    f = deferred.f
    hints = typing.get_type_hints(f, include_extras=True)
    assert not package.has_run()
    names = {"Path": Path}  # the module has no such name where it is only imported for type checkers
    assert hints == typing.get_type_hints(plain.f, {**vars(plain), **names}, include_extras=True)


@pytest.mark.parametrize(
    ("imports", "hint", "name"),
    [
        ("import pandas as pd", "pd.DataFrame", "pandas.DataFrame"),
        ("from pyspark.sql import DataFrame as Frame", "Frame", "pyspark.sql.DataFrame"),
        ("import numpy.typing as npt", "npt.ArrayLike", "numpy.typing.ArrayLike"),
        ("import torch.nn", "torch.nn.Module", "torch.nn.Module"),
        ("import geoviews", "geoviews.Points", "geoviews.Points"),
        (
            "from sklearn.base import BaseEstimator\nModel = BaseEstimator",
            "Model",
            "sklearn.base.BaseEstimator",
        ),
    ],
)
def test_types_of_data_libraries_are_empty_classes(
    package: Package, imports: str, hint: str, name: str
) -> None:
    """None of the libraries is imported, nor need be installed."""
    defer_node_imports("shop.**.steps", libraries=["geoviews"])
    package.write(
        "steps", f"{imports}\n\ndef f(a: {hint}, b: {hint} | None, c: list[{hint}]) -> {hint}: return a\n"
    )
    f = package.load("steps").f
    hints = typing.get_type_hints(f)
    assert not package.has_run("steps")
    shown = hints["a"]
    assert isinstance(shown, type)
    assert f"{shown.__module__}.{shown.__qualname__}" == name
    assert hints == {"a": shown, "b": shown | None, "c": list[shown], "return": shown}  # type: ignore[valid-type]


def test_generic_types_of_data_libraries_take_arguments(package: Package) -> None:
    """As ``NDArray[float64]``."""
    package.write(
        "nodes",
        "import numpy as np\nfrom numpy.typing import NDArray\ndef f(a: NDArray[np.float64]): return a\n",
    )
    hint = typing.get_type_hints(package.load("nodes").f)["a"]
    assert not package.has_run()
    assert typing.get_origin(hint).__name__ == "NDArray"


def test_the_table_of_libraries_is_sorted_and_of_roots() -> None:
    """Submodules belong to their library."""
    assert all(library.isidentifier() for library in DATA_LIBRARIES)


@pytest.mark.parametrize(
    ("imports", "hint"),
    [
        ("class Options: pass", "Options"),
        ("class Options: pass", "'list[Options]'"),
        ("class Options: pass", "dict[str, Options | None]"),
        ("from .models import Options", "Options"),
        ("from . import models", "models.Options"),
        ("import collections\nOptions = collections.namedtuple('Options', 'a')", "Options"),
        ("from typing import TypeVar\nT = TypeVar('T')", "T"),
        ("try:\n    from .models import Options\nexcept ImportError:\n    Options = None", "Options"),
        ("from .models import *", "Options"),
    ],
)
def test_any_other_hint_runs_the_module(package: Package, imports: str, hint: str) -> None:
    """So the hint is the real one."""
    package.write("models", "class Options: pass\n")
    text = f"{imports}\n\ndef f(a: {hint}): return a\n"
    package.write("nodes", text)
    f = package.load("nodes").f
    assert package.has_run()
    assert typing.get_type_hints(f, vars(package.load("nodes")))["a"] is not None


def test_a_name_that_no_one_defines_is_the_error_of_the_module(package: Package) -> None:
    """At the import, as ever."""
    package.write("nodes", "def f(a: Absent): return a\n")
    with pytest.raises(NameError, match="Absent"):
        package.run("from .nodes import f")


MODELS = """
    import dataclasses

    import pydantic


    class Model(pydantic.BaseModel):
        depth: int


    @dataclasses.dataclass
    class Options:
        depth: int
    """


@pytest.mark.parametrize("model", ["Model", "Options"])
@pytest.mark.parametrize("hint", ["models.{}", "models.{} | None", "'models.{}'"])
def test_kedro_finds_the_models_that_validate_parameters(package: Package, model: str, hint: str) -> None:
    """Pydantic models and dataclasses run the module and are what Kedro validates with."""
    package.write("models", MODELS)
    package.write(
        "nodes", f"from . import models\n\ndef f(table, options: {hint.format(model)}): return table\n"
    )
    node = Node(package.load("nodes").f, ["cars", "params:options"], "model", name="f")
    found = TypeExtractor({"__default__": Pipeline([node])}).extract_types_from_pipelines()
    hinted = typing.get_type_hints(node.func)["options"]
    assert getattr(package.load("models"), model) in (hinted, *typing.get_args(hinted))
    assert found == {"options": hinted} or "None" in hint


def test_kedro_reads_the_hints_of_all_nodes_without_a_warning(
    package: Package, caplog: pytest.LogCaptureFixture
) -> None:
    """Of nodes without parameters too; one that cannot be read would hide the others."""
    package.write(
        "nodes",
        """
        from __future__ import annotations
        import pandas as pd
        def f(table: pd.DataFrame, n: int) -> pd.Series: ...
        """,
    )
    node = Node(package.load("nodes").f, ["cars", "params:n"], "model", name="f")
    with caplog.at_level(logging.WARNING):
        assert TypeExtractor({"__default__": Pipeline([node])}).extract_types_from_pipelines() == {}
    assert caplog.records == []
    assert not package.has_run()

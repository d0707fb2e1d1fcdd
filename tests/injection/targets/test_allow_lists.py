"""Allow-lists: exact import paths, packages with a star, and bare packages as older versions read them."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import instantiate
from kedro_matrix_ext.errors import InjectionError, RefusedTargetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOP = {
    "__init__": "from shop_pkg._impl import Hidden, make\nimport numpy as np\n",
    "_impl": "class Hidden:\n    pass\n\n\ndef make():\n    return 1\n",
    "models": (
        "import collections, functools, os\nimport numpy as np\nfrom decimal import Decimal\n"
        "from sklearn.linear_model import Ridge\n\n\n"
        "class Model:\n    RATE = 3\n    def __init__(self, depth=1):\n        self.depth = depth\n"
        "    @classmethod\n    def deep(cls):\n        return cls(9)\n    dump = Decimal.sqrt\n\n\n"
        "class Config(dict):\n    pass\n\n\n"
        "class Child(Ridge):\n    pass\n\n\n"
        "TABLE = np.zeros(2)\nFITTED = Ridge()\nADD = functools.partial(np.add, 1)\n"
        "NAMES = ['a']\nENV = os.environ\n"
    ),
    "testing": "def fake():\n    return 1\n",
    "tests/__init__": "",
    "tests/things": "def fake():\n    return 1\n",
    "vendor": "def old():\n    return 1\n",
    "test_things": "def fake():\n    return 1\n",
    "conftest": "def fake():\n    return 1\n",
}


@pytest.fixture(autouse=True)
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, text in SHOP.items():
        file = tmp_path / "shop_pkg" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop_pkg"]:
        del sys.modules[name]


def attempt(path: str, allow: list[str], **block: Any) -> Any:
    """Hand a target over under a list."""
    return instantiate({"object": path, "instantiate": False, **block}, allow=allow)


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("shop_pkg.models.Model", "shop_pkg.models.*"),
        ("shop_pkg.models.Model", "shop_pkg.*"),
        ("shop_pkg.models.Model.deep", "shop_pkg.models.*"),
        ("shop_pkg.models.Model.RATE", "shop_pkg.models.*"),
        ("shop_pkg.models.Child", "shop_pkg.models.*"),
        ("shop_pkg.models.TABLE", "shop_pkg.models.TABLE"),
        ("shop_pkg.Hidden", "shop_pkg.*"),
        ("shop_pkg.make", "shop_pkg.*"),
        ("sklearn.linear_model._ridge.Ridge", "sklearn.linear_model.Ridge"),
        ("sklearn.linear_model.Ridge", "sklearn.linear_model.*"),
        ("sklearn.linear_model.Ridge", "sklearn.*"),
        ("decimal.Decimal", "decimal.*"),
        ("shop_pkg._impl.make", "shop_pkg._impl.make"),
        ("shop_pkg.models.Config.fromkeys", "shop_pkg.models.Config.fromkeys"),
        ("os.getpid", "os.getpid"),
        ("math.pi", "math.*"),
    ],
)
def test_what_an_entry_covers(path: str, allow: str) -> None:
    """Exact names, other paths to the same object, and public names that a package defines."""
    attempt(path, [allow])


def test_a_path_that_is_not_on_the_list_imports_nothing(tmp_path: Path) -> None:
    """However it ends; once its module is imported, it is another path to an object on the list."""
    (tmp_path / "effects.py").write_text("raise SystemExit('imported')\n")
    allow = ["sklearn.linear_model.Ridge"]
    for path in ("effects.Ridge", "effects.linear_model.Ridge", "shop_pkg.models.Ridge"):
        with pytest.raises(RefusedTargetError):
            attempt(path, allow)
        assert path.partition(".")[0] not in sys.modules
    importlib.import_module("shop_pkg.models")
    assert attempt("shop_pkg.models.Ridge", allow) is not None


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("shop_pkg.models.np.mean", "shop_pkg.models.*"),
        ("shop_pkg.models.Ridge", "shop_pkg.models.*"),
        ("shop_pkg.models.Decimal", "shop_pkg.*"),
        ("shop_pkg.np", "shop_pkg.*"),
        ("shop_pkg.models.TABLE.tofile", "shop_pkg.models.*"),
        ("shop_pkg.models.TABLE.sum", "shop_pkg.models.*"),
        ("shop_pkg.models.FITTED.fit", "shop_pkg.models.*"),
        ("shop_pkg.models.NAMES.append", "shop_pkg.models.*"),
        ("shop_pkg.models.Config.fromkeys", "shop_pkg.models.*"),
        ("shop_pkg.models.Child.fit", "shop_pkg.models.*"),
        ("shop_pkg.models.Model.dump", "shop_pkg.models.*"),
        ("shop_pkg.models.ADD", "shop_pkg.models.*"),
        ("shop_pkg.models.os.getpid", "shop_pkg.models.*"),
        ("shop_pkg.models.os.sep", "shop_pkg.models.*"),
        ("shop_pkg.models.ENV", "shop_pkg.other.*"),
        ("shop_pkg._impl.make", "shop_pkg.*"),
        ("shop_pkg.testing.fake", "shop_pkg.*"),
        ("shop_pkg.tests.things.fake", "shop_pkg.*"),
        ("shop_pkg.vendor.old", "shop_pkg.*"),
        ("shop_pkg.test_things.fake", "shop_pkg.*"),
        ("shop_pkg.conftest.fake", "shop_pkg.*"),
        ("shop_pkg.models.Model.__init__", "shop_pkg.*"),
        ("sklearn.datasets.clear_data_home", "sklearn.*"),
        ("sklearn.datasets.clear_data_home", "sklearn"),
        ("sklearn.utils._testing.assert_run_python_script_without_output", "sklearn.*"),
        ("sklearn.utils._testing.assert_run_python_script_without_output", "sklearn"),
        ("numpy.testing.runstring", "numpy.*"),
        ("shop_pkgs.models.Model", "shop_pkg.*"),
        ("shop_pkg.models.Model", "shop_pkg.model.*"),
        ("os.system", "os.*"),
        ("builtins.eval", "builtins.*"),
        ("pickle.loads", "pickle.*"),
        ("decimal.Decimal.from_float", "decimal.Decimal"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*holds the package:DeprecationWarning")
def test_what_an_entry_does_not_cover(path: str, allow: str) -> None:
    """Imported, private, testing and vendored names, methods of foreign classes, and the deny-list."""
    with pytest.raises(RefusedTargetError):
        attempt(path, [allow])


@pytest.mark.parametrize("entry", ["*", "shop.*.models", "shop.mod*", "shop-pkg.*", ".*", "shop._x.*", "a b"])
def test_an_entry_that_is_neither_path_nor_star_is_an_error(entry: str) -> None:
    """It would allow nothing, or something that nobody meant."""
    with pytest.raises(InjectionError, match="allow= holds"):
        attempt("decimal.Decimal", [entry])


def test_the_error_proposes_an_entry_that_fits() -> None:
    """The path as written, and the narrowest star that covers it."""
    with pytest.raises(RefusedTargetError) as caught:
        attempt("shop_pkg.models.Model", ["shop_pkg.models.Other"])
    assert "add 'shop_pkg.models.Model'" in str(caught.value)
    with pytest.raises(RefusedTargetError) as caught:
        attempt("shop_pkg.models.Ridge", ["shop_pkg.models.*"])
    assert "'sklearn.linear_model._ridge'" in str(caught.value)


def test_a_bare_package_is_a_prefix_and_warns() -> None:
    """It means what it meant; the warning shows the star form."""
    with pytest.warns(DeprecationWarning, match=r"'decimal\.\*'"):
        assert attempt("decimal.Decimal", ["decimal"]) is not None
    with pytest.warns(DeprecationWarning, match="shop_pkg"), pytest.raises(RefusedTargetError):
        attempt("shop_pkg.models.os.system", ["shop_pkg", "os"])


def test_both_lists_must_hold_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment narrows what code allows, and never lifts a refusal."""
    monkeypatch.setenv("KEDRO_MATRIX_INJECT_ALLOWLIST", "decimal.*, sklearn.linear_model.Ridge, os.kill")
    assert instantiate({"object": "decimal.Decimal"}) == 0
    assert instantiate({"object": "sklearn.linear_model.Ridge"}) is not None
    for path, allow in (
        ("fractions.Fraction", None),
        ("fractions.Fraction", ["fractions.Fraction"]),
        ("sklearn.linear_model.Lasso", None),
        ("decimal.Decimal", ["fractions.*"]),
        ("os.kill", None),
    ):
        with pytest.raises(RefusedTargetError):
            instantiate({"object": path, "instantiate": False}, allow=allow)
    monkeypatch.setenv("KEDRO_MATRIX_INJECT_ALLOWLIST", "")
    with pytest.raises(RefusedTargetError, match="allows nothing"):
        instantiate({"object": "decimal.Decimal"})


@pytest.mark.parametrize(
    "path",
    [
        "builtins.map",
        "functools.reduce",
        "operator.methodcaller",
        "operator.attrgetter",
        "builtins.getattr",
        "contextvars.Context.run",
        "types.FunctionType",
        "types.MethodType",
        "itertools.starmap",
        "builtins.filter",
        "functools.wraps",
        "threading.Thread",
        "weakref.finalize",
        "atexit.register",
        "builtins.setattr",
        "concurrent.futures.ThreadPoolExecutor.submit",
        "builtins.iter",
        "contextlib.ExitStack",
        "asyncio.run",
        "kedro_matrix_ext.instantiate",
        "kedro_matrix_ext.inject_object",
        "operator.call",
        "builtins.delattr",
        "kedro_matrix_ext.injection.objects.instantiation.build",
        "kedro_matrix_ext._import_path.import_object",
    ],
)
def test_a_dispatcher_is_not_allowed_by_its_exact_name(path: str) -> None:
    """It would call, or reach, whatever it is given."""
    if path == "operator.call" and sys.version_info < (3, 11):
        pytest.skip("not in this Python")
    with pytest.raises(RefusedTargetError, match="No list allows it"):
        attempt(path, [path])


@pytest.mark.parametrize("path", ["functools.partial", "operator.itemgetter", "types.SimpleNamespace"])
def test_what_only_holds_values_stays_allowed(path: str) -> None:
    """They are in use, and call nothing by themselves."""
    assert attempt(path, [path]) is not None


def test_the_tables_are_out_of_reach() -> None:
    """No import path leads to them, and none of them can be changed."""
    from kedro_matrix_ext.injection.targets import references, refusals

    for name in ("ROWS", "_INDEX", "_WHOLE", "_NAMED", "_INDEX.objects.clear", "find_refusal"):
        with pytest.raises(RefusedTargetError):
            instantiate(
                {"object": f"kedro_matrix_ext.injection.targets.refusals.{name}", "instantiate": False}
            )
    for module in (refusals, references):
        tables = {name: value for name, value in vars(module).items() if not name.startswith("__")}
        assert [name for name, value in tables.items() if isinstance(value, (dict, list, set))] == []

"""A module runs once, in whatever thread; what it raises is the user's, and the next call tries again."""

from __future__ import annotations

import logging
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node

from kedro_matrix_ext._requirements.declared import suggest_installation
from kedro_matrix_ext.errors import NodeImportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.deferred_imports.conftest import Package


def test_a_module_runs_once_also_in_many_threads(
    package: Package, capsys: pytest.CaptureFixture[str]
) -> None:
    """A thread that comes while it runs waits for it, for functions and other names alike."""
    package.write(
        "nodes",
        """
        import time
        print('runs')
        time.sleep(0.2)
        SIZE = 3
        def f(a): return a + SIZE
        def g(a): return f(a)
        """,
    )
    nodes = package.load("nodes")
    f, g = nodes.f, nodes.g
    start = threading.Barrier(12)

    def work(index: int) -> Any:
        start.wait()
        return [lambda: f(1), lambda: g(1), lambda: nodes.SIZE + 1, lambda: nodes.f(1)][index % 4]()

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(work, range(12))) == [4] * 12
    assert capsys.readouterr().out == "runs\n"


def test_modules_that_need_each_other_do_not_wait_for_ever(package: Package) -> None:
    """Two threads run one of two modules each, and each asks the other for a name."""
    package.write("events", "import threading\nBARRIER = threading.Barrier(2)\n")
    for own, other in (("a", "b"), ("b", "a")):
        package.write(
            f"{own}/nodes",
            f"""
            from shop.events import BARRIER
            SIZE = 1
            BARRIER.wait(60)
            from shop.{other}.nodes import SIZE as OTHER
            def f(): return SIZE + OTHER
            """,
        )
    first, second = package.load("a.nodes").f, package.load("b.nodes").f
    with ThreadPoolExecutor(2) as pool:
        assert [each.result(60) for each in (pool.submit(first), pool.submit(second))] == [2, 2]


def test_a_plain_module_between_two_deferred_ones_does_not_wait_for_ever(package: Package) -> None:
    """One thread holds the lock of a deferred module, the other that of a module it imports."""
    package.write("events", "import threading\nBARRIER = threading.Barrier(2)\n")
    package.write(
        "middle", "from shop.events import BARRIER\nBARRIER.wait(60)\nfrom shop.b.nodes import SIZE\n"
    )
    package.write("a/nodes", "from shop import middle\ndef f(): return middle.SIZE\n")
    package.write(
        "b/nodes",
        """
        SIZE = 1
        from shop.events import BARRIER
        BARRIER.wait(60)
        from shop import middle
        def f(): return SIZE
        """,
    )
    first, second = package.load("a.nodes").f, package.load("b.nodes").f
    with ThreadPoolExecutor(2) as pool:
        assert [each.result(60) for each in (pool.submit(first), pool.submit(second))] == [1, 1]


def test_an_exception_in_the_module_is_raised_at_the_call(
    package: Package, caplog: pytest.LogCaptureFixture
) -> None:
    """It keeps its type and text, and names node and module."""
    package.write("nodes", "import os\nLIMIT = int(os.environ['SHOP_LIMIT'])\ndef f(table): return LIMIT\n")
    node = Node(package.load("nodes").f, "cars", "model", name="train", namespace="price")
    with pytest.raises(KeyError, match="SHOP_LIMIT") as caught:
        node.run({"cars": 1})
    noted = "\n".join(getattr(caught.value, "__notes__", caplog.messages))
    assert "'price.train'" in noted
    assert "'shop.nodes'" in noted


def test_the_next_call_tries_again(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the module's source as it is by then; what failed leaves nothing behind."""
    package.write(
        "nodes",
        """
        import os
        from kedro_matrix_ext import inject_object

        def f(table): return LIMIT

        @inject_object()
        def g(table): return LIMIT

        PARTIAL = 1
        LIMIT = int(os.environ['SHOP_LIMIT'])
        """,
    )
    nodes = package.load("nodes")
    f, g = nodes.f, nodes.g
    for _ in range(2):
        for function in (f, g):
            with pytest.raises(KeyError, match="SHOP_LIMIT"):
                function(1)
        assert not package.has_run()
        assert pickle.loads(pickle.dumps(f)) is f
    monkeypatch.setenv("SHOP_LIMIT", "7")
    assert (f(1), g(1), nodes.f(1)) == (7, 7, 7)


def test_an_exception_is_not_taken_for_a_missing_name(package: Package) -> None:
    """An AttributeError in the module's code is shown as what it is."""
    package.write("nodes", "SIZE = 3\nclass Model: pass\nNone.absent\n")
    nodes = package.load("nodes")
    for ask in (lambda: hasattr(nodes, "SIZE"), lambda: package.run("from .nodes import SIZE")):
        with pytest.raises(NodeImportError, match=r"(?s)AttributeError.*absent.*nodes\.py:3") as caught:
            ask()
        assert isinstance(caught.value.__cause__, AttributeError)


def test_a_missing_library_is_one_error(package: Package) -> None:
    """It names node, module and line, the library, and the dependency to add."""
    file = package.write("nodes", "import os\nimport sklearn_absent.base\n\ndef f(table): return table\n")
    node = Node(package.load("nodes").f, "cars", "model", name="train")
    with pytest.raises(NodeImportError) as caught:
        node.run({"cars": 1})
    error = caught.value
    assert error.name == "sklearn_absent"
    assert (error.file, error.line) == (str(file), 2)
    for word in ("'train'", "'sklearn_absent'", "shop.nodes", "'sklearn-absent'", "nodes.py:2"):
        assert word in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_missing_library_below_another_module_names_the_node(package: Package) -> None:
    """The import may be in what the module imports; the error is made once."""
    package.write("helper", "import absent_library\n")
    package.write("b/nodes", "from shop.helper import x\ndef g(): return 1\n")
    package.write("a/nodes", "from shop.b.nodes import g\nVALUE = g()\ndef f(): return VALUE\n")
    with pytest.raises(NodeImportError, match=r"(?s)'g'.*shop\.b\.nodes") as caught:
        package.load("a.nodes").f()
    assert str(caught.value).count("'absent_library'") == 1


def test_a_missing_module_of_the_project_is_an_import_error(package: Package) -> None:
    """No one should add the project itself to its dependencies."""
    package.write("nodes", "from shop.absent import x\ndef f(): return 1\n")
    with pytest.raises(ModuleNotFoundError, match=r"shop\.absent") as caught:
        package.load("nodes").f()
    assert not isinstance(caught.value, NodeImportError)


@pytest.mark.parametrize(
    ("pyproject", "expected"),
    [
        ('[project]\nname = "shop"\ndependencies = ["Scikit_Learn>=1.5"]', "Install the dependencies"),
        ('[project]\nname = "shop"\n[project.optional-dependencies]\nml = ["scikit-learn"]', "'shop[ml]'"),
        ('[dependency-groups]\nml = ["scikit-learn", {include-group = "dev"}]', "group 'ml'"),
        ('[project]\nname = "shop"', "Add 'scikit-learn'"),
        ("[project", "Add 'scikit-learn'"),
        (None, "Add 'scikit-learn'"),
    ],
)
def test_the_remedy_is_what_the_project_declares(
    tmp_path: Path, pyproject: str | None, expected: str
) -> None:
    """A dependency, an extra, a group, or something to add."""
    project = tmp_path if pyproject is not None else Path(tmp_path.anchor)  # which no project is above
    if pyproject is not None:
        (project / "pyproject.toml").write_text(pyproject)
    assert expected in suggest_installation("sklearn", project / "src" / "shop" / "nodes.py")


def test_a_function_that_the_module_removes_is_an_error_at_the_call(package: Package) -> None:
    """Read from the source, and not there in the end."""
    package.write("remover", "import sys\ndelattr(sys.modules['shop.nodes'], 'f')\n")
    package.write("nodes", "def f(): return 1\nfrom . import remover\n")
    package.write("early/nodes", "from .other import call\ndef f(): return 1\n")
    package.write("early/other", "from .nodes import f\n\n\ndef call(): ...\n\n\nf()\n")
    f = package.load("early.nodes").f
    with pytest.raises(ImportError):
        f()


def test_keyboard_interrupts_leave_the_module_deferred(package: Package) -> None:
    """Ctrl-C while a library is imported."""
    package.write(
        "nodes", "import os\nif 'SHOP_STOP' in os.environ: raise KeyboardInterrupt\ndef f(): return 1\n"
    )
    f = package.load("nodes").f
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_STOP", "1")
        with pytest.raises(KeyboardInterrupt):
            f()
    assert f() == 1


def test_a_module_may_import_itself_and_its_pipeline(package: Package) -> None:
    """Circular imports that work in plain Python work."""
    package.write("helper", "from shop import nodes\ndef call(): return nodes.f()\n")
    package.write(
        "nodes",
        """
        import shop.nodes as own
        from shop import helper
        def f(): return own.SIZE
        def g(): return helper.call()
        SIZE = 3
        """,
    )
    g = package.load("nodes").g
    assert g() == 3


def test_logging_and_warnings_name_the_module(package: Package, caplog: pytest.LogCaptureFixture) -> None:
    """The code runs in the module's own dictionary."""
    package.write(
        "nodes",
        """
        import logging
        logger = logging.getLogger(__name__)
        def f():
            logger.warning('at work')
            return __name__, __file__
        """,
    )
    nodes = package.load("nodes")
    assert nodes.f() == ("shop.nodes", nodes.__file__)
    assert [record.name for record in caplog.records if record.levelno == logging.WARNING] == ["shop.nodes"]


def test_annotations_dataclasses_and_nested_functions_of_the_module_work(
    make_both: Callable[[str], tuple[Any, Any]],
) -> None:
    """All kinds of statements run as they would."""
    deferred, plain = make_both(
        """
        from __future__ import annotations
        import dataclasses, enum, typing

        SIZE: int = 3
        TOTAL = sum(x for x in range(SIZE))
        SQUARES = {x: [y * SIZE for y in range(x)] for x in range(3)}
        del TOTAL


        @dataclasses.dataclass
        class Options:
            size: int = SIZE
            inner: typing.ClassVar[typing.Optional[Options]] = None


        class Kind(enum.Enum):
            A = SIZE


        class Row(typing.NamedTuple):
            x: int = SIZE


        def f(n):
            def inner():
                return [Options(n), Kind.A.value, Row(n), SQUARES]
            return [repr(each) for each in inner()], sorted(name for name in __annotations__)
        """
    )
    assert deferred.f(1) == plain.f(1)
    kept = {"__name__", "__file__", "__cached__", "__spec__", "__loader__", "__builtins__"}
    assert set(vars(deferred)) - kept == set(vars(plain)) - kept
    assert sys.modules["shop.nodes"] is deferred

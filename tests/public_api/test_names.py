"""The public interface is what one file says it is."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest
from tests.public_api.exported_objects import PUBLIC_MODULES, describe_module

import kedro_matrix_ext

EXPECTED = Path(__file__).parent / "expected.txt"
SOURCE = Path(kedro_matrix_ext.__file__).parent


def test_public_interface_is_pinned(request: pytest.FixtureRequest) -> None:
    """No name, argument or method is added or removed unseen; `--regenerate` rewrites the file."""
    described = "\n\n".join(map(describe_module, PUBLIC_MODULES)) + "\n"
    if request.config.getoption("--regenerate"):
        EXPECTED.write_text(described)
    assert described == EXPECTED.read_text(), "see docs/reference/deprecation-policy.md before you change it"


def test_every_module_says_what_it_exports() -> None:
    """Each module has an `__all__`, in order, whose names it defines or imports."""
    for file in SOURCE.rglob("*.py"):
        body = ast.parse(file.read_text()).body
        exported = [
            ast.literal_eval(statement.value)
            for statement in body
            if isinstance(statement, (ast.Assign, ast.AnnAssign))
            and statement.value is not None
            and "__all__" in ast.unparse(statement).partition("=")[0]
        ]
        assert len(exported) == 1, f"{file} has no __all__"
        assert len(set(exported[0])) == len(exported[0]), f"{file} exports a name twice"


@pytest.mark.parametrize("name", PUBLIC_MODULES)
def test_module_has_what_it_exports(name: str) -> None:
    """Every name in `__all__` can be had, and `dir()` of a lazy package lists no other."""
    module = importlib.import_module(name)
    assert [one for one in module.__all__ if not hasattr(module, one)] == []
    if hasattr(module, "_EXPORTS"):
        assert dir(module) == sorted(module.__all__)


def test_packages_that_are_not_private_are_public_or_the_commands() -> None:
    """A new package or module at the top is either named as public, or starts with an underscore."""
    here = {f"kedro_matrix_ext.{module.name}" for module in pkgutil.iter_modules([str(SOURCE)])}
    named = {name for name in here if not name.rpartition(".")[2].startswith("_")}
    assert named - {"kedro_matrix_ext.cli"} == set(PUBLIC_MODULES) - {"kedro_matrix_ext"}

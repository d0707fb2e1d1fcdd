from __future__ import annotations

import sys
import types

import pytest

from kedro_matrix_ext._import_path import import_object


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A package with a submodule that is imported, and an alias to a module that is not a submodule."""
    package, inner = types.ModuleType("km_package"), types.ModuleType("km_package.inner")
    package.__path__ = []
    package.inner = inner  # type: ignore[attr-defined]
    package.alias = types  # type: ignore[attr-defined]
    for module in (package, inner):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return package


def test_a_module_that_nobody_has_imported_yet_is_found(
    package: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path goes on below packages that are imported already; an alias to another module is an attribute."""
    leaf = types.ModuleType("km_package.inner.leaf")
    leaf.answer = 42  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, leaf.__name__, leaf)
    assert not hasattr(package.inner, "leaf")
    assert import_object("km_package.inner.leaf.answer") == 42
    assert import_object("km_package.alias.ModuleType") is types.ModuleType

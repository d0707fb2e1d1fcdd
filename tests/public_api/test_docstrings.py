"""Every public object's docstring gives its types, units and errors, and an example that runs."""

from __future__ import annotations

import ast
import doctest
import enum
import inspect
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.public_api.exported_objects import Export, find_home, list_exports, read_literal_docstrings

import kedro_matrix_ext

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPORTS = {f"{export.module}.{export.name}": export for export in list_exports()}
DOCUMENTED = {
    f"{one.value.__module__}.{one.value.__qualname__}": one
    for one in EXPORTS.values()
    if one.kind != "constant"
}
# Functions that raise no errors themselves for arguments of their types.
QUIET = {
    *("check_environments", "check_injected_objects", "check_transcoding", "check_variants"),
    *("default_resolvers", "offer_resolvers", "registered_resolvers", "run_id", "setting_resolver"),
    *("disable_variable", "unmatched_variables"),
    *("findings_as_dict", "has_errors", "render_findings"),
    *("add_engine_format", "check_plan", "create_fabricator_pipeline", "dump_manifest", "sum_pipelines"),
}
SOURCE = Path(kedro_matrix_ext.__file__).parent
UNITS = re.compile(
    r"\b(seconds?|MiB|GiB|bytes|cores?|GPUs?|rows?|how many|from 1|process id)\b", re.IGNORECASE
)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_docstring_is_complete(name: str) -> None:
    """A docstring names every argument, what is returned and raised, the unit of numbers, and shows a use."""
    assert list(_find_faults(DOCUMENTED[name])) == []


@pytest.mark.parametrize(
    "name", [name for name, one in EXPORTS.items() if one.kind == "constant" and one.name != "__version__"]
)
def test_constant_is_documented_below_it(name: str) -> None:
    """A constant has its docstring below it, where it is assigned."""
    export = EXPORTS[name]
    assert read_literal_docstrings(find_home(export)).get(export.name)


def test_docstrings_are_markdown() -> None:
    """The reference renders docstrings as Markdown; roles of other tools would be shown as they are."""
    found = {str(file): re.findall(r":\w+:`[^`]+`", file.read_text()) for file in SOURCE.rglob("*.py")}
    assert {file: roles for file, roles in found.items() if roles} == {}


def _find_faults(export: Export) -> Iterator[str]:
    text = inspect.cleandoc(export.value.__doc__ or "")
    sections = _read_sections(text)
    if not any(one.source for one in doctest.DocTestParser().get_examples(text)):
        yield "there is no example that runs"
    if export.kind == "function":
        yield from _find_faults_of_function(export, sections)
    elif not issubclass(export.value, enum.Enum):
        yield from _find_faults_of_class(export.value, sections)


def _find_faults_of_function(export: Export, sections: dict[str, str]) -> Iterator[str]:
    signature = inspect.signature(export.value)
    if signature.return_annotation is signature.empty:
        yield "what it returns has no type"
    elif signature.return_annotation != "None" and not {"Returns", "Yields"} & set(sections):
        yield "what it returns is not described"
    if "Raises" not in sections and (export.name not in QUIET or _raises(export.value)):
        yield "what it raises is not described"
    described = _read_entries(sections.get("Args", ""))
    yield from _find_faults_of_arguments(signature, described)


def _find_faults_of_class(cls: type, sections: dict[str, str]) -> Iterator[str]:
    described = _read_entries(f"{sections.get('Args', '')}\n{sections.get('Attributes', '')}")
    for base in cls.__mro__:
        if base.__module__.startswith("kedro_matrix_ext"):
            described = {**read_literal_docstrings(base.__module__, base.__name__), **described}
            inherited = _read_sections(inspect.cleandoc(base.__doc__ or ""))
            described = {**_read_entries(inherited.get("Attributes", "")), **described}
    if not issubclass(cls, Warning):
        yield from _find_faults_of_arguments(inspect.signature(cls), described)
    if "Raises" not in sections and any(_raises(vars(cls).get(n)) for n in ("__init__", "__post_init__")):
        yield "what it raises is not described"


def _find_faults_of_arguments(signature: inspect.Signature, described: dict[str, str]) -> Iterator[str]:
    for parameter in signature.parameters.values():
        text = described.get(parameter.name)
        if text is None:
            yield f"{parameter.name} is not described"
        if parameter.annotation is parameter.empty:
            yield f"{parameter.name} has no type"
        if re.search(r"\b(int|float)\b", str(parameter.annotation)) and not UNITS.search(text or ""):
            yield f"{parameter.name} is a number without a unit"


def _read_sections(text: str) -> dict[str, str]:
    parts = re.split(r"^(Args|Attributes|Returns|Yields|Raises|Examples|Warns):$", text, flags=re.MULTILINE)
    return {name: textwrap.dedent(body) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _read_entries(section: str) -> dict[str, str]:
    """Read ``name: text`` entries; further lines of an entry are indented."""
    joined = re.sub(r"\n +", " ", section)
    return dict(re.findall(r"^\*{0,2}(\w+):[ \n](.+)$", joined, flags=re.MULTILINE))


def _raises(function: Any) -> bool:
    if not inspect.isfunction(function) or function.__qualname__.startswith("__create_fn__"):
        return False
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except OSError:  # a constructor that dataclasses made
        return False
    return any(isinstance(node, ast.Raise) for node in ast.walk(ast.parse(source)))

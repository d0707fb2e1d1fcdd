"""Which libraries pods import, and what needs each: commands, hooks, nodes, injected objects, the catalog."""

from __future__ import annotations

import ast
import functools
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.preflight.source_imports import SourceImports, list_imports
from kedro_matrix_ext.catalog.lookup.storage_libraries import list_storage_needs
from kedro_matrix_ext.findings import Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kedro.pipeline.node import Node

    from kedro_matrix_ext.argo.preflight.context import CheckContext, Use

__all__ = ["Need", "list_pod_needs"]

_OWN = "kedro_matrix_ext"
# What code of this package imports late, by the module that is used.
_LATE = {
    "kedro_matrix_ext.hooks.mlflow": ("mlflow",),
    "kedro_matrix_ext.fabrication": ("numpy", "pandas"),
}
_TRACKING = frozenset({"MLflowHooks", "MLFlowHooks"})
# What pandas imports when one of these is read or written, unless 'engine' names something else.
_ENGINES = {
    "pandas.ParquetDataset": "pyarrow",
    "pandas.FeatherDataset": "pyarrow",
    "pandas.ExcelDataset": "openpyxl",
    "pandas.HDFDataset": "tables",
    "pandas.XMLDataset": "lxml",
}


@dataclass(frozen=True, kw_only=True)
class Need:
    """A library that a pod imports.

    Attributes:
        library: Its import name.
        why: What needs it, as the end of a sentence.
        location: Where that is.
        task: A task that needs it; none where all do.
        node: The node.
        dataset: The dataset.
    """

    library: str
    why: str
    location: Location = field(default_factory=Location)
    task: str | None = None
    node: str | None = None
    dataset: str | None = None


def list_pod_needs(context: CheckContext) -> Iterator[Need]:
    """List what tasks in the project's image import; tasks in images of their own are left out."""
    if context.files is None:
        return
    tasks = {task.name for task in context.plan.tasks if not _has_own_image(task, context)}
    yield Need(library=_OWN, why="each task runs 'kedro argo task', which is its command")
    yield Need(library="kedro", why="each task runs a pipeline of it")
    yield from _list_code_needs(context, tasks)
    yield from _list_catalog_needs(context, tasks)


def _has_own_image(task: Any, context: CheckContext) -> bool:
    own = {template.name for template in context.config.template.templates if template.container.image}
    return bool(task.image) or task.template in own


def _list_code_needs(context: CheckContext, tasks: set[str]) -> Iterator[Need]:
    """Follow settings, registry and hooks, then each node and what is injected into it."""
    from kedro.framework.project import PACKAGE_NAME, settings

    project = context.files.project  # type: ignore[union-attr]  # the caller checks it
    package: str | None = PACKAGE_NAME
    source = SourceImports(source=_find_source(project, package), project=project)
    for module in (f"{package}.settings", f"{package}.pipeline_registry") if package else ():
        source.follow(module)
    hooks: tuple[object, ...] = settings.HOOKS if package else ()
    for hook in hooks:
        name = type(hook).__name__
        if name in _TRACKING and context.tracking.get("required", True) is False:
            continue  # without MLflow, it warns and does nothing
        yield from _follow(source, type(hook).__module__, name, f"the hook {name!r} of settings.py")
    yield from _take_new(source, {}, "the project's settings and pipelines import it")
    for node in context.nodes:
        task = context.task_of[node.name]
        if task not in tasks:
            continue
        known = dict(source.libraries)
        for module, name in _list_functions(node, context):
            for need in _follow(source, module, name, f"node {node.name!r}"):
                yield _for_node(need, node, task)
        for need in _take_new(source, known, f"node {node.name!r} imports it"):
            yield _for_node(need, node, task)


def _for_node(need: Need, node: Node, task: str) -> Need:
    return Need(library=need.library, why=need.why, location=need.location, task=task, node=node.name)


def _find_source(project: Path, package: str | None) -> Path:
    """Return the folder of the project's packages."""
    found = sys.modules.get(package or "")
    paths = list(getattr(found, "__path__", ()))
    return Path(paths[0]).parent if paths else project / "src"


def _follow(source: SourceImports, module: str, name: str, user: str) -> Iterator[Need]:
    """Follow a function of the project; of another package's, its library is needed."""
    if source.holds(module):
        source.follow(module, name)
        return
    own = [needed for prefix, needed in _LATE.items() if module.startswith(prefix)]
    library = module.partition(".")[0]
    for each in own[0] if own else (library,):
        if each and each not in sys.stdlib_module_names and each not in {_OWN, "kedro", "__main__"}:
            yield Need(library=each, why=f"{user} uses it")


def _take_new(source: SourceImports, known: Mapping[str, Any], why: str) -> Iterator[Need]:
    for library, place in source.libraries.items():
        if library not in known:
            yield Need(library=library, why=why, location=Location(file=place.file, line=place.line))


def _list_functions(node: Node, context: CheckContext) -> Iterator[tuple[str, str]]:
    """Give module and name of a node's function and of the objects that its parameters declare."""
    from kedro_matrix_ext.argo.preflight.rules.parameters import list_declared_objects

    function: Any = node.func
    while isinstance(function, functools.partial):
        function = function.func
    yield getattr(function, "__module__", None) or "", getattr(function, "__qualname__", "").partition(".")[0]
    for path in list_declared_objects(node, context):
        module, _, name = path.rpartition(".")
        yield module, name


def _list_catalog_needs(context: CheckContext, tasks: set[str]) -> Iterator[Need]:
    """List the libraries of the types, protocols and databases of the datasets that tasks use."""
    seen: set[tuple[str, str]] = set()
    for use in (use for found in {**context.readers, **context.makers}.values() for use in found):
        if use.task not in tasks or context.view.entry(use.dataset) is None:
            continue
        for library, why in _list_dataset_needs(use, context):
            if (library, why) not in seen:
                seen.add((library, why))
                yield Need(
                    library=library,
                    why=f"dataset {use.dataset!r} {why}",
                    location=context.catalog_place(use.dataset),
                    task=use.task,
                    node=use.node,
                    dataset=use.dataset,
                )


def _list_dataset_needs(use: Use, context: CheckContext) -> Iterator[tuple[str, str]]:
    for found, entry in zip(
        context.view.classes(use.dataset), context.view.entries_inside(use.dataset), strict=False
    ):
        kind = entry.get("type") if isinstance(entry, dict) else entry if isinstance(entry, str) else None
        shown = kind if isinstance(kind, str) else f"{found.__module__}.{found.__name__}"
        for library in _list_class_libraries(found, shown):
            yield library, f"has the type {shown!r}"
        engine = _ENGINES.get(".".join(shown.split(".")[-2:]))
        if engine and not (isinstance(entry, dict) and _names_engine(entry)):
            yield engine, f"has the type {shown!r}"
        if isinstance(entry, dict) and entry.get("file_format") == "delta":
            yield "deltalake", "has the format 'delta'"
    for library, scheme in list_storage_needs(
        context.view.entry(use.dataset), context.view.classes(use.dataset)
    ):
        yield library, f"is stored at {scheme}"


def _names_engine(entry: Mapping[str, Any]) -> bool:
    given = (entry.get("load_args"), entry.get("save_args"))
    return any(isinstance(arguments, dict) and "engine" in arguments for arguments in given)


def _list_class_libraries(dataset: type, kind: str) -> Iterator[str]:
    """List the libraries that the modules of a class and of its bases import."""
    root = kind.partition(".")[0]
    if "." in kind and root not in {_OWN, "kedro"}:
        yield dataset.__module__.partition(".")[0]
    for base in dataset.__mro__:
        if base.__module__.partition(".")[0] not in {"kedro", "builtins", "abc", "typing"}:
            yield from _read_module(base.__module__)


@functools.cache
def _read_module(module: str) -> tuple[str, ...]:
    """Return the libraries that an imported module's source imports in any case."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or not file.endswith(".py"):
        return ()
    package = module.rpartition(".")[0]
    body = ast.parse(Path(file).read_bytes()).body
    libraries = dict.fromkeys(each.module.partition(".")[0] for each in list_imports(body, package))
    return tuple(each for each in libraries if each not in {"", "kedro", _OWN, *sys.stdlib_module_names})

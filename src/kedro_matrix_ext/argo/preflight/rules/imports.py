"""Node modules and dataset types that cannot be imported."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._requirements.declared import suggest_installation
from kedro_matrix_ext.argo.preflight.import_trial import try_imports
from kedro_matrix_ext.catalog.missing_libraries import find_library_of_type
from kedro_matrix_ext.deferred_imports.module import is_deferred
from kedro_matrix_ext.findings import Location, finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kedro.pipeline.node import Node

    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.argo.preflight.import_trial import ImportFailure
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_nodes_that_cannot_be_imported", "find_unknown_types"]


def find_nodes_that_cannot_be_imported(context: CheckContext) -> Iterator[Finding]:
    """Import the modules of all tasks' nodes that have not run yet, in a fresh process."""
    if context.files is None or not context.imports:
        return
    users: dict[str, dict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for node in context.nodes:
        module, name = _find_function(node.func)
        if is_deferred(module):
            users[module][name].append(node)
    if not users:
        return
    functions = {module: sorted(names) for module, names in sorted(users.items())}
    for failure in try_imports(context.files.project, functions):
        names = users[failure.module]
        chosen = [names[failure.function]] if failure.function else names.values()
        nodes = [node for each in chosen for node in each]
        yield _report(failure, nodes, context, context.files.project)


def _find_function(function: Any) -> tuple[str, str]:
    """Return the module and the qualified name of the function that a node calls."""
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__module__", None) or "", getattr(function, "__qualname__", "")


def _report(failure: ImportFailure, nodes: list[Node], context: CheckContext, project: Path) -> Finding:
    first = nodes[0].name
    others = f" and {len(nodes) - 1} more" if len(nodes) > 1 else ""
    reason, fix, library = _explain(failure, project)
    return finding(
        "node-cannot-be-imported",
        f"node {first!r}{others}: module {failure.module!r} {reason}",
        fix=fix,
        location=Location(file=failure.file, line=failure.line, env=context.plan.env),
        task=context.task_of[first],
        node=first,
        library=library,
    )


def _explain(failure: ImportFailure, project: Path) -> tuple[str, str | None, str | None]:
    """Return what is wrong with a module, what to do, and the library that is not installed."""
    if failure.function:
        return f"has no function {failure.function!r} once it has run", None, None
    if not failure.library or failure.library == failure.module.partition(".")[0]:
        return f"cannot be imported: {failure.error}", None, None
    fix = suggest_installation(failure.library, project / "pyproject.toml")
    return f"needs {failure.library!r}, which is not installed", fix, failure.library


def find_unknown_types(context: CheckContext) -> Iterator[Finding]:
    """Report dataset types that cannot be imported, each at the first dataset that has it."""
    if not context.imports:
        return
    seen: set[str] = set()
    for use in (use for found in {**context.readers, **context.makers}.values() for use in found):
        kind = context.view.type_name(use.dataset)
        error = context.view.find_unknown_type(use.dataset) if kind is not None and kind not in seen else None
        if kind is None or error is None:
            continue
        seen.add(kind)
        yield finding(
            "unknown-dataset-type",
            error.message,
            fix=error.hint,
            location=context.catalog_place(use.dataset),
            task=use.task,
            node=use.node,
            dataset=use.dataset,
            library=find_library_of_type(kind, error),
        )

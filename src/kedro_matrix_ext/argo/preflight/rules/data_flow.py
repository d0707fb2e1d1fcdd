"""Data that passes between tasks: what is lost with a pod, and what two nodes write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.plan.in_memory import is_promised
from kedro_matrix_ext.catalog.engine_names import strip_engine
from kedro_matrix_ext.catalog.lookup.storage import find_storage, is_local, show_storage
from kedro_matrix_ext.findings import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.preflight.context import CheckContext, CrossTaskDataset, Use
    from kedro_matrix_ext.findings import Finding

__all__ = [
    "find_inputs_under_run_id",
    "find_local_inputs",
    "find_local_paths",
    "find_memory_datasets",
    "find_missing_inputs",
    "find_unsaved_datasets",
    "find_unused_outputs",
    "find_written_twice",
]

_CATCH_ALL = (
    '"{undeclared}": {type: kedro_matrix_ext.catalog.UndeclaredDataset, '
    "filepath: s3://.../undeclared/{undeclared}}"
)


def find_memory_datasets(context: CheckContext) -> Iterator[Finding]:
    """Report datasets made in one task and used in another that are only in memory."""
    for crossed in context.cross_task_datasets:
        name = next((name for name in crossed.names if context.view.is_in_memory(name)), None)
        if name is None:
            continue
        declared = context.view.type_name(name)
        yield finding(
            "memory-dataset-crosses-tasks",
            f"{name!r} {_describe(crossed)}, but {_why_in_memory(declared)}",
            fix=_how_to_persist(name, declared),
            location=context.catalog_place(name),
            task=crossed.made.task,
            node=crossed.made.node,
            dataset=strip_engine(name),
        )


def _describe(crossed: CrossTaskDataset) -> str:
    readers = sorted({use.task for use in crossed.read})
    others = f" and {len(readers) - 1} more" if len(readers) > 1 else ""
    return f"is made in task {crossed.made.task!r} and used in {readers[0]!r}{others}"


def find_unsaved_datasets(context: CheckContext) -> Iterator[Finding]:
    """Note, per task, the datasets that the catalog declares and the task keeps in memory only."""
    for task in context.plan.tasks:
        unsaved = [name for name in task.memory_datasets if is_promised(name, context.view)]
        if unsaved:
            yield finding(
                "declared-dataset-not-saved",
                f"task {task.name!r} keeps {', '.join(map(repr, unsaved))} in memory: the catalog declares "
                f"{'it' if len(unsaved) == 1 else 'them'}, but only one fused pipeline uses "
                f"{'it' if len(unsaved) == 1 else 'them'}",
                location=context.catalog_place(unsaved[0]),
                task=task.name,
                dataset=unsaved[0],
            )


def _why_in_memory(declared: str | None) -> str:
    return f"its entry keeps it in memory ({declared})" if declared else "no catalog entry stores it"


def _how_to_persist(name: str, declared: str | None) -> str:
    entry = f"Give {name!r} an entry with a file" if declared is None else f"Store {name!r} in a file"
    catch_all = "" if declared is None else "remove its entry and "
    return (
        f"{entry} in shared storage; or {catch_all}save all undeclared datasets with the catch-all entry "
        f"{_CATCH_ALL}; or let the nodes share a task, as with '--group-by memory'."
    )


def find_missing_inputs(context: CheckContext) -> Iterator[Finding]:
    """Report inputs that no selected node makes and no entry stores."""
    for dataset, uses in context.readers.items():
        name = next((use.dataset for use in uses if _is_stored_nowhere(context, use.dataset)), None)
        if dataset in context.makers or name is None:
            continue
        yield finding(
            "memory-dataset-crosses-tasks",
            f"{name!r} is used in task {uses[0].task!r}, but no task makes it and no catalog entry stores it",
            fix=f"Give {name!r} an entry with a file in shared storage, or correct the name.",
            location=context.catalog_place(name),
            task=uses[0].task,
            node=uses[0].node,
            dataset=dataset,
        )


def find_inputs_under_run_id(context: CheckContext) -> Iterator[Finding]:
    """Report inputs that no selected node makes and whose path contains the run's id."""
    for dataset, uses in context.readers.items():
        use = next(
            (use for use in uses if context.view.entry_name(use.dataset) in context.run_id_entries), None
        )
        if dataset in context.makers or use is None:
            continue
        yield finding(
            "input-under-run-id",
            f"{use.dataset!r} is read in task {use.task!r} and no task makes it, but its path contains the "
            "run's id, which is new in each run",
            location=context.catalog_place(use.dataset),
            task=use.task,
            node=use.node,
            dataset=dataset,
        )


def _is_stored_nowhere(context: CheckContext, name: str) -> bool:
    """Return whether a dataset cannot exist; datasets that code adds to the catalog exist in each task."""
    entry = context.view.entry(name)
    return entry is None or (isinstance(entry, Mapping) and context.view.is_in_memory(name))


def find_local_inputs(context: CheckContext) -> Iterator[Finding]:
    """Report files on one machine's disk that a task reads and no task makes."""
    for dataset, uses in context.readers.items():
        if dataset in context.makers:
            continue
        for use in uses:
            if (storage := _local_storage(context, use.dataset)) is not None:
                place = _show(context, use.dataset, storage)
                yield finding(
                    "local-input",
                    f"{use.dataset!r} is read in task {use.task!r} from {place}, which is on the disk of "
                    "the task's own machine, and no task makes it",
                    fix="Give it a path in shared storage in this environment, unless the image has it.",
                    location=context.catalog_place(use.dataset),
                    task=use.task,
                    node=use.node,
                    dataset=dataset,
                )
                break


def find_local_paths(context: CheckContext) -> Iterator[Finding]:
    """Report datasets written to the disk of one task's machine and read in another task."""
    for crossed in context.cross_task_datasets:
        for name in crossed.names:
            storage = _local_storage(context, name)
            if storage is None:
                continue
            place = _show(context, name, storage)
            yield finding(
                "local-path-crosses-tasks",
                f"{name!r} {_describe(crossed)}, but {place} is on the disk of each task's own machine",
                location=context.catalog_place(name),
                task=crossed.made.task,
                node=crossed.made.node,
                dataset=strip_engine(name),
            )
            break


def _local_storage(context: CheckContext, name: str) -> str | None:
    storage = find_storage(context.view.entry(name))
    if storage is None or not is_local(storage) or _begins_unknown(context, storage):
        return None
    return storage


def _show(context: CheckContext, name: str, storage: str) -> str:
    return repr(show_storage(context.view.entry(name), storage))


def _begins_unknown(context: CheckContext, storage: str) -> bool:
    """Return whether a path begins with a value that only a pod has, so that it may be of any storage."""
    variables = context.placeholders.find(storage)
    root = "" if context.files is None else f"{context.files.project.as_posix()}/"  # Kedro adds it
    return bool(variables) and storage.removeprefix(root).startswith(context.placeholders.of(variables[0]))


def find_written_twice(context: CheckContext) -> Iterator[Finding]:
    """Report datasets of different names that are written to the same place."""
    writers: dict[tuple[str, ...], dict[str, Use]] = defaultdict(dict)
    for dataset, makers in context.makers.items():
        for made in makers:
            place = _place_of(context.view.entry(made.dataset))
            if place is not None:
                writers[place].setdefault(dataset, made)
    for (storage, *_), datasets in writers.items():
        first, *others = datasets.values()
        shown = _show(context, first.dataset, storage)
        for other in others:
            yield finding(
                "dataset-written-twice",
                f"{first.dataset!r} (node {first.node!r}) and {other.dataset!r} (node {other.node!r}) "
                f"are both written to {shown}",
                location=context.catalog_place(other.dataset),
                task=other.task,
                node=other.node,
                dataset=strip_engine(other.dataset),
            )


def _place_of(entry: object) -> tuple[str, ...] | None:
    """Return what two entries of one place have in common; none where each save appends."""
    storage = find_storage(entry)
    if storage is None:
        return None
    if not isinstance(entry, Mapping):
        return (storage,)
    arguments = entry.get("save_args")
    mode = arguments.get("mode", "") if isinstance(arguments, Mapping) else ""
    if mode in ("append", "a", "ab"):
        return None
    more = (entry.get(key) for key in ("filename_suffix", "table_name", "schema", "database"))
    return (storage, *(str(value or "") for value in more))


def find_unused_outputs(context: CheckContext) -> Iterator[Finding]:
    """Note datasets that no node uses and that are lost with the pod."""
    for dataset, makers in context.makers.items():
        made = makers[0]
        local = _local_storage(context, made.dataset)
        if dataset in context.readers or not (local or context.view.is_in_memory(made.dataset)):
            continue
        where = "kept in memory only"
        if local:
            where = f"written to {_show(context, made.dataset, local)} on the task's own machine"
        yield finding(
            "unused-task-output",
            f"{made.dataset!r} of task {made.task!r} is used by no node and {where}",
            location=context.catalog_place(made.dataset),
            task=made.task,
            node=made.node,
            dataset=dataset,
        )

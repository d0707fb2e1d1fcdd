"""``kedro matrix variants``: the dynamic pipelines mapping as a tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext._config_path import render_key_path
from kedro_matrix_ext.cli.output import (
    format_option,
    logs_on_stderr,
    output_option,
    render_json,
    write_output,
)
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines.frozen_mapping import FrozenMapping, KeyPath
from kedro_matrix_ext.pipelines.mapping import DynamicPipelineMapping, is_list_of_names

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.pipeline import Pipeline

__all__ = ["variants"]

_SETTING = "DYNAMIC_PIPELINES_MAPPING"


@click.command()
@format_option("text", "json")
@output_option("the tree")
def variants(*, output_format: str, output: Path | None) -> None:
    """Show the dynamic pipelines mapping: what is overridden, and how many nodes each variant has."""
    from kedro.framework.project import pipelines, settings

    mapping = _read_mapping(settings.get(_SETTING))
    with logs_on_stderr():
        counts = _NodeCounts.of(pipelines.values())
    if output_format == "json":
        text = render_json(_describe(mapping, counts))
    else:
        text = "\n".join([_SETTING, *_draw(mapping, (), _Marks(mapping, counts))])
    write_output(text, output)


def _read_mapping(setting: object) -> DynamicPipelineMapping:
    if isinstance(setting, DynamicPipelineMapping):
        return setting
    raise MappingError(
        f"settings.py has no {_SETTING!r}" if setting is None else f"{_SETTING!r} is a plain mapping",
        file="settings.py",
        hint=f"Write {_SETTING} = dynamic_pipeline_mapping({{...}}).",
    )


@dataclass(frozen=True)
class _NodeCounts:
    """Count the nodes of a namespace, those of namespaces inside it included."""

    by_namespace: Mapping[str, int]

    @classmethod
    def of(cls, pipelines: Iterable[Pipeline]) -> _NodeCounts:
        nodes = {node.name: node for pipeline in pipelines for node in pipeline.nodes}
        return cls(Counter(prefix for node in nodes.values() for prefix in node.namespace_prefixes))

    def find_namespace(self, path: KeyPath) -> str:
        """Name the namespace that a list of names stands for: its key, or more of its path."""
        names = [".".join(map(str, path[start:])) for start in range(len(path))]
        return next((name for name in names if self.by_namespace.get(name)), str(path[-1]))

    def count(self, namespace: str, variant: str) -> int:
        return self.by_namespace.get(f"{namespace}.{variant}", 0)

    def count_shared(self, namespace: str, names: Iterable[str]) -> int:
        """Count the nodes of a namespace that are in none of its variants."""
        return self.by_namespace.get(namespace, 0) - sum(self.count(namespace, name) for name in names)


class _Marks:
    """What is written behind a key: numbers of nodes, and the variable that overrides it."""

    def __init__(self, mapping: DynamicPipelineMapping, counts: _NodeCounts) -> None:
        self.counts = counts
        self._variables = {override.path: override.variable for override in mapping.overrides}

    def overridden(self, path: KeyPath) -> str:
        return f"  [{self._variables[path]}]" if path in self._variables else ""


def _draw(value: Any, path: KeyPath, marks: _Marks) -> Iterator[str]:
    """Render everything below a key, one line each."""
    children = list(_children(value, path, marks))
    for index, (label, child_path, child) in enumerate(children):
        last = index == len(children) - 1
        yield f"{'└── ' if last else '├── '}{label}{marks.overridden(child_path)}"
        for line in _draw(child, child_path, marks):
            yield f"{'    ' if last else '│   '}{line}"


def _children(value: Any, path: KeyPath, marks: _Marks) -> Iterator[tuple[str, KeyPath, Any]]:
    if isinstance(value, FrozenMapping | DynamicPipelineMapping):
        for key, item in value.items():
            yield _label(key, item, (*path, key), marks), (*path, key), item
    elif _are_variants(value, path):
        namespace = marks.counts.find_namespace(path)
        for name in value:
            yield f"{name} ({_nodes(marks.counts.count(namespace, name))})", (*path, name), None
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            label = f"[{index}]" if isinstance(item, FrozenMapping) else str(item)
            yield label, (*path, index), item


def _label(key: str, value: Any, path: KeyPath, marks: _Marks) -> str:
    if _are_variants(value, path):
        namespace = marks.counts.find_namespace(path)
        return f"{key} ({_nodes(marks.counts.count_shared(namespace, value))} in no variant)"
    return key if isinstance(value, FrozenMapping | tuple) else f"{key}: {value!r}"


def _are_variants(value: object, path: KeyPath) -> bool:
    """Distinguish names of pipelines from names inside a list of dictionaries."""
    return is_list_of_names(value) and all(isinstance(key, str) for key in path)


def _nodes(count: int) -> str:
    return f"{count} node{'' if count == 1 else 's'}"


def _describe(mapping: DynamicPipelineMapping, counts: _NodeCounts) -> dict[str, Any]:
    """Describe everything as plain data; ``nodes`` holds a number per namespace and per variant."""
    overrides = [
        {"path": render_key_path(override.path), "variable": override.variable}
        for override in mapping.overrides
    ]
    return {
        "mapping": mapping.as_dict(),
        "overrides": overrides,
        "nodes": dict(_count_all(mapping, (), counts)),
    }


def _count_all(value: Any, path: KeyPath, counts: _NodeCounts) -> Iterator[tuple[str, int]]:
    if _are_variants(value, path):
        namespace = counts.find_namespace(path)
        yield namespace, counts.count_shared(namespace, value)
        for name in value:
            yield f"{namespace}.{name}", counts.count(namespace, name)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _count_all(item, (*path, key), counts)

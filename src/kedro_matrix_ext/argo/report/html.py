"""A plan as one self-contained page: the graph of tasks, their needs, the longest chain, the totals."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.nodes.quantities import render_cores, render_gib
from kedro_matrix_ext.argo.report.critical_path import schedule_tasks
from kedro_matrix_ext.argo.report.html_layout import family_of, lay_out
from kedro_matrix_ext.argo.report.table import render_demand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.argo.plan.model import Plan, Task
    from kedro_matrix_ext.argo.report.critical_path import Schedule
    from kedro_matrix_ext.argo.report.html_layout import Layout

__all__ = ["render_page"]

_GOLDEN_ANGLE = 137.508  # degrees: neighbouring colours stay apart, however many there are
_LONGEST_LABEL = 28


def render_page(plan: Plan) -> str:
    """Write a plan as an HTML page that needs no other file, without a final newline."""
    schedule = schedule_tasks(plan.tasks)
    layout = lay_out(plan.tasks, schedule.depth)
    families = sorted({family_of(task) for task in plan.tasks})
    hues = {family: round(number * _GOLDEN_ANGLE + 210) % 360 for number, family in enumerate(families)}
    parts = {
        "title": f"{plan.pipeline} in {plan.env}, grouped by {plan.group_by}",
        "summary": _draw_summary(plan, schedule),
        "legend": _draw_legend(plan, hues),
        "notes": "".join(f"<p class=note>{escape(note)}</p>" for note in plan.notes),
        "size": f"{layout.size[0]} {layout.size[1]}",
        "edges": _draw_edges(plan.tasks, layout, frozenset(pairwise(schedule.critical_path))),
        "boxes": "".join(_draw_box(task, layout, hues, schedule) for task in plan.tasks),
        "data": _embed({task.name: _describe(task, plan) for task in plan.tasks}),
    }
    parts["title"] = escape(parts["title"])
    page = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace(f"<!--{name}-->", text)
    return page.rstrip()


def _draw_summary(plan: Plan, schedule: Schedule) -> str:
    facts = {
        "tasks": f"{len(plan.tasks):,}",
        "nodes": f"{sum(len(task.nodes) for task in plan.tasks):,}",
        "longest chain": f"{schedule.steps} nodes in {len(schedule.critical_path)} tasks",
        "peak": render_demand(schedule.peak),
        "total": render_demand(schedule.total),
        "digest": plan.digest[:12],
    }
    return "".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts.items())


def _draw_legend(plan: Plan, hues: Mapping[str, int]) -> str:
    counts: dict[str, int] = dict.fromkeys(hues, 0)
    for task in plan.tasks:
        counts[family_of(task)] += 1
    return "".join(
        f'<button data-family="{escape(family)}" style="--hue:{hues[family]}">'
        f"{escape(family) or 'no namespace'} <b>{count}</b></button>"
        for family, count in counts.items()
    )


def _draw_edges(tasks: Sequence[Task], layout: Layout, critical: frozenset[tuple[str, str]]) -> str:
    width, height = layout.box
    drawn = []
    for task in tasks:
        right, lower = layout.place[task.name]
        for parent in task.depends_on:
            left, upper = layout.place[parent]
            start, end = left + width, right
            bend = max(24, (end - start) // 2)
            curve = (
                f"M{start} {upper + height // 2}C{start + bend} {upper + height // 2} "
                f"{end - bend} {lower + height // 2} {end} {lower + height // 2}"
            )
            kind = ' class="critical"' if (parent, task.name) in critical else ""
            drawn.append(f'<path d="{curve}" data-from="{parent}" data-to="{task.name}"{kind}/>')
    return "".join(drawn)


def _draw_box(task: Task, layout: Layout, hues: Mapping[str, int], schedule: Schedule) -> str:
    left, upper = layout.place[task.name]
    width, height = layout.box
    family = family_of(task)
    classes = "task critical" if task.name in schedule.critical_path else "task"
    return (
        f'<g class="{classes}" data-task="{task.name}" data-family="{escape(family)}" '
        f'style="--hue:{hues[family]}" transform="translate({left} {upper})" tabindex="0">'
        f'<title>{task.name}</title><rect width="{width}" height="{height}" rx="5"/>'
        f'<text x="10" y="17">{_shorten(task.name)}</text>'
        f'<text x="10" y="32" class="size">{escape(_size(task))}</text></g>'
    )


def _shorten(name: str) -> str:
    """Keep the end of a long name, which differs from its neighbours."""
    return name if len(name) <= _LONGEST_LABEL else f"…{name[1 - _LONGEST_LABEL :]}"


def _size(task: Task) -> str:
    resources = task.resources
    gpus = f" · {resources.num_gpus} GPU" if resources.num_gpus else ""
    nodes = f"{len(task.nodes)} nodes · " if len(task.nodes) > 1 else ""
    return f"{nodes}{render_cores(resources.cpu_request)} CPU · {render_gib(resources.memory_request)}{gpus}"


def _describe(task: Task, plan: Plan) -> dict[str, Any]:
    """Return what the page shows for a selected task."""
    limits = ", ".join(f"{name} {amount}" for name, amount in task.resources.limits.items())
    requests = ", ".join(f"{name} {amount}" for name, amount in task.resources.requests.items())
    rows = {
        "nodes": task.nodes,
        "after": task.depends_on,
        "reads": [_mark(name, plan) for name in task.inputs],
        "makes": [_mark(name, plan) for name in task.outputs if name not in task.memory_datasets],
        "keeps in memory": task.memory_datasets,
        "requests": [requests],
        "limits": [limits],
        "template": [task.template] if task.template else [],
        "image": [task.image] if task.image else [],
        "machine labels": [f"{label}: {value}" for label, value in task.node_selector.items()],
        "loads pipelines": task.pipelines,
    }
    return {name: list(values) for name, values in rows.items() if values}


def _mark(dataset: str, plan: Plan) -> str:
    """Write a dataset with its layer and type in the catalog."""
    described = plan.datasets.get(dataset, {})
    layer = described.get("metadata", {}).get("layer")
    facts = [str(fact) for fact in (layer, described.get("type")) if fact]
    return f"{dataset} ({', '.join(facts)})" if facts else dataset


def _embed(data: object) -> str:
    """Write data so that it cannot end the surrounding script element."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")

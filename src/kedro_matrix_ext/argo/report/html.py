"""A plan as one self-contained page: the graph of tasks, their needs, the longest chain, the totals."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo.nodes.quantities import render_cores, render_gib
from kedro_matrix_ext.argo.report.critical_path import schedule_tasks
from kedro_matrix_ext.argo.report.stacks import family_of, find_stacks, natural_order, title_of
from kedro_matrix_ext.argo.report.table import render_demand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro_matrix_ext.argo.plan.model import Plan, Task
    from kedro_matrix_ext.argo.report.critical_path import Schedule

__all__ = ["render_page"]

_GOLDEN_ANGLE = 137.508  # degrees: neighbouring colours stay apart, however many there are


def render_page(plan: Plan) -> str:
    """Write a plan as an HTML page that needs no other file, without a final newline."""
    schedule = schedule_tasks(plan.tasks)
    families = sorted({family_of(task) for task in plan.tasks}, key=natural_order)
    hues = {family: round(number * _GOLDEN_ANGLE + 210) % 360 for number, family in enumerate(families)}
    title = f"{plan.pipeline} in {plan.env}, grouped by {plan.group_by}"
    parts = {
        "title": escape(title),
        "summary": _draw_summary(plan, schedule),
        "legend": _draw_legend(plan, hues),
        "notes": "".join(f"<p class=note>{escape(note)}</p>" for note in plan.notes),
        "data": _embed(
            {
                "about": {task.name: _describe(task, plan) for task in plan.tasks},
                "tasks": _list_tasks(plan.tasks, schedule, hues),
                "chain": schedule.critical_path,
                "stacks": [
                    {"title": title_of(names), "tasks": names}
                    for names in find_stacks(plan.tasks, schedule.depth)
                ],
            }
        ),
    }
    page = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace(f"<!--{name}-->", text)
    return page.rstrip()


def _list_tasks(tasks: Sequence[Task], schedule: Schedule, hues: Mapping[str, int]) -> list[dict[str, Any]]:
    """Describe the boxes, in the order in which they are placed within a layer."""
    ordered = sorted(tasks, key=lambda task: (natural_order(family_of(task)), natural_order(task.name)))
    return [
        {
            "name": task.name,
            "layer": schedule.depth[task.name],
            "family": family_of(task),
            "hue": hues[family_of(task)],
            "size": _size(task),
            "after": task.depends_on,
        }
        for task in ordered
    ]


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
        "size from": [task.size_from] if task.size_from else [],
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

"""Draw the tasks of a plan as an SVG that fits a README: a lane for each namespace, from left to right."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from itertools import pairwise
from typing import Any

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y = 156, 38, 18, 10
LANE_TOP, LANE_GAP, MARGIN = 30, 14, 12
STYLE = """
  text { font: 11.5px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1c2430; }
  .lane { fill: #f4f6f9; } .lane-name { font-size: 13px; font-weight: 600; }
  .box { fill: #fff; stroke: #8a96a8; } .variant { fill: #dcebff; stroke: #3b6fb6; }
  .small { font-size: 10.5px; fill: #55606f; }
  path { fill: none; stroke: #8a96a8; stroke-width: 1.2; }
  .longest { stroke: #b45309; stroke-width: 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .small { fill: #a9b4c0; }
    .lane { fill: #1b222c; }
    .box { fill: #232c38; stroke: #6b7887; } .variant { fill: #17345c; stroke: #6aa0e8; }
    path { stroke: #6b7887; } .longest { stroke: #f0a040; }
  }
"""

Task = dict[str, Any]
Place = tuple[float, float]


def draw_graph(plan: dict[str, Any], variants: dict[str, list[str]]) -> str:
    """Draw a plan as ``kedro argo plan --format json`` gives it.

    Args:
        plan: The plan.
        variants: The variants of each namespace; their tasks are coloured.
    """
    tasks: dict[str, Task] = {task["name"]: task for task in plan["tasks"]}
    layers = find_layers(tasks)
    width = (max(layers.values()) + 1) * (BOX_WIDTH + GAP_X) - GAP_X + 2 * MARGIN
    longest = find_longest_chain(tasks)
    steps = set(pairwise(longest))
    places: dict[str, Place] = {}
    lanes, boxes, top = [], [], 0.0
    for namespace in sorted({lane_of(task) for task in tasks.values()}):
        members = [task for task in tasks.values() if lane_of(task) == namespace]
        height = place_lane(members, layers, places, top + LANE_TOP)
        lanes.append(
            f'<rect class="lane" y="{top:g}" width="{width}" height="{height + LANE_TOP + MARGIN:g}" rx="8"/>'
            f'<text class="lane-name" x="{MARGIN}" y="{top + 20:g}">{escape(namespace)}</text>'
        )
        boxes += [draw_box(task, places[task["name"]], variants[namespace], longest) for task in members]
        top += height + LANE_TOP + MARGIN + LANE_GAP
    edges = [
        draw_edge(places[before], places[name], is_longest=(before, name) in steps)
        for name, task in tasks.items()
        for before in task["depends_on"]
    ]
    edges.sort(key=lambda edge: "longest" in edge)  # on top of the others
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top - LANE_GAP:g}" width="{width}" '
        f'height="{top - LANE_GAP:g}" role="img" aria-label="The tasks of the example, by predictor">\n'
        f"<style>{STYLE}</style>\n" + "\n".join([*lanes, *edges, *boxes]) + "\n</svg>\n"
    )


def find_layers(tasks: dict[str, Task]) -> dict[str, int]:
    """Return the column of each task; tasks come after those that they wait for."""
    layers: dict[str, int] = {}
    for name, task in tasks.items():
        layers[name] = 1 + max((layers[before] for before in task["depends_on"]), default=-1)
    return layers


def find_longest_chain(tasks: dict[str, Task]) -> list[str]:
    """Return the chain with the most nodes."""
    chains: dict[str, list[str]] = {}
    for name, task in tasks.items():
        before = [chains[each] for each in task["depends_on"]]
        chains[name] = [*max(before, key=lambda chain: count_nodes(tasks, chain), default=[]), name]
    return max(chains.values(), key=lambda chain: count_nodes(tasks, chain))


def count_nodes(tasks: dict[str, Task], chain: list[str]) -> int:
    """Count the nodes of some tasks."""
    return sum(len(tasks[name]["nodes"]) for name in chain)


def lane_of(task: Task) -> str:
    """Return the namespace of a task's first node."""
    return str(task["nodes"][0]).partition(".")[0]


def place_lane(members: list[Task], layers: dict[str, int], places: dict[str, Place], top: float) -> float:
    """Place the tasks of a lane in columns, each centred; return the lane's height."""
    columns = defaultdict(list)
    for task in members:
        columns[layers[task["name"]]].append(task)
    tallest = max(map(len, columns.values()))
    height = tallest * (BOX_HEIGHT + GAP_Y) - GAP_Y
    for column, stacked in columns.items():
        free = height - (len(stacked) * (BOX_HEIGHT + GAP_Y) - GAP_Y)
        for row, task in enumerate(stacked):
            x = MARGIN + column * (BOX_WIDTH + GAP_X)
            places[task["name"]] = (x, top + free / 2 + row * (BOX_HEIGHT + GAP_Y))
    return height


def draw_box(task: Task, place: Place, variants: list[str], longest: list[str]) -> str:
    """Draw a task: what it does, and below that its nodes or resources."""
    x, y = place
    _, *names = task["nodes"][0].split(".")
    is_variant = names[0] in variants
    title = names[0] if is_variant else names[-1].replace("_", " ")
    nodes = [node.rpartition(".")[2].partition("_")[0] for node in task["nodes"]]
    resources = task["resources"]
    cpu, memory = resources["cpu_request"], resources["memory_request"]
    detail = ", ".join(nodes) if is_variant else f"{cpu:g} CPU, {memory:g} GiB"
    kind = f"box{' variant' if is_variant else ''}{' longest' if task['name'] in longest else ''}"
    return (
        f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5"/>'
        f'<text x="{x + 8:g}" y="{y + 16:g}">{escape(title)}</text>'
        f'<text class="small" x="{x + 8:g}" y="{y + 30:g}">{escape(detail)}</text>'
    )


def draw_edge(start: Place, end: Place, *, is_longest: bool) -> str:
    """Draw a curve from the right side of a box to the left side of another."""
    (x1, y1), (x2, y2) = start, end
    x1, y1, y2 = x1 + BOX_WIDTH, y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2
    middle = x2 - GAP_X / 2
    kind = ' class="longest"' if is_longest else ""
    curve = f"C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
    return f'<path{kind} d="M{x1:g} {y1:g}H{middle - GAP_X / 2:g}{curve}"/>'

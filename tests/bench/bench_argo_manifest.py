"""From a built pipeline to a manifest: CPU seconds by size, bytes per task, compared with argo-kedro 0.1.41.

argo-kedro runs in this Python if it is installed here, else in the one that ARGO_KEDRO_PYTHON names; without
either that row is left out. Both are given the same shape of pipeline, in one run.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from functools import partial
from importlib.util import find_spec
from statistics import median
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.argo import ArgoConfig, build_manifest, build_plan, dump_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.pipeline import Pipeline

_REPEATS = 5
_SIZES = (1_250, 2_500, 5_000, 10_000)
_THEIR_SIZE = 3_000
_SECONDS = 2.0  # the most that 10,000 nodes may take from pipeline to JSON
_GROWTH = 2.6  # the most that twice the nodes may take; 2 is linear
_TIMES_FASTER = 20
_BYTES = 270  # the most a task may take at names of 40 characters

_SHAPE = dedent(
    """
    import random
    from kedro.pipeline import Pipeline, node

    def take(*values):
        return values

    def make_pipeline(size):
        draw = random.Random(size)
        nodes = []
        for number in range(size):
            near = range(max(0, number - 200), number)
            sources = sorted({draw.choice(near) for _ in range(2)}) if near else []
            inputs = [f"dataset_{source:05d}" for source in sources] or ["raw"]
            name = f"a_node_whose_name_has_forty_chars_{number:06d}"
            nodes.append(node(take, inputs, f"dataset_{number:05d}", name=name))
        pipeline = Pipeline(nodes)
        pipeline.nodes, pipeline.grouped_nodes
        return pipeline
    """
)  # fmt: skip

_THEIRS = _SHAPE + dedent(
    """
    import sys, time
    import yaml
    from argo_kedro.argo import get_argo_dag
    from argo_kedro.config.kedro_argo_config import MachineType, TemplateConfig
    from argo_kedro.framework.cli.cli import ARGO_TEMPLATES_DIR_PATH, render_jinja_template

    pipeline = make_pipeline(int(sys.argv[1]))
    start = time.process_time()
    machines, template = {"default": MachineType(mem=16, cpu=4, num_gpu=0)}, TemplateConfig()
    tasks = get_argo_dag(
        pipeline, machine_types=machines, default_machine_type="default", template_config=template
    )
    text = render_jinja_template(
        src=ARGO_TEMPLATES_DIR_PATH / "argo_wf_spec.tmpl", trim_blocks=True, lstrip_blocks=True,
        pipeline_tasks=list(tasks.values()), template=template, pipeline_name="__default__",
        image="i:t", namespace="argo", environment="cloud", workflow_name="workflow", random="abc123",
        init_templates=[],
    )
    yaml.dump(yaml.safe_load(text), sort_keys=False, default_flow_style=False)
    print(time.process_time() - start)
    """
)  # fmt: skip

_CONFIG = ArgoConfig.model_validate(
    {
        "deployment": {"image": "registry.example/shop"},
        "machine_types": {"default": {"mem": 16, "cpu": 4}},
        "default_machine_type": "default",
        "hardening": True,
    }
)


def make_pipeline(size: int) -> Pipeline:
    """Build a random graph of a fan-in of two, names of forty characters."""
    names: dict[str, Any] = {}
    exec(_SHAPE, names)  # noqa: S102  the other side runs the same lines in a separate process
    pipeline: Pipeline = names["make_pipeline"](size)
    return pipeline


def write_json(pipeline: Pipeline) -> str:
    """Go all the way from pipeline to JSON."""
    plan = build_plan(pipeline, config=_CONFIG)
    return json.dumps(build_manifest(plan, config=_CONFIG), separators=(",", ":"))


def write_yaml(pipeline: Pipeline) -> str:
    """Go all the way from pipeline to YAML."""
    return dump_manifest(build_manifest(build_plan(pipeline, config=_CONFIG), config=_CONFIG))


def measure(action: Callable[[], object]) -> float:
    """Give the CPU seconds of one call."""
    gc.collect()
    start = time.process_time()
    action()
    return time.process_time() - start


def run_theirs(python: str) -> float:
    """Give the CPU seconds argo-kedro takes from pipeline to YAML, in a separate process."""
    variables = {**os.environ, "DO_NOT_TRACK": "1"}
    command = [python, "-c", _THEIRS, str(_THEIR_SIZE)]
    result = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    return float(result.stdout.split()[-1])


def compare_sizes() -> bool:
    """Print the time and the bytes per task for growing pipelines."""
    print("nodes  to JSON (CPU s)  times half the size  bytes per task")
    pipelines = {size: make_pipeline(size) for size in _SIZES}
    runs = [
        {size: measure(partial(write_json, pipeline)) for size, pipeline in pipelines.items()}
        for _ in range(_REPEATS)
    ]
    times = {size: median(run[size] for run in runs) for size in _SIZES}
    size_of = {size: len(write_json(pipeline)) / size for size, pipeline in pipelines.items()}
    for size in _SIZES:
        growth = f"{times[size] / times[size // 2]:19.2f}" if size // 2 in times else " " * 19
        print(f"{size:5}  {times[size]:15.2f}  {growth}  {size_of[size]:14.0f}")
    largest = _SIZES[-1]
    last = times[largest] / times[largest // 2]
    print(f"targets: 10,000 in {_SECONDS} s, growth {_GROWTH}, {_BYTES} bytes")
    return times[largest] <= _SECONDS and last <= _GROWTH and size_of[largest] <= _BYTES


def compare_with_argo_kedro() -> bool:
    """Print how many times faster the way to YAML is than argo-kedro's."""
    python = sys.executable if find_spec("argo_kedro") else os.environ.get("ARGO_KEDRO_PYTHON")
    if not python:
        print("argo-kedro is not installed here and ARGO_KEDRO_PYTHON names no Python that has it: left out")
        return True
    pipeline = make_pipeline(_THEIR_SIZE)
    pairs = [(measure(partial(write_yaml, pipeline)), run_theirs(python)) for _ in range(3)]
    ours, theirs = (median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = median(pair[1] / pair[0] for pair in pairs)
    print(f"{_THEIR_SIZE} nodes to YAML: ours {ours:.2f} s, argo-kedro {theirs:.2f} s, {ratio:.0f} times")
    print(f"target: {_TIMES_FASTER} times")
    return ratio >= _TIMES_FASTER


def main() -> int:
    """Print the tables; the exit status is 0 if the targets are met."""
    met = [compare_sizes(), compare_with_argo_kedro()]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())

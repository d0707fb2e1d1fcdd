"""Measurements become sizes, and rules that set them for the right nodes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from kedro.pipeline import Node

from kedro_matrix_ext.argo import ArgoConfig, ArgoNode, ArgoResourceConfig, FusedPipeline, Plan, Task
from kedro_matrix_ext.argo.right_sizing import (
    Measured,
    Measurements,
    make_rules,
    propose_sizes,
    read_measurements,
)
from kedro_matrix_ext.argo.right_sizing.report import render_sizes
from kedro_matrix_ext.argo.right_sizing.rule_making import list_fixed_nodes, render_rule
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

GIB = 2**30
LARGE = ArgoResourceConfig(cpu_request=4, cpu_limit=8, memory_request=16, memory_limit=16)


def _once(seconds: float, cpu: float, gib: float) -> Measured:
    return Measured.of(seconds=seconds, cpu_seconds=cpu, peak_memory_bytes=round(gib * GIB))


def _plan(**nodes: tuple[str, ...]) -> Plan:
    tasks = tuple(Task(name=name, nodes=members, resources=LARGE) for name, members in nodes.items())
    return Plan(pipeline="p", env="cloud", group_by="node", tasks=tasks)


def test_a_task_needs_the_measurements_of_it_or_of_its_nodes() -> None:
    """The measurement of the task counts, else those of its nodes in sequence; else nothing is known."""
    found = Measurements(
        tasks={frozenset("ab"): _once(9, 9, 3), frozenset("d"): _once(1, 1, 1)},
        nodes={"a": _once(1, 1, 1), "b": _once(2, 4, 2), "c": _once(3, 3, 1)},
    )
    assert found.of_task("ba") == _once(9, 9, 3)
    assert found.of_task("bcd") == Measured(seconds=6, cpu_seconds=8, cores=2, peak_memory_bytes=2 * GIB)
    assert found.of_task("ax") is None


def test_sizes_leave_room_and_are_summed_up() -> None:
    """A quarter more, rounded up; memory is request and limit; the limit of CPU stays; hours are compared."""
    plan = _plan(small=("a",), short=("b",), unknown=("c",))
    found = Measurements(nodes={"a": _once(3600, 1800, 3), "b": _once(1800, 1800 * 10, 17)})
    sizes = propose_sizes(plan, found)
    small, short, unknown = (size.proposed for size in sizes)
    assert small == LARGE.model_copy(
        update={"cpu_request": 0.75, "memory_request": 3.75, "memory_limit": 3.75}
    )
    assert (short.cpu_request, short.cpu_limit, short.memory_limit) == (13, 13, 22)
    assert unknown == LARGE
    text = render_sizes(sizes)
    assert "core-hours of a run: 6 requested, 7.25 proposed (+1.25)" in text
    assert "GiB-hours of a run: 24 requested, 14.8 proposed (-9.25)" in text
    assert "not measured: 1 of 3 tasks, which stay unchanged" in text
    assert "! used more memory than its limit: 'short'" in text
    tight = propose_sizes(plan, found, headroom=0)[0].proposed
    assert (tight.cpu_request, tight.memory_request) == (0.5, 3)
    with pytest.raises(ValueError, match="must not be negative"):
        propose_sizes(plan, found, headroom=-1)


NAMES = st.sampled_from(["train", None, "split", "train_2"])
SPACES = st.sampled_from([None, "p", "p.base", "p.cand", "p.cand.x", "q", "q.base"])
TAGS = st.sets(st.sampled_from(["slow", "daily", "argowf.fuse-group.g"]))
SIZES = st.sampled_from([LARGE, ArgoResourceConfig(), ArgoResourceConfig(num_gpus=1, cpu_request=2)])
RULES = [
    {"match": {"namespace": "p.cand"}, "image": "other", "machine_type": "m"},
    {"match": {"tag": "daily", "node": "*.split"}, "image": "daily"},
    {"match": {"node": "*train*"}, "node_selector": {"disk": "ssd"}},
]
CONFIG = {"machine_types": {"m": {"mem": 1, "cpu": 1}}, "rules": RULES}


@given(st.sets(st.tuples(SPACES, NAMES), min_size=1), st.data())
def test_rules_set_the_size_of_each_node_and_change_no_other(
    names: set[tuple[str | None, str | None]], data: st.DataObject
) -> None:
    """Put before existing rules; image, template and machine labels stay."""
    nodes = [
        Node(len, "x", f"y{n}", name=name, namespace=space, tags=data.draw(TAGS))
        for n, (space, name) in enumerate(sorted(names, key=str))
    ]
    wanted = {node.name: data.draw(SIZES) for node in nodes if data.draw(st.booleans())}
    before = ArgoConfig.model_validate(CONFIG)
    rules = [render_rule(rule) for rule in make_rules(wanted, nodes, before)]
    after = ArgoConfig.model_validate({**CONFIG, "rules": [*yaml.safe_load(yaml.safe_dump(rules)), *RULES]})
    for node in nodes:
        of_node: dict[str, Any] = {"name": node.name, "namespace": node.namespace, "tags": node.tags}
        was, now = before.match_rule(**of_node), after.match_rule(**of_node)
        if node.name not in wanted:
            assert now == was
            continue
        assert now is not None
        assert now.resources == wanted[node.name]
        assert (now.image, now.node_selector) == ((was.image, was.node_selector) if was else (None, {}))
    assert len(rules) <= len(wanted)


def test_nodes_of_a_kind_share_a_rule() -> None:
    """A namespace, or all nodes of one name, unless other nodes match; sizes set in code stay."""
    nodes = [Node(len, "x", f"{v}{n}", name=n, namespace=f"p.{v}") for v in "ab" for n in ("split", "train")]
    small = ArgoResourceConfig(cpu_request=1)
    sizes = {node.name: small if "split" in node.name else LARGE for node in nodes}
    assert [rule.match.node for rule in make_rules(sizes, nodes, ArgoConfig())] == ["*.split", "*.train"]
    same = dict.fromkeys(sizes, LARGE)
    assert [rule.match.namespace for rule in make_rules(same, nodes, ArgoConfig())] == ["p"]
    fused = FusedPipeline([Node(len, "c", "d", name="in_group")], name="g", machine_type="m").nodes
    own = ArgoNode(len, "a", "b", name="own", argo_config=LARGE)
    assert list_fixed_nodes([*nodes, own, *fused]) == ["own", "in_group"]


def test_nodes_of_a_tag_share_a_rule() -> None:
    """With a tag that no other node has, also without namespaces; the widest rule is chosen."""
    nodes = [Node(len, "x", f"y{n}", name=f"train_{n}", tags={"training"}) for n in range(3)]
    nodes += [Node(len, "x", "z", name="split", tags={"data"})]
    small = ArgoResourceConfig(cpu_request=1)
    sizes = {node.name: LARGE if "training" in node.tags else small for node in nodes}
    rules = make_rules(sizes, nodes, ArgoConfig())
    assert [rule.match.tag or rule.match.node for rule in rules] == ["training", "split"]
    spaced = [Node(len, "x", f"{v}{n}", name=n, namespace=v, tags={n}) for v in "ab" for n in ("fit", "read")]
    of_kind = {node.name: LARGE if "fit" in node.tags else small for node in spaced}
    assert [rule.match.tag for rule in make_rules(of_kind, spaced, ArgoConfig())] == ["fit", "read"]
    same = dict.fromkeys(of_kind, LARGE)
    assert [rule.match.namespace for rule in make_rules(same, spaced, ArgoConfig())] == ["a", "b"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    """With the line; half a line at the end, failures and init templates are skipped."""
    good = {"task": "t", "nodes": ["a"], "status": "succeeded", "seconds": 1.0}
    measured = {"cpu_seconds": 1.0, "peak_memory_bytes": 5}
    file = tmp_path / "tasks.jsonl"
    lines = [{**good, **measured}, {**good, **measured, "nodes": []}, {**good, "nodes": ["b"]}]
    lines += [
        {**good, **measured, "nodes": ["c"], "status": "failed"},
        {"node": "d", "status": "succeeded", "seconds": 2, **measured},
    ]
    file.write_text("\n".join(map(json.dumps, lines)) + '\n{"task": ')
    found = read_measurements([file])
    assert (set(found.tasks), set(found.nodes)) == ({frozenset("a")}, {"d"})
    file.write_text('{"x": 1}\n\n')
    with pytest.raises(ArgoError, match=r"(?s)neither a record of a node nor of a task.*tasks\.jsonl:1"):
        read_measurements([file])


REGISTRY = """
from kedro.pipeline import Node, Pipeline


def register_pipelines():
    nodes = [Node(len, "cars", "count", name="count"), Node(abs, "count", "model", name="train")]
    return {"__default__": Pipeline(nodes)}
"""


@pytest.mark.project
def test_the_command_reads_the_measurements(project: KedroProject) -> None:
    """The latest records, or the named ones; the rules load as part of argo.yml."""
    project.write("src/shop/pipeline_registry.py", REGISTRY)
    project.write("conf/base/argo.yml", "machine_types: {default: {mem: 16, cpu: 4}}\n")
    absent = project.kedro("argo", "resources", "-e", "base", check=False)
    assert absent.returncode == 1
    assert "nothing has been measured in this project yet" in absent.stderr
    record = {"status": "succeeded", "seconds": 36.0, "cpu_seconds": 36.0, "peak_memory_bytes": 2 * GIB}
    timings = [{"node": name, **record} for name in ("count", "train")]
    project.write(".kedro_matrix/node_timings/x.jsonl", "\n".join(map(json.dumps, timings)) + "\n")
    told = project.kedro("argo", "resources", "-e", "base", "-o", "sizes/rules.yml")
    assert "GiB-hours of a run: 0.32 requested, 0.05 proposed (-0.27)" in told.stdout
    assert "wrote 2 rules to sizes/rules.yml" in told.stderr
    config = ArgoConfig.model_validate(yaml.safe_load(project.read("sizes/rules.yml")))
    matched = config.match_rule(name="train", namespace=None, tags=frozenset())
    assert matched is not None
    assert matched.resources is not None
    assert (matched.resources.memory_limit, matched.resources.cpu_request) == (2.5, 1.25)

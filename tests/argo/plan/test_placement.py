"""Where a task's resources, image, template and machine labels come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node as KedroNode
from kedro.pipeline import Pipeline
from tests.argo.joined_nodes import make_node

from kedro_matrix_ext.argo import (
    ARGO_GPU_NODE_MEDIUM,
    ArgoConfig,
    ArgoResourceConfig,
    FusedPipeline,
    build_plan,
)
from kedro_matrix_ext.errors import (
    PlacementError,
    UnknownMachineTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.argo import Task

# Kedro warns of dots in names, and of namespaces that are left and entered again; here both are the point.
pytestmark = [
    pytest.mark.filterwarnings("ignore:One or more dataset names contain"),
    pytest.mark.filterwarnings("ignore:Namespace .* is interrupted"),
]

FILE = {"type": "kedro_datasets.pickle.PickleDataset", "filepath": "x.pkl"}


def test_resources_come_from_the_group_the_node_a_rule_or_the_default(
    make_config: Callable[..., ArgoConfig],
) -> None:
    """In this order; where the group sets none, the field-wise maximum over its nodes."""
    config = make_config(
        rules=[
            {"match": {"tag": "heavy"}, "resources": {"memory_request": 60, "memory_limit": 60}},
            {"match": {"namespace": "ns"}, "machine_type": "gpu", "image": "other:1", "template": "kedro"},
            {"match": {"node": "ruled*"}, "machine_type": "gpu", "node_selector": {"disk": "ssd"}},
        ]
    )
    own = ArgoResourceConfig(cpu_request=2, cpu_limit=2)

    def plan_one(*nodes: KedroNode, **group: Any) -> Task:
        pipeline = FusedPipeline(nodes, name="g", **group)
        return build_plan(pipeline, config=config).tasks[0]

    assert plan_one(make_node("raw", "a")).resources.memory_limit == 4
    assert plan_one(make_node("raw", "a", tags="heavy")).resources.memory_limit == 60
    assert plan_one(make_node("raw", "a", tags="heavy", argo_config=own)).resources == own
    assert plan_one(make_node("raw", "a", argo_config=own), machine_type="gpu").resources.num_gpus == 1
    assert plan_one(make_node("raw", "a", machine_type="gpu"), argo_config=own).resources == own
    ruled = plan_one(make_node("raw", "ruled1"), make_node("raw", "a", tags="heavy"))
    assert (ruled.resources.num_gpus, ruled.resources.memory_limit) == (1, 60)
    assert ruled.node_selector == {"disk": "ssd"}
    task = plan_one(make_node("raw", "ns.a"))
    assert (task.image, task.template, task.resources.num_gpus) == ("other:1", "kedro", 1)
    assert plan_one(make_node("raw", "ns.a", template="own")).template == "own"
    assert plan_one(make_node("raw", "ns.a", template="own"), template="group").template == "group"


def test_the_resources_of_a_group_apply_in_every_grouping(config: ArgoConfig) -> None:
    """The GPU of a fused pipeline is also requested when its nodes are grouped differently."""
    group = FusedPipeline([make_node("raw", "ns.a")], name="g", machine_type="gpu")
    pipeline = Pipeline([group, make_node("ns.a", "ns.b")])
    (task,) = build_plan(pipeline, config=config, group_by="namespace").tasks
    assert task.resources.num_gpus == 1


@pytest.mark.parametrize("what", ["templates", "images", "values of node_selector 'disk'"])
def test_nodes_of_a_task_cannot_request_different_things(
    make_config: Callable[..., ArgoConfig], what: str
) -> None:
    """Two templates, images or values of one machine label in a task are an error that names them."""
    rules = [
        {"match": {"node": name}, "image": f"{name}:1", "node_selector": {"disk": name}}
        for name in ("a", "b")
    ]
    effects = {"images": "image", "values of node_selector 'disk'": "node_selector"}
    config = make_config(
        rules=[{key: rule[key] for key in ("match", effects[what])} for rule in rules]
        if what in effects
        else []
    )
    nodes = [make_node("raw", name, template=name if what == "templates" else None) for name in ("a", "b")]
    with pytest.raises(PlacementError, match=f"nodes 'a', 'b' .* different {what}: 'a.*', 'b.*'"):
        build_plan(Pipeline(nodes), config=config, group_by="single")


def test_unknown_machine_types_are_reported_in_one_error(config: ArgoConfig) -> None:
    """All of them in one error, with the nodes that name them and the likely name."""
    nodes = [make_node("raw", "a", machine_type="gpuu"), make_node("raw", "b", machine_type="zz")]
    with pytest.raises(
        UnknownMachineTypeError, match=r"'gpuu', requested by 'a' and no 'zz'.*\n.*\n.*'gpu'"
    ) as caught:
        build_plan(Pipeline(nodes), config=config)
    assert caught.value.nodes == {"gpuu": ("a",), "zz": ("b",)}


def test_defaults_are_set_once_for_the_project(make_config: Callable[..., ArgoConfig]) -> None:
    """Fields that a node or rule does not set are the project's; the task says where its size comes from."""
    config = make_config(
        resource_defaults={"memory_request": 8, "memory_limit": 8, "cpu_limit": 6},
        rules=[{"match": {"node": "ruled"}, "resources": {"cpu_request": 2}}],
        default_machine_type=None,
    )
    pipeline = Pipeline(
        [
            make_node("raw", "own", argo_config=ARGO_GPU_NODE_MEDIUM),
            make_node("raw", "ruled"),
            make_node("raw", "plain"),
            make_node("raw", "typed", machine_type="gpu"),
        ]
    )
    tasks = {task.name: task for task in build_plan(pipeline, config=config).tasks}
    assert (tasks["own"].resources.num_gpus, tasks["own"].resources.memory_limit) == (1, 8)
    assert (tasks["ruled"].resources.cpu_request, tasks["ruled"].resources.cpu_limit) == (2, 6)
    assert tasks["plain"].resources.memory_request == 8
    assert tasks["typed"].resources.memory_request == 16
    assert {name: task.size_from for name, task in tasks.items()} == {
        "own": "argo_config of node",
        "ruled": "rule: resources",
        "plain": "resource_defaults",
        "typed": "machine type 'gpu' of node",
    }
    (task,) = build_plan(pipeline, config=config, group_by="single").tasks
    assert task.size_from.startswith("maximum of: ")

"""`ArgoNode`, `FusedPipeline` and their tags survive Kedro's operations on pipelines."""

from __future__ import annotations

import pickle
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import AbstractDataset, DataCatalog, MemoryDataset, SharedMemoryDataCatalog
from kedro.pipeline import Node as KedroNode
from kedro.pipeline import Pipeline
from kedro.pipeline.preview_contract import TextPreview
from kedro.runner import ParallelRunner, SequentialRunner, ThreadRunner

from kedro_matrix_ext._node_copies import kept_attributes
from kedro_matrix_ext.argo import (
    ARGO_GPU_NODE_MEDIUM,
    ArgoNode,
    ArgoResourceConfig,
    FusedPipeline,
    Node,
    sum_pipelines,
)
from kedro_matrix_ext.argo.nodes.fused_pipeline import read_group, read_machine_type, read_template
from kedro_matrix_ext.errors import ArgoError, NodeDefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:The 'preview_fn' feature is experimental")


def double(number: int) -> int:
    """Double a number; at module level, so that other processes can import it."""
    return number * 2


def preview() -> TextPreview:
    """Show something in Kedro-Viz."""
    return TextPreview("shown")


class OddNode(KedroNode):
    """A node class of another library, with its own constructor."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(double, source, target, name=f"{source}_to_{target}")
        self.extra = "kept"


class NumberFile(AbstractDataset[int, int]):
    """A number in a file, for other processes to leave behind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> int:
        """Read it."""
        return int(self._path.read_text())

    def save(self, data: int) -> None:
        """Write it."""
        self._path.write_text(str(data))

    def _describe(self) -> dict[str, Any]:
        return {"path": str(self._path)}


def chain(*names: str, **options: Any) -> list[ArgoNode]:
    """Make nodes that each use what the one before makes."""
    return [ArgoNode(double, a, b, name=f"{a}_to_{b}", **options) for a, b in pairwise(names)]


# What Kedro does to pipelines; each keeps at least one node.
REWRITES: dict[str, Callable[[Pipeline], Pipeline]] = {
    "tag": lambda pipeline: pipeline.tag("extra"),
    "tags": lambda pipeline: Pipeline(pipeline, tags=["more"]),
    "namespace": lambda pipeline: Pipeline(pipeline, namespace="outer"),
    "filter": lambda pipeline: pipeline.filter(node_names=[pipeline.nodes[0].name]),
    "only_nodes": lambda pipeline: pipeline.only_nodes(pipeline.nodes[-1].name),
    "from_nodes": lambda pipeline: pipeline.from_nodes(pipeline.nodes[0].name),
    "sum": lambda pipeline: sum([pipeline, Pipeline([])], Pipeline([])),
    "sum_pipelines": lambda pipeline: sum_pipelines([pipeline, pipeline]),
    "nest": lambda pipeline: Pipeline([pipeline]),
    "pickle": lambda pipeline: Pipeline(pickle.loads(pickle.dumps(pipeline.nodes))),
    "rename": lambda pipeline: Pipeline(pipeline, inputs={next(iter(pipeline.inputs())): "renamed"}),
}


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(REWRITES)), max_size=6))
def test_argo_attributes_survive_whatever_kedro_does(rewrites: list[str]) -> None:
    """After any sequence of rewrites every node is an `ArgoNode` with its config, template and group."""
    nodes = chain("a", "b", "c", argo_config=ARGO_GPU_NODE_MEDIUM, template="neo4j")
    pipeline: Pipeline = FusedPipeline(nodes, name="pre-process", template="spark")
    for rewrite in rewrites:
        pipeline = REWRITES[rewrite](pipeline)
    assert pipeline.nodes
    for node in pipeline.nodes:
        assert isinstance(node, ArgoNode)
        assert node.argo_config is ARGO_GPU_NODE_MEDIUM or node.argo_config == ARGO_GPU_NODE_MEDIUM
        assert node.template == "neo4j"
        assert node.fuse_group is not None
        assert (node.fuse_group.name, node.fuse_group.template) == ("pre-process", "spark")


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(REWRITES)), max_size=6))
def test_an_argo_pipeline_is_rewritten_as_the_plain_one_is(rewrites: list[str]) -> None:
    """Names, functions, inputs, outputs, tags and namespaces are at every step those of plain Kedro nodes."""
    plain = Pipeline([KedroNode(double, "a", "b", name="one"), KedroNode(double, "b", "c")])
    fused: Pipeline = FusedPipeline(plain, name="group")
    for rewrite in rewrites:
        plain, fused = REWRITES[rewrite](plain), REWRITES[rewrite](fused)
    assert fused.nodes == plain.nodes
    for ours, theirs in zip(fused.nodes, plain.nodes, strict=True):
        assert isinstance(ours, ArgoNode)
        assert kept_attributes(theirs).items() <= {**kept_attributes(ours), **_cached(theirs)}.items()


def _cached(node: KedroNode) -> dict[str, Any]:
    """What a node has cached beyond what it was made of."""
    return {
        name: value
        for name, value in kept_attributes(node).items()
        if name in {"namespace_prefixes", "inputs"}
    }


def test_a_copy_keeps_all_that_kedro_keeps() -> None:
    """`preview_fn`, `confirms`, tags, namespace and the subclass survive a copy."""

    class OwnNode(ArgoNode):
        """A subclass of ours."""

    node = OwnNode(
        double,
        "a",
        "b",
        name="n",
        tags="t",
        confirms="b",
        namespace="ns",
        preview_fn=preview,
        machine_type="gpu",
        template="spark",
    )
    copy = node.tag("more")
    assert type(copy) is OwnNode
    assert copy == node
    assert copy.confirms == ["b"]
    assert copy.preview() == preview()
    assert copy.tags == {"t", "more"}
    assert (copy.machine_type, copy.template) == ("gpu", "spark")


def test_no_attribute_of_kedros_node_is_lost() -> None:
    """All attributes of Kedro's `Node` survive a copy (checked on every supported Kedro)."""
    plain = KedroNode(double, "a", "b", name="n", tags="t", confirms="b", namespace="ns", preview_fn=preview)
    copy = ArgoNode.from_node(plain).tag([])
    for name, value in kept_attributes(plain.tag([])).items():
        assert kept_attributes(copy)[name] == value


def test_node_is_the_same_class_under_both_names() -> None:
    """`Node` and `ArgoNode` are one class, so either import does."""
    assert Node is ArgoNode


def test_a_node_takes_a_config_or_a_machine_type() -> None:
    """Both together, or something else, is an error that names the node; it is also a `ValueError`."""
    with pytest.raises(NodeDefinitionError, match="'n' has both argo_config and machine_type 'gpu'"):
        ArgoNode(double, "a", "b", name="n", argo_config=ARGO_GPU_NODE_MEDIUM, machine_type="gpu")
    with pytest.raises(ValueError, match="Pass an ArgoResourceConfig"):
        ArgoNode(double, "a", "b", name="n", argo_config="gpu")  # type: ignore[arg-type]
    with pytest.raises(ArgoError, match="machine_type 4"):
        ArgoNode(double, "a", "b", name="n", machine_type=4)  # type: ignore[arg-type]
    with pytest.raises(NodeDefinitionError, match="fused pipeline 'g' has both"):
        FusedPipeline([], "g", argo_config=ARGO_GPU_NODE_MEDIUM, machine_type="gpu")


@pytest.mark.parametrize("name", ["", "two words", "a/b", None, 4])
def test_a_group_has_a_name_that_can_be_a_tag(name: Any) -> None:
    """Names that Kedro would not take for a node or tag are refused."""
    with pytest.raises(NodeDefinitionError, match="is not a name"):
        FusedPipeline([], name)
    with pytest.raises(NodeDefinitionError, match=r"template '\*' of a fused pipeline"):
        FusedPipeline([], "g", template="*")


def test_fusing_keeps_nodes_and_makes_plain_ones_argo_nodes() -> None:
    """Names, functions, inputs and outputs stay; plain nodes are equal to what they become."""
    plain = Pipeline([KedroNode(double, "a", "b"), KedroNode(double, "b", "c", name="second")])
    fused = FusedPipeline(plain, name="group", tags="nightly")
    assert fused.nodes == plain.nodes
    assert set(fused.nodes) == set(plain.nodes)
    assert all(type(node) is ArgoNode and node.tags == {"nightly"} for node in fused.nodes)
    assert [node.func for node in fused.nodes] == [double, double]


def test_nodes_of_other_classes_keep_their_class_and_carry_tags() -> None:
    """Another subclass stays; group, template and machine type are read from its tags."""
    odd = OddNode("a", "b")
    (node,) = FusedPipeline(
        [odd], name="pre-process", template="spark-big", machine_type="n1-standard-4"
    ).nodes
    assert type(node) is OddNode
    assert node.extra == "kept"
    assert node == odd
    assert odd.tags == set()
    wrapped = Pipeline([node], namespace="ns").nodes[0]  # plain Kedro makes a plain node of it
    group = read_group(wrapped)
    assert group is not None
    assert (group.name, group.depth) == ("pre-process", 0)
    assert read_template(wrapped) == "spark-big"
    assert read_machine_type(wrapped) == "n1-standard-4"


def test_a_group_config_cannot_be_written_into_a_tag() -> None:
    """A foreign node in a group with an `argo_config` is refused with the way out."""
    with pytest.raises(NodeDefinitionError, match="a machine_type of"):
        FusedPipeline([OddNode("a", "b")], name="g", argo_config=ARGO_GPU_NODE_MEDIUM)


def test_the_outer_group_takes_over() -> None:
    """Nodes of a fused pipeline inside another are in the outer one, foreign ones too."""
    inner = FusedPipeline(
        [*chain("a", "b"), OddNode("x", "y")], name="inner", machine_type="gpu", template="neo4j"
    )
    for node in FusedPipeline([inner, *chain("b", "c")], name="outer").nodes:
        group = read_group(node)
        assert group is not None
        assert (group.name, group.machine_type) == ("outer", None)
        if node.name != "b_to_c":
            assert read_machine_type(node) == "gpu"
            assert read_template(node) == "neo4j"


def test_the_node_kedro_keeps_decides() -> None:
    """Where two operands of a sum hold one node, the group is that of the operand whose node Kedro keeps."""
    plain = Pipeline(chain("a", "b"))
    fused = FusedPipeline(chain("a", "b"), name="group")
    for left, right in ((plain, fused), (fused, plain)):
        assert read_group((left + right).nodes[0]) == read_group(left.nodes[0])
        assert read_group(sum_pipelines([left, right]).nodes[0]) == read_group(left.nodes[0])


def test_upstream_tags_are_read() -> None:
    """`argowf.fuse-group.<name>` and `argowf.template-<name>` are read, names with hyphens and dots too."""
    node = KedroNode(
        double, "a", "b", tags=["argowf.fuse", "argowf.fuse-group.a-b.fold-1", "argowf.template-neo-4j"]
    )
    group = read_group(node)
    assert group is not None
    assert group.name == "a-b.fold-1"
    assert read_template(node) == "neo-4j"


def test_two_groups_in_tags_are_an_error() -> None:
    """A node with two group tags says both in the error."""
    node = KedroNode(double, "a", "b", name="n", tags=["argowf.fuse-group.x", "argowf.fuse-group.y"])
    with pytest.raises(NodeDefinitionError, match=r"'n'.*group.x' and 'argowf.fuse-group.y'"):
        read_group(node)


@pytest.mark.parametrize("runner", [SequentialRunner, ThreadRunner, ParallelRunner])
def test_runners_run_a_fused_pipeline_as_any_other(runner: Any, tmp_path: Path) -> None:
    """Kedro's runners give the same results, in other processes too, and for one node of a group."""
    catalog_class = SharedMemoryDataCatalog if runner is ParallelRunner else DataCatalog
    nodes = chain("a", "b", "c", argo_config=ArgoResourceConfig(num_gpus=1))
    pipeline = FusedPipeline(nodes, name="group") + Pipeline([KedroNode(double, "c", "d")])
    for part, expected in ((pipeline, ("d", 8)), (pipeline.only_nodes("a_to_b"), ("b", 2))):
        name, value = expected
        result = NumberFile(tmp_path / name)
        runner().run(part, catalog_class({"a": MemoryDataset(1), name: result}))
        assert result.load() == value


def test_importing_argo_nodes_does_not_import_pydantic() -> None:
    """A node module without resources imports only Kedro: no pydantic, no configuration models."""
    code = """
import sys
import kedro.pipeline
before = set(sys.modules)
from kedro_matrix_ext.argo import ArgoNode, FusedPipeline
FusedPipeline([ArgoNode(len, "a", "b", machine_type="small")], name="g")
print(*sorted(name for name in set(sys.modules) - before if not name.startswith("kedro_matrix_ext")))
print(*sorted({"pydantic"} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""


def test_the_argo_package_lists_exactly_what_it_exports() -> None:
    """`dir()` of `kedro_matrix_ext.argo` is its `__all__`, every name can be had, others are errors."""
    from kedro_matrix_ext import argo

    assert dir(argo) == sorted(argo.__all__)
    assert set(argo.__all__) == set(argo._EXPORTS)
    assert all(getattr(argo, name) is not None for name in argo.__all__)
    with pytest.raises(AttributeError, match="no_such"):
        argo.no_such  # noqa: B018  the attribute access is the test


def test_a_copy_takes_our_keywords_too() -> None:
    """Code that copies nodes by `_copy` passes them as Kedro's; resources of one kind replace the other."""
    train = ArgoNode(len, "table", "rows", name="train", machine_type="small", template="spark")
    bigger = train._copy(machine_type="big", name="retrain")
    assert (bigger.name, bigger.machine_type, bigger.template) == ("retrain", "big", "spark")
    config = ArgoResourceConfig(cpu_request=2)
    sized = train._copy(argo_config=config, template=None)
    assert (sized.argo_config, sized.machine_type, sized.template) == (config, None, None)
    assert train._copy(machine_type=None).machine_type is None
    with pytest.raises(NodeDefinitionError, match="has both"):
        train._copy(argo_config=config, machine_type="big")
    with pytest.raises(NodeDefinitionError, match="machine_type 3"):
        train._copy(machine_type=3)

"""Copies of nodes keep everything but their names: the private API of Kedro that this rests on."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from kedro.pipeline import Pipeline, node
from kedro.pipeline.node import Node

from kedro_matrix_ext._node_copies import copy_node, dataset_names
from kedro_matrix_ext.argo import ArgoNode
from kedro_matrix_ext.pipelines import per_namespace, per_variant


class ForgetfulNode(Node):
    """A subclass with an attribute, that does not override how Kedro copies it."""

    def __init__(self, *args: Any, machine: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.machine = machine

    @cached_property
    def first_input(self) -> str:
        """The first of the names it reads."""
        return self.inputs[0]


def _identity(table: object) -> object:
    return table


def _copy(one: Node) -> Node:
    return copy_node(
        one, renamed={name: f"new.{name}" for name in dataset_names(one)}, namespace="new", tags=["tag"]
    )


def test_every_way_of_declaring_names_is_kept() -> None:
    """A name, a list, a dictionary and none at all come out in the form they went in."""
    forms: list[tuple[Any, Any]] = [("a", "new.a"), (["a"], ["new.a"]), ({"table": "a"}, {"table": "new.a"})]
    for declared, renamed in forms:
        copied = _copy(node(_identity, declared, None, name="n"))
        assert copied._inputs == renamed
        assert copied.inputs == ["new.a"]
        assert copied.outputs == []


def test_everything_else_is_kept() -> None:
    """Function, own name, tags, confirmed datasets and preview stay; namespace and tags are added to."""
    original = node(_identity, "a", "b", name="n", tags="old", confirms=["a"], namespace="own")
    copied = _copy(original)
    assert copied.func is _identity
    assert copied.name == "new.own.n"
    assert copied.tags == {"old", "tag"}
    assert copied.confirms == ["new.a"]
    assert original.name == "own.n"
    assert original.tags == {"old"}


def test_a_node_without_a_name_gets_kedros_name_for_its_new_datasets() -> None:
    """Kedro derives such a name from the function and the datasets; the copy's are its own."""
    copied = _copy(node(_identity, "a", "b"))
    assert copied.name == node(_identity, "new.a", "new.b", namespace="new").name


def test_a_subclass_that_copies_itself_is_used_as_it_is() -> None:
    """Argo's node keeps its class and what it runs on, through namespaces, variants and tags."""
    train = ArgoNode(_identity, "a", "b", name="train", machine_type="g2-standard-4", template="gpu")
    made = per_variant(per_namespace(Pipeline([train]), {"price": ["base"]}), {"eu": ["one", "two"]})
    assert [type(one) for one in made.nodes] == [ArgoNode, ArgoNode]
    copied = made.nodes[1]
    assert isinstance(copied, ArgoNode)
    assert copied.name == "eu.two.price.train"
    assert (copied.machine_type, copied.template) == ("g2-standard-4", "gpu")
    assert copied.tags == {"eu", "two", "base"}


def test_a_subclass_that_does_not_copy_itself_keeps_class_and_attributes() -> None:
    """Kedro alone would make a plain node of it; what it has cached of its names is not carried over."""
    original = ForgetfulNode(_identity, "a", "b", name="train", machine="large")
    assert original.first_input == "a"
    copied = _copy(original)
    assert isinstance(copied, ForgetfulNode)
    assert copied.machine == "large"
    assert copied.first_input == "new.a"
    assert copied.inputs == ["new.a"]
    assert copied != original
    assert hash(copied) == hash(node(_identity, "new.a", "new.b", name="train", namespace="new"))


def test_an_attribute_set_on_a_plain_node_survives() -> None:
    """Attributes other than Kedro's own are kept even where the class is Kedro's."""
    original = node(_identity, "a", "b", name="train")
    original.owner = "team"  # type: ignore[attr-defined]
    assert _copy(original).owner == "team"  # type: ignore[attr-defined]

"""Pipelines per namespace and per variant: where the copies go and what they are connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.pipeline import Pipeline, node

from kedro_matrix_ext import dynamic_pipeline_mapping
from kedro_matrix_ext.errors import MappingError
from kedro_matrix_ext.pipelines import per_namespace, per_variant
from kedro_matrix_ext.pipelines.name_templates import parse_template

if TYPE_CHECKING:
    from kedro.pipeline.node import Node

MAPPING = {"reviews_predictor": ["base"], "price_predictor": ["base", "candidate1", "candidate2"]}
INITIAL = {"previous_model": "initial_model"}


def _node(pipeline: Pipeline, name: str) -> Node:
    return next(one for one in pipeline.nodes if one.name == name)


def test_per_namespace_copies_once_for_each_namespace(skeleton: Pipeline) -> None:
    """Each copy has the namespace and is tagged with the variants that need it."""
    made = per_namespace(
        skeleton, MAPPING, inputs={"model_input_table", "previous_model"}, parameters="options"
    )
    assert len(made.nodes) == 6
    split = _node(made, "price_predictor.split")
    assert split.namespace == "price_predictor"
    assert split.tags == {"base", "candidate1", "candidate2"}
    assert split.inputs == ["model_input_table", "params:options"]
    assert split.outputs == ["price_predictor.train@pandas", "price_predictor.test"]
    assert _node(made, "reviews_predictor.evaluate").tags == {"base", "report"}


def test_per_variant_copies_once_for_each_variant(skeleton: Pipeline) -> None:
    """Each copy has namespace and variant in its names, and both as tags."""
    made = per_variant(skeleton, dynamic_pipeline_mapping(MAPPING), inputs={"previous_model"})
    assert len(made.nodes) == 12
    split = _node(made, "price_predictor.candidate1.split")
    assert split.namespace == "price_predictor.candidate1"
    assert split.tags == {"price_predictor", "candidate1"}
    assert split.inputs == [
        "price_predictor.candidate1.model_input_table",
        "params:price_predictor.candidate1.options",
    ]


def test_templates_are_filled_in_for_inputs_outputs_and_parameters(skeleton: Pipeline) -> None:
    """Placeholders stand for the copy's namespace and variant; a engine of transcoding stays."""
    made = per_variant(
        skeleton,
        {"price": ["base", "test-1"]},
        inputs={"model_input_table": "{namespace}.model_input_table", "previous_model": "first_model"},
        outputs={"train": "{variant}_{namespace}_train"},
        parameters={"params:options": "{namespace}.options"},
    )
    split = _node(made, "price.test-1.split")
    assert split.inputs == ["price.model_input_table", "params:price.options"]
    assert split.outputs == ["test-1_price_train@pandas", "price.test-1.test"]
    assert _node(made, "price.test-1.train").inputs == ["test-1_price_train@spark", "first_model"]


def test_previous_variant_is_the_one_before_in_the_list(skeleton: Pipeline) -> None:
    """Each variant reads what the one before it wrote; the first reads the given dataset."""
    made = per_variant(
        skeleton,
        MAPPING,
        inputs={"previous_model": "{namespace}.{previous_variant}.model"},
        first_variant={"previous_model": "{namespace}.initial_model"},
    )
    read = {
        one.namespace: one._inputs["previous_model"]  # type: ignore[call-overload,index]
        for one in made.nodes
        if one.short_name == "train"
    }
    assert read == {
        "reviews_predictor.base": "reviews_predictor.initial_model",
        "price_predictor.base": "price_predictor.initial_model",
        "price_predictor.candidate1": "price_predictor.base.model",
        "price_predictor.candidate2": "price_predictor.candidate1.model",
    }
    order = [one.name for one in made.nodes]
    assert order.index("price_predictor.base.train") < order.index("price_predictor.candidate1.train")


def test_previous_variant_works_for_parameters_with_or_without_their_prefix(skeleton: Pipeline) -> None:
    """A parameter may look back too, and the first variant's stand-in is written as the parameter is."""
    for name in ("options", "params:options"):
        made = per_variant(
            skeleton,
            {"price": ["base", "late"]},
            inputs={"previous_model"},
            parameters={name: "{namespace}.{previous_variant}.options"},
            first_variant={name: "options"},
        )
        assert _node(made, "price.base.split").inputs[1] == "params:options"
        assert _node(made, "price.late.split").inputs[1] == "params:price.base.options"


def test_all_parameters_stay_all_parameters() -> None:
    """A node that reads `parameters` reads them in every copy."""
    skeleton = Pipeline([node(sorted, "parameters", "names", name="names")])
    for keep in (None, "parameters"):
        made = per_variant(skeleton, {"price": ["base"]}, parameters=keep)
        assert made.nodes[0].inputs == ["parameters"]


def test_the_skeleton_may_have_namespaces(skeleton: Pipeline) -> None:
    """The copy's namespace goes before the node's own, in names of datasets and parameters too."""
    namespaced = Pipeline(skeleton, namespace="model", inputs={"model_input_table", "previous_model"})
    made = per_variant(namespaced, {"price": ["base"]}, inputs={"previous_model"})
    split = _node(made, "price.base.model.split")
    assert split.namespace == "price.base.model"
    assert split.inputs == ["price.base.model_input_table", "params:price.base.model.options"]


def test_the_skeleton_stays_as_it_is(skeleton: Pipeline) -> None:
    """Making pipelines of a skeleton changes nothing about it."""
    before = skeleton.to_json()
    per_variant(skeleton, MAPPING, inputs={"previous_model"})
    assert skeleton.to_json() == before


def test_no_namespace_makes_an_empty_pipeline(skeleton: Pipeline) -> None:
    """An empty mapping is not a mistake."""
    assert per_variant(skeleton, {}).nodes == per_namespace(skeleton, {}).nodes == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"inputs": {"model_input_tabel"}}, ["no dataset 'model_input_tabel'", "'model_input_table'"]),
        ({"inputs": {"zzz"}}, ["no dataset 'zzz'", "It has", "model"]),
        ({"inputs": {"train@polars"}}, ["no dataset 'train@polars'", "'train@pandas'"]),
        ({"outputs": {"scores": "{variant}.s"}}, ["no dataset 'scores'", "'score'", "outputs: scores"]),
        ({"parameters": {"option"}}, ["no parameter 'params:option'", "'params:options'"]),
        ({"inputs": {"params:options"}}, ["is a parameter", "'parameters'"]),
        ({"inputs": {"model"}}, ["written by a node", "'outputs'"]),
        ({"outputs": {"previous_model"}}, ["not written by a node", "'inputs'"]),
        ({"parameters": {"parameters": "all"}}, ["'parameters'", "'all'"]),
        ({"inputs": {"previous_model": "{namspace}.x"}}, ["'namspace'", "'namespace'", "{variant}"]),
        ({"inputs": {"previous_model": "{}.x"}}, ["''", "{namespace}"]),
        ({"inputs": {"previous_model": "{variant!r}"}}, ["'variant'", "without format or conversion"]),
        ({"inputs": {"previous_model": "{variant:>9}"}}, ["without format or conversion"]),
        ({"inputs": {"previous_model": "{variant.upper}"}}, ["'variant.upper'"]),
        ({"inputs": {"previous_model": "{variant"}}, ["brace", "inputs: previous_model"]),
        ({"inputs": {"previous_model": 5}}, ["5 is not a name"]),
        ({"inputs": {"previous_model": "{previous_variant}.x"}}, ["first variant", "first_variant={"]),
        ({"inputs": {"previous_model"}, "first_variant": INITIAL}, ["{previous_variant}", "first_variant"]),
        (
            {"inputs": {"previous_model": "{previous_variant}.x"}, "first_variant": {"previus_model": "x"}},
            ["'previous_model'"],
        ),
        (
            {
                "inputs": {"previous_model": "{previous_variant}.x"},
                "first_variant": {"previous_model": "{previous_variant}"},
            },
            ["'previous_variant'", "first_variant: previous_model"],
        ),
        ({"outputs": {"score"}}, ["'score'", "'price.base'", "'price.late'", "{variant}"]),
        ({"outputs": {"score": "{namespace}.score"}}, ["'price.score'", "'price.base'", "'price.late'"]),
    ],
)
def test_what_does_not_fit_the_skeleton_is_an_error_with_a_remedy(
    skeleton: Pipeline, arguments: dict[str, Any], words: list[str]
) -> None:
    """Unknown names and placeholders, wrong arguments and shared outputs are named, with the nearest."""
    with pytest.raises(MappingError) as caught:
        per_variant(skeleton, {"price": ["base", "late"]}, **arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_per_namespace_knows_no_variant(skeleton: Pipeline) -> None:
    """A copy per namespace belongs to all its variants, so `{variant}` has no meaning there."""
    with pytest.raises(MappingError, match=r"'variant' in '\{variant\}\.x'[\s\S]*Known[^{]*\{namespace\}\."):
        per_namespace(skeleton, MAPPING, inputs={"previous_model": "{variant}.x"})


@given(st.text(), st.fixed_dictionaries({"namespace": st.text(max_size=3), "variant": st.text(max_size=3)}))
def test_a_template_renders_as_str_format_does(text: str, values: dict[str, str]) -> None:
    """For any text, what is not refused is filled in as Python fills it in."""
    for template in (text, f"{{namespace}}.{text}", "{{" + text + "}}"):
        try:
            parsed = parse_template(template, known=list(values), place="test")
        except MappingError:
            continue
        assert parsed.render(values) == template.format(**values)

"""Names of workflows under which no two tasks share an id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedro_matrix_ext.argo.manifest import naming
from kedro_matrix_ext.argo.manifest.naming import NameTable, as_label, choose_workflow_name, slugify
from kedro_matrix_ext.argo.manifest.node_ids import find_collision, hash_node, ids_collide
from kedro_matrix_ext.errors import ArgoError

# In a workflow named p-000000, Argo would give these two one id.
COLLIDING = [("", "load-1d4228ad-61987"), ("", "load-2b9086f8-92296")]


@pytest.mark.parametrize(("text", "value"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_the_hash_is_fnv_1a(text: str, value: int) -> None:
    """The published test vectors of 32-bit FNV-1a."""
    assert hash_node(text) == value


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "part-1"]), st.from_regex(r"[a-z]{1,4}", fullmatch=True)), unique=True
    ),
    st.integers(0, 2),
)
def test_a_collision_is_found_exactly_where_two_ids_are_equal(
    paths: list[tuple[str, str]], retries: int
) -> None:
    """The quick answer and the one that names the two agree."""
    assert ids_collide("wf", paths, retries=retries) == bool(find_collision("wf", paths, retries=retries))


def test_a_name_under_which_ids_collide_is_not_taken() -> None:
    """The suffix is rolled again, even one that was asked for; the two that share an id can be named."""
    paths = [("", "other"), *COLLIDING]
    assert ids_collide("p-000000", paths, retries=0)
    assert find_collision("p-000000", paths, retries=0) == tuple(f"p-000000.{name}" for _, name in COLLIDING)
    name = choose_workflow_name("p", kind="Workflow", suffix="000000", paths=paths, retries=3)
    assert name != "p-000000"
    assert not ids_collide(name, paths, retries=3)
    assert choose_workflow_name("p", kind="Workflow", suffix="000001", paths=paths, retries=0) == "p-000001"


def test_giving_up_says_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every name collides, fewer tasks are the remedy."""
    monkeypatch.setattr(naming, "ids_collide", lambda *_, **__: True)
    with pytest.raises(ArgoError, match="100 random names") as caught:
        choose_workflow_name("p", kind="Workflow", suffix=None, paths=[("", "a")], retries=0)
    assert "--group-by" in str(caught.value)


@given(st.lists(st.sampled_from(["a", "a-2", "a-3", "b"])))
def test_no_name_is_given_twice(wanted: list[str]) -> None:
    """Names that look like numbered ones are not an exception."""
    names = NameTable()
    given_names = [names.add(name) for name in wanted]
    assert len(set(given_names)) == len(given_names) == len(names)


@given(st.text())
def test_any_text_makes_a_name_and_a_label(text: str) -> None:
    """Whatever a pipeline or environment is called."""
    assert choose_workflow_name(
        slugify(text, longest=45, default="pipeline"),
        kind="WorkflowTemplate",
        suffix=None,
        paths=[],
        retries=0,
    )
    label = as_label(text)
    assert len(label) <= 63
    assert not label or (label[0].isalnum() and label[-1].isalnum())

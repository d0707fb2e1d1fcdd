"""Equal tasks of a plan, which its page shows as stacks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.argo.report.variants_plan import make_variants_plan

from kedro_matrix_ext.argo.report.critical_path import schedule_tasks
from kedro_matrix_ext.argo.report.stacks import find_stacks, natural_order, title_of


def test_variants_are_stacks_in_natural_order() -> None:
    """The same node of all variants is one stack; v2 comes before v10; other tasks are in no stack."""
    plan = make_variants_plan(12, extra=2)
    stacks = find_stacks(plan.tasks, schedule_tasks(plan.tasks).depth)
    assert [title_of(names) for names in stacks] == ["shop-*-split", "shop-*-train", "shop-*-evaluate"]
    assert stacks[0] == [f"shop-v{number}-split" for number in range(1, 13)]


def test_two_variants_are_no_stack() -> None:
    """Two tasks take as much room as a stack."""
    plan = make_variants_plan(2)
    assert find_stacks(plan.tasks, schedule_tasks(plan.tasks).depth) == []


@given(st.integers(3, 6), st.integers(0, 5))
def test_members_have_the_same_kinds_of_neighbours(variants: int, extra: int) -> None:
    """Folding never joins tasks whose neighbours differ in stack, or are not in a stack and differ."""
    plan = make_variants_plan(variants, extra=extra)
    stacks = find_stacks(plan.tasks, schedule_tasks(plan.tasks).depth)
    unit = {task.name: task.name for task in plan.tasks}
    unit.update({name: title_of(names) for names in stacks for name in names})
    before = {task.name: {unit[name] for name in task.depends_on} for task in plan.tasks}
    for names in stacks:
        assert len({frozenset(before[name]) for name in names}) == 1


@given(st.lists(st.integers(0, 10**6), min_size=2))
def test_numbers_are_ordered_by_value(numbers: list[int]) -> None:
    """As people count."""
    assert sorted([f"v{n}x" for n in numbers], key=natural_order) == [f"v{n}x" for n in sorted(numbers)]


def test_title_has_a_star_for_what_differs() -> None:
    """Whole words only, and never the whole name."""
    assert title_of(["a-v1-b", "a-v11-b"]) == "a-*-b"
    assert title_of(["n1", "n2", "n10"]) == "*"
    assert title_of(["a-x", "a-x-y"]) == "a-*"

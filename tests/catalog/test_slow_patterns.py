"""Patterns whose placeholders could divide a name in millions of ways."""

from __future__ import annotations

import pytest

from kedro_matrix_ext.catalog.errors import CatalogError
from kedro_matrix_ext.catalog.lookup.explained_match import match_dataset

ANY = {"{any}": {"type": "a.C", "filepath": "y"}}


@pytest.mark.parametrize(
    ("placeholders", "separator", "length"),
    [(8, "", 60), (12, "", 100), (6, ".", 80), (5, "_", 200), (3, "", 1000), (2, "", 10_000)],
)
def test_a_pattern_that_would_be_tried_for_minutes_is_named(
    placeholders: int, separator: str, length: int
) -> None:
    """With and without text between its placeholders, by a long name too."""
    pattern = separator.join(f"{{p{number}}}" for number in range(placeholders)) + "X"
    with pytest.raises(CatalogError, match="too many for a name") as raised:
        match_dataset({pattern: {"type": "a.B", "filepath": "x"}, **ANY}, "a." * (length // 2))
    assert pattern in str(raised.value)


@pytest.mark.parametrize("placeholders", [1, 2, 3, 4, 5])
def test_patterns_of_real_projects_are_matched(placeholders: int) -> None:
    """A namespace, a variant, a layer and more, in names of fifty characters."""
    pattern = ".".join(f"{{p{number}}}" for number in range(placeholders))
    name = ".".join(["a_long_name"[: 50 // placeholders]] * placeholders)
    match = match_dataset({pattern: {"type": "a.B", "filepath": "x"}}, name)
    assert match.entry == pattern

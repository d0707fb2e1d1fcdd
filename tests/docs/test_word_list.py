"""The check of our prose for words that have a plainer one."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from tests.docs.word_list import find_words, main, mask_markdown, mask_python

if TYPE_CHECKING:
    from pathlib import Path


def _in_python(source: str, *, all_strings: bool = True) -> list[tuple[int, str]]:
    return [found[:2] for found in find_words(mask_python(dedent(source), all_strings=all_strings))]


def _in_markdown(text: str) -> list[tuple[int, str]]:
    return [found[:2] for found in find_words(mask_markdown(dedent(text)))]


@pytest.mark.parametrize(
    ("prose", "word"),
    [
        ("It is no mapping.", "is no"),
        ("Whether it\nis\n  no mapping.", "is no"),
        ("templates which argo.yml has not", "has not"),
        ("the key that it has not, or one more", "has not"),
        ("Load it anew.", "anew"),
        ("What is missing is told.", "told"),
        ("a token of its own", "of its own"),
    ],
)
def test_habit_is_found(prose: str, word: str) -> None:
    """A word or phrase of the list is found, also across the end of a line."""
    assert [found.word for found in find_words(prose)] == [word]


@pytest.mark.parametrize(
    "prose",
    [
        "There is no template.",
        "where there are no more tasks",
        "It is no longer read.",
        "The workflow has not started.",
        "one of its own templates",
        "stand-in",
        "It stands for the model.",
        "`anew` and a_value_told",
    ],
)
def test_good_english_passes(prose: str) -> None:
    """Words that are part of good English are not found."""
    assert find_words(mask_markdown(prose)) == []


def test_python_is_checked_where_people_read_it() -> None:
    """Comments, docstrings and messages are checked; names, doctests and replacement fields are not."""
    source = '''
        """Mend it.

        >>> mend("anew")
        'anew'

        Again mend it.
        """
        mend = told(f"{anew} is no {mend!r}", "shall")  # beside
        # over two
        # lines: at
        # once
    '''
    assert _in_python(source) == [
        (2, "Mend"),
        (7, "mend"),
        (9, "beside"),
        (9, "is no"),
        (9, "shall"),
        (11, "at once"),
    ]


def test_strings_of_tests_are_samples() -> None:
    """In tests, strings other than docstrings are data."""
    assert _in_python('"""Shall."""\nx = "shall"\n', all_strings=False) == [(1, "Shall")]


def test_blocks_of_code_keep_their_comments() -> None:
    """In Markdown, text and the comments of code are checked; code and quoted output are not."""
    text = """
        It shall run, `as told`, [beside](beside.md).

        ```yaml
        shall: told # anew
        ```

        ```console
        $ kedro run  # anew
        told
        ```
    """
    assert _in_markdown(text) == [(2, "beside"), (2, "shall"), (5, "anew")]


def test_file_line_and_plain_word_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A finding is one line, and the status is 1; a clean file gives 0 and no output."""
    bad, good = tmp_path / "bad.md", tmp_path / "good.md"
    bad.write_text("One.\n\nIt shall run.\n")
    good.write_text("It runs.\n")
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == ""
    assert main([str(bad), str(good)]) == 1
    assert "bad.md:3: 'shall': write must" in capsys.readouterr().out

"""The conventions for running pages of documentation."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from tests.documentation_page import Page, PageError, PageRun

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject


def _page(text: str) -> Page:
    return Page.parse(dedent(text).lstrip("\n"), "page.md")


def _run(text: str, project: KedroProject) -> None:
    PageRun(_page(text), project).run()


def test_titled_block_becomes_a_file_of_the_project(project: KedroProject) -> None:
    """A block with a title is written as that file, without the indentation of its fence."""
    text = """
        1. Write:

           ```yaml title="conf/base/globals.yml"
           paths:
             base: data
           ```
    """
    _run(text, project)
    assert project.read("conf/base/globals.yml") == "paths:\n  base: data\n"


def test_file_name_above_a_block_is_its_title(project: KedroProject) -> None:
    """A line that is only a file's name in backticks names the block below it; other text does not."""
    text = """
        `note.txt`

        ```text
        one
        ```

        Not `other.txt`

        ```text
        two
        ```
        ```text
        three
        ```
    """
    _run(text, project)
    assert project.read("note.txt") == "one\n"
    assert not (project.path / "other.txt").exists()


def test_front_matter_may_be_a_comment() -> None:
    """GitHub and PyPI show front matter, but no comments."""
    assert _page("<!--\nproject: none\nrequires: [mlflow]\n-->\n# Title\n").requires == ("mlflow",)


def test_titled_block_keeps_its_own_indentation(project: KedroProject) -> None:
    """Indentation that all lines share is part of the file."""
    page = Page.parse('```text title="note.txt"\n  a\n  b\n```\n', "page.md")
    PageRun(page, project).run()
    assert project.read("note.txt") == "  a\n  b\n"


def test_title_outside_the_project_is_refused(project: KedroProject) -> None:
    """A page writes only into its project."""
    with pytest.raises(PageError, match=r"page\.md:2: '\.\./other' is not inside the project"):
        _run('```text title="../other"\nx\n```', project)


def test_commands_run_in_order_and_their_output_is_compared(project: KedroProject) -> None:
    """Commands see the files of earlier blocks; dots elide; white space does not count."""
    text = """
        ```text title="shelf.txt"
        apples 3
        ```
        ```console
        $ cat shelf.txt
        apples    3
        $ echo one two \\
        > three
        one ... three
        $ touch done
        ```
    """
    _run(text, project)
    assert (project.path / "done").exists()


def test_changed_folder_holds_for_what_follows(project: KedroProject) -> None:
    """After `cd`, commands run and files are written in that folder, which is inside the project."""
    _run(
        '```console\n$ mkdir a\n$ cd a\n```\n```text title="b.txt"\nx\n```\n```console\n$ ls\nb.txt\n```',
        project,
    )
    assert project.read("a/b.txt") == "x\n"
    with pytest.raises(PageError, match=r"page\.md:2: '\.\.' is not inside the project"):
        _run("```console\n$ cd ..\n```", project)


def test_command_without_expected_lines_may_print_anything(project: KedroProject) -> None:
    """A command that shows no output on the page has only its status checked."""
    _run("```console\n$ echo anything\n```", project)


def test_other_output_is_reported_with_the_place(project: KedroProject) -> None:
    """Output that differs fails with page, line, command, expected and actual output."""
    with pytest.raises(PageError, match=r"(?s)page\.md:3: \$ echo pears.*apples.*pears"):
        _run("```console\n$ true\n$ echo pears\napples\n```", project)


def test_status_is_zero_unless_the_command_says_otherwise(project: KedroProject) -> None:
    """`# exit N` expects that status; without it a command has to succeed."""
    _run("```console\n$ exit 3  # exit 3\n```", project)
    with pytest.raises(PageError, match=r"exited 3, not 0"):
        _run("```console\n$ exit 3\n```", project)
    with pytest.raises(PageError, match=r"exited 0, not 1"):
        _run("```console\n$ true  # exit 1\n```", project)


def test_standard_error_is_output_too(project: KedroProject) -> None:
    """Standard error is compared too, in the order in which a reader sees it."""
    _run("```console\n$ echo oops >&2\noops\n```", project)


def test_command_that_uses_the_network_is_ended(project: KedroProject) -> None:
    """A command reaches this machine only, and cannot hide an attempt by catching the error."""
    text = """
        ```text title="reach.py"
        import contextlib, socket, sys
        with contextlib.suppress(BaseException):
            socket.create_connection((sys.argv[1], 9), timeout=1)
        ```
        ```console
        $ python reach.py localhost
        $ python reach.py 127.0.0.1
        $ python reach.py example.com  # exit 97
        network: socket.getaddrinfo to 'example.com'
        ```
    """
    _run(text, project)


def test_doctests_of_a_page_share_their_names(project: KedroProject) -> None:
    """A later block uses names that an earlier one defined."""
    text = """
        ```python
        >>> total = 3
        ```
        ```python
        >>> total + 1
        4
        ```
    """
    _run(text, project)


def test_failing_doctest_is_reported_with_its_line(project: KedroProject) -> None:
    """A doctest with another result fails with its line on the page."""
    with pytest.raises(PageError, match=r"(?s)line 4.*Expected:\s+3\s+Got:\s+2"):
        _run("Text.\n\n```python\n>>> 1 + 1\n3\n```", project)


def test_other_blocks_are_only_shown(project: KedroProject) -> None:
    """Blocks of other languages, and Python without a prompt, are not run."""
    _run("```sh\nexit 1\n```\n```python\nraise SystemExit\n```\n```\n$ exit 1\n```", project)


def test_longer_fence_holds_a_shorter_one() -> None:
    """A block shown inside a block is text of the outer one."""
    (block,) = _page("````text\n```console\n$ exit 1\n```\n````").blocks
    assert block.text == "```console\n$ exit 1\n```\n"


def test_front_matter_names_project_and_requirements() -> None:
    """A page may run in an example project and say which modules it needs."""
    page = _page("---\nproject: spaceflights\nrequires: [mlflow]\n---\n# Title\n")
    assert (page.project, page.requires) == ("spaceflights", ("mlflow",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "---\nprojekt: x\n---\n",
            r"page\.md:1: front matter has 'project' and 'requires', not \['projekt'\]",
        ),
        ("text\n```python\n>>> 1\n", r"page\.md:2: the block is not closed"),
    ],
)
def test_page_that_breaks_the_conventions_is_refused(text: str, message: str) -> None:
    """A mistyped key and a block without an end are errors with their place."""
    with pytest.raises(PageError, match=message):
        _page(text)


def test_console_block_without_a_prompt_is_refused(project: KedroProject) -> None:
    """Output without a command is an error."""
    with pytest.raises(PageError, match=r"line 2: a console block starts with"):
        _run("```console\nkedro run\n```", project)

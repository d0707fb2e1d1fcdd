"""Run pages of documentation as tests: their blocks, in order, in a Kedro project.

A block with a title is written as that file, and so is a block below a line that is only a file's name in
backticks, since GitHub and PyPI do not show titles. A ``console`` block holds ``$ command`` lines, each
followed by the expected output: ``...`` elides, white space is normalised, without lines any output will do.
``$ command  # exit 1`` expects that status, and ``$ cd folder`` applies to the rest of the page. A ``python``
block with ``>>>`` is a doctest; its names are known to the rest of the page. Other blocks are only shown.
Commands reach this machine only. Front matter, or an HTML comment at the top, may name an example ``project``
to run in, or ``none`` for an empty folder, and the modules that the page ``requires``.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.kedro_project import KedroProject

__all__ = ["Block", "Command", "Page", "PageError", "PageRun"]

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^`]*)$")
_TITLE = re.compile(r'title="(?P<title>[^"]*)"')
_FILE_NAME = re.compile(r"^`(?P<title>[^`\s]+)`$")
_FRONT_MATTER = re.compile(r"(?:---|<!--)\n(?P<yaml>.*?)^(?:---|-->)\n", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"\s+# exit (?P<status>\d+)$")
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_ENVIRONMENT = {
    "COLUMNS": "200",
    "NO_COLOR": "1",
    "DO_NOT_TRACK": "1",
    "PYTHONPATH": str(Path(__file__).parent / "offline"),  # its sitecustomize ends what uses the network
}


class PageError(Exception):
    """A page that breaks the conventions, or a block that does not do what the page says."""


@dataclass(frozen=True)
class Command:
    """A command of a ``console`` block.

    Attributes:
        text: What the shell runs.
        status: The exit status it should have.
        output: What it should print; empty where any output will do.
        line: Its line on the page.
    """

    text: str
    status: int
    output: str
    line: int


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: The first word after the fence.
        title: The file it is written to.
        text: Its text without the fence's indentation.
        line: The line of its first line of text on the page.
    """

    language: str
    title: str | None
    text: str
    line: int

    def commands(self) -> list[Command]:
        """Read the commands of a ``console`` block, each with the output below it."""
        commands: list[Command] = []
        lines = iter(enumerate(self.text.splitlines(), self.line))
        for number, line in lines:
            if line.startswith("$ "):
                commands.append(_read_command(line[2:], number, lines))
            elif not commands:
                raise PageError(f"line {number}: a console block starts with a '$ command' line")
            else:
                last = commands.pop()
                commands.append(Command(last.text, last.status, f"{last.output}{line}\n", last.line))
        return commands


@dataclass(frozen=True)
class Page:
    """A page of documentation.

    Attributes:
        name: How messages call it.
        project: The example it runs in, ``none`` for an empty folder; by default a throwaway project named
            ``shop``.
        requires: Modules without which it cannot run.
        blocks: Its fenced blocks, in order.
    """

    name: str
    project: str | None
    requires: tuple[str, ...]
    blocks: tuple[Block, ...]

    @classmethod
    def read(cls, file: Path, name: str) -> Page:
        """Read a page from its file."""
        return cls.parse(file.read_text(), name)

    @classmethod
    def parse(cls, text: str, name: str) -> Page:
        """Read a page from its text."""
        front = _read_front_matter(text, name)
        requires = tuple(front.get("requires", ()))
        return cls(name, front.get("project"), requires, tuple(_read_blocks(text, name)))


@dataclass
class PageRun:
    """A run of a page in a project; its doctests share their names.

    Attributes:
        page: The page.
        project: The project it works in.
        folder: The current folder; at first the project's root.
    """

    page: Page
    project: KedroProject
    names: dict[str, Any] = field(default_factory=dict)
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.project.path.resolve()

    def run(self) -> None:
        """Run each block, in order; the first that fails ends the run."""
        for block in self.page.blocks:
            if block.title is not None:
                self._write(block, block.title)
            elif block.language == "console":
                for command in block.commands():
                    self._run_command(command)
            elif block.language == "python" and ">>>" in block.text:
                self._run_doctest(block)

    def _write(self, block: Block, title: str) -> None:
        file = self._inside(title, block.line)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)

    def _inside(self, name: str, line: int) -> Path:
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.project.path.resolve()):
            raise PageError(f"{self._at(line)}: {name!r} is not inside the project")
        return path

    def _run_command(self, command: Command) -> None:
        if command.text.startswith("cd "):
            self.folder = self._inside(command.text.removeprefix("cd "), command.line)
            return
        folder = os.path.dirname(sys.executable)  # noqa: PTH120  a link to Python stays what it is
        path = os.pathsep.join([folder, os.environ["PATH"]])
        ran = subprocess.run(
            ["bash", "-c", command.text],  # noqa: S607  pages are written for a POSIX shell
            cwd=self.folder,
            env={**os.environ, **_ENVIRONMENT, "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        where = f"{self._at(command.line)}: $ {command.text}"
        if ran.returncode != command.status:
            raise PageError(f"{where}\nexited {ran.returncode}, not {command.status}:\n{ran.stdout}")
        checker, example = doctest.OutputChecker(), doctest.Example(command.text, command.output)
        if command.output.strip() and not checker.check_output(command.output, ran.stdout, _FLAGS):
            raise PageError(f"{where}\n{checker.output_difference(example, ran.stdout, _FLAGS)}")

    def _run_doctest(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(
            block.text, self.names, self.page.name, self.page.name, block.line - 1
        )
        test.globs = self.names  # not the copy that the parser made: the page's next block goes on with it
        report: list[str] = []
        failed = doctest.DocTestRunner(optionflags=_FLAGS).run(test, out=report.append, clear_globs=False)
        if failed.failed:
            raise PageError(f"{self._at(block.line)}: doctest\n{''.join(report)}")

    def _at(self, line: int) -> str:
        return f"{self.page.name}:{line}"


def _read_command(text: str, line: int, lines: Iterator[tuple[int, str]]) -> Command:
    """Read a command and the lines that a backslash at its end joins to it."""
    while text.endswith("\\"):
        text += "\n" + next(lines, (0, ""))[1].removeprefix("> ")
    status = _EXIT.search(text)
    return Command(_EXIT.sub("", text), int(status["status"]) if status else 0, "", line)


def _read_front_matter(text: str, name: str) -> dict[str, Any]:
    matched = _FRONT_MATTER.match(text)
    front = (yaml.safe_load(matched["yaml"]) if matched else None) or {}
    if unknown := set(front) - {"project", "requires", "hide"}:  # the last is for the site
        raise PageError(f"{name}:1: front matter has 'project' and 'requires', not {sorted(unknown)}")
    return dict(front)


def _read_blocks(text: str, name: str) -> Iterator[Block]:
    lines = iter(enumerate(text.splitlines(), 1))
    above = ""
    for number, line in lines:
        if opening := _FENCE.match(line):
            block = _read_block(opening, lines, f"{name}:{number}", number + 1)
            file_name = _FILE_NAME.match(above)
            yield replace(block, title=file_name["title"]) if file_name else block
        above = line.strip() or above


def _read_block(opening: re.Match[str], lines: Iterator[tuple[int, str]], where: str, first: int) -> Block:
    body: list[str] = []
    for _, line in lines:
        closing = _FENCE.match(line)
        if closing and not closing["info"].strip() and len(closing["fence"]) >= len(opening["fence"]):
            language, _, rest = opening["info"].strip().partition(" ")
            title = _TITLE.search(rest)
            text = "".join(f"{row.removeprefix(opening['indent'])}\n" for row in body)
            return Block(language, title["title"] if title else None, text, first)
        body.append(line)
    raise PageError(f"{where}: the block is not closed")

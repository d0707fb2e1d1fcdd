"""Parse a Dockerfile into stages and instructions."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Instruction", "Stage", "expand", "parse_dockerfile"]


@dataclass(frozen=True)
class Instruction:
    """An instruction.

    Attributes:
        word: ``RUN``, ``COPY``, ...
        options: Its options, as ``--from=uv``.
        text: What follows them.
    """

    word: str
    options: tuple[str, ...]
    text: str

    @property
    def words(self) -> list[str]:
        """Its arguments, whether written as JSON or not."""
        if self.text.startswith("["):
            listed: list[str] = json.loads(self.text)
            return listed
        return shlex.split(self.text)

    @property
    def mounts(self) -> list[dict[str, str]]:
        """Its mounts; each field by its name."""
        return [
            dict(field.split("=", 1) for field in option.removeprefix("--mount=").split(","))
            for option in self.options
            if option.startswith("--mount=")
        ]

    def option(self, name: str) -> str | None:
        """Return the value of an option."""
        values = [option.partition("=")[2] for option in self.options if option.startswith(f"--{name}=")]
        return values[0] if values else None


@dataclass(frozen=True)
class Stage:
    """A stage; the arguments before the first one are a stage without a base.

    Attributes:
        base: The image or the stage that it begins with.
        name: Its name; empty if it has none.
        instructions: What follows ``FROM``.
    """

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def named(self, word: str) -> list[Instruction]:
        """Return the instructions of one kind."""
        return [instruction for instruction in self.instructions if instruction.word == word]

    @property
    def shell(self) -> str:
        """All that it runs."""
        return "\n".join(instruction.text for instruction in self.named("RUN"))


def parse_dockerfile(text: str) -> list[Stage]:
    """Parse the text of a Dockerfile; comments are left out, continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    stages = [Stage("", "")]
    for line in joined.splitlines():
        if not line.strip():
            continue
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name.strip()))
            continue
        options = []
        while rest.startswith("--"):
            option, rest = rest.split(maxsplit=1)
            options.append(option)
        stages[-1].instructions.append(Instruction(word, tuple(options), rest.strip()))
    return stages


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``$NAME`` and ``${NAME}``; a variable that nothing sets is an error."""
    return Template(text).substitute(variables)

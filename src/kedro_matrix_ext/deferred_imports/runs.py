"""Which modules ran although a pattern names them, and why."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ModuleRun", "add_module_run", "forget_module_runs", "list_module_runs"]


@dataclass(frozen=True)
class ModuleRun:
    """A module that a pattern matches and that ran before one of its functions was called.

    Attributes:
        module: Its name.
        file: Its file.
        line: The line of what made it run; 0 if it has no line.
        reason: What made it run.
    """

    module: str
    file: str
    line: int
    reason: str


_RUNS: list[ModuleRun] = []


def list_module_runs() -> list[ModuleRun]:
    """List the modules that ran although they match a pattern, in the order in which they ran."""
    return list(_RUNS)


def add_module_run(run: ModuleRun) -> None:
    """Remember a module that ran."""
    _RUNS.append(run)


def forget_module_runs() -> None:
    """Clear the list, since the settings are read again."""
    _RUNS.clear()

"""What an explanation says: a tree of values and resolver calls, the value that was asked for on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from kedro_matrix_ext._secrets import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.catalog.lookup.explained_match import PatternMatch
    from kedro_matrix_ext.config.inspection.provenance import Definition

__all__ = ["Explanation", "ResolverCall", "Step"]


@dataclass(frozen=True)
class Explanation:
    """Where one value comes from.

    Attributes:
        config_type: ``parameters``, ``catalog``, ...
        keys: Its key path.
        value: What Kedro would use.
        via: What refers to it, as in ``${globals:paths.base}``; empty for the value that was asked for.
        written: The place that counts; None where no file gives the key path itself.
        merged: Places below whose mappings are merged into it, the nearest first.
        overridden: Places below that it overrides, the nearest first.
        steps: What it was made from.
        notes: What else there is to know, a sentence each.
        match: Of a dataset, how its catalog entry was found.
        shown: The value with its secrets replaced.
    """

    config_type: str
    keys: Keys
    value: Any
    via: str = ""
    written: Definition | None = None
    merged: tuple[Definition, ...] = ()
    overridden: tuple[Definition, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    match: PatternMatch | None = None
    shown: Any = None

    @property
    def is_secret(self) -> bool:
        """Whether the value is not to be shown: it looks like a secret, or is made from one."""
        if isinstance(self.value, (dict, list)):
            return False
        return self.shown == REDACTED or _any_secret(self.steps)


@dataclass(frozen=True)
class ResolverCall:
    """One call of a resolver.

    Attributes:
        expression: As the configuration has it, as in ``${oc.env:BUCKET}``.
        name: The resolver's name.
        arguments: The values it was given.
        value: What it gave, or the part of it that is explained.
        source: Where it took that from, where it took it from outside the configuration.
        variable: The environment variable it looked up.
        steps: What its arguments were made from; of a merge, the argument that gives the value.
        overridden: Of a merge, the same value in arguments before that one.
        is_secret_source: Whether it looked up a secret outside the configuration.
    """

    expression: str
    name: str
    arguments: tuple[Any, ...]
    value: Any
    source: str = ""
    variable: str | None = None
    steps: tuple[Step, ...] = ()
    overridden: tuple[Step, ...] = ()
    is_secret_source: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether the value is not to be shown."""
        return self.is_secret_source or _any_secret(self.steps)


Step = Union[Explanation, ResolverCall]  # noqa: UP007  the classes refer to it by name


def _any_secret(steps: Iterable[Step]) -> bool:
    return any(step.is_secret for step in steps)

"""The trail of a resolution: which values are being resolved because which others refer to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import Keys, render_config_path, render_key_path
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import InterpolationError, KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_DEPTH", "EvaluationStack"]

MAX_DEPTH = 120
"""Of values that need each other or hold each other; well within Python's own depth."""

_LONG = 12  # places of a chain that a message shows, from both ends


@dataclass(frozen=True)
class EvaluationStack:
    """What is being resolved, the outermost first, and the errors that name it.

    Args:
        config_type: ``parameters``, ``catalog``, ...
        locate: Gives the file and line where a key path is set.

    Attributes:
        active: Per value being resolved its key path, in the order in which they were begun.
    """

    config_type: str
    locate: Callable[[Keys], tuple[str | None, int | None]]
    active: dict[tuple[Keys, int], Keys] = field(default_factory=dict)

    @property
    def current(self) -> Keys:
        """The key path of the value begun last; the root where there is none."""
        return next(reversed(self.active.values()), ())

    def place(self, keys: Keys) -> str:
        """Write a key path with the file and line that set it."""
        file, line = self.locate(keys)
        place = render_config_path(self.config_type, keys)
        return f"{place} ({file}:{line})" if file else place

    def problem(
        self, message: str, *, hint: str | None = None, closing: Keys | None = None
    ) -> InterpolationError:
        """Make an error at the value begun last, with the chain that led to it.

        Args:
            message: What is wrong.
            hint: What to do.
            closing: Where a circle closes.

        Returns:
            The error, to be raised.
        """
        places = [place for place in self.active.values() if place]
        inner = [*places[1:], None]
        chain = [place for place, after in zip(places, inner, strict=True) if not _holds(place, after)]
        if closing is not None:
            chain.append(closing)
        if len(chain) > _LONG:
            chain = [*chain[: _LONG // 2], *chain[-_LONG // 2 :]]
        file, line = self.locate(self.current)
        return InterpolationError(
            message,
            config_path=render_config_path(self.config_type, self.current),
            file=file,
            line=line,
            hint=hint or None,
            chain=tuple(map(self.place, chain)),
        )

    def missing_key_error(self, target: Keys, parent: Any) -> InterpolationError:
        """Make the error of a reference to a key that its mapping does not have."""
        siblings = [str(key) for key in parent] if isinstance(parent, dict) else []
        return self.problem(
            f"the key {render_key_path(target)!r} that this refers to does not exist",
            hint=did_you_mean(str(target[-1]), siblings),
        )

    def cycle(self, keys: Keys) -> InterpolationError:
        """Make the error of a value that needs itself."""
        return self.problem(f"{render_key_path(keys)!r} refers to itself", closing=keys)

    def too_deep(self) -> InterpolationError:
        """Make the error of a value that needs, or stands in, too many others."""
        return self.problem(
            "this is nested or referred to too deeply",
            hint=f"Values may need each other, or stand in each other, {MAX_DEPTH} deep. Write what is "
            "referred to before what refers to it, or refer to the end of the chain. Or is it a circle?",
        )

    def resolver_failed(self, name: str, arguments: list[Any], error: Exception) -> InterpolationError:
        """Make the error of a resolver that raised; the caller sets it as the cause."""
        if isinstance(error, KedroMatrixError):
            return self.problem(error.message, hint=error.hint)
        given = ", ".join(map(_abridged, arguments))
        return self.problem(f"{name}({given}) raised {type(error).__name__}: {error}")


def _holds(outer: Keys, inner: Keys | None) -> bool:
    """Whether one value is only the container of the next."""
    return inner is not None and inner[: len(outer)] == outer


def _abridged(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."

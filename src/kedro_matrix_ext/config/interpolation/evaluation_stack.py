"""Which values are being evaluated, because which others refer to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from kedro_matrix_ext._config_path import Keys, render_config_path, render_key_path
from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext._secrets import describe_value
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.config.errors import InterpolationError, MissingKeyError, interpolation_error_like
from kedro_matrix_ext.config.interpolation.grammar import Literal
from kedro_matrix_ext.errors import KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.config.interpolation.grammar import Call, Expression

__all__ = ["MAX_DEPTH", "EvaluationStack", "Recorder"]

MAX_DEPTH = 120
"""The limit of values that refer to each other or contain each other; well within Python's own limit."""

_LONGEST = 60  # characters of an argument that a message shows
_LONG = 12  # places of a chain that a message shows, from both ends


class Recorder(Protocol):
    """Records what an evaluator evaluates, as ``explain`` needs it."""

    def record(self, kind: str, keys: Keys, node: Any, evaluate: Callable[[], Any]) -> Any:
        """Evaluate and return the value; what is evaluated meanwhile belongs to it.

        ``kind`` is ``value`` (``node`` is a raw node), ``reference``, ``call``, ``text`` (``node`` is the
        expression) or ``redirect`` (``node`` is the text of a reference on the way to a key below it).
        """

    def lead_to(self, keys: Keys) -> None:
        """Record where the reference or redirect that is being evaluated leads."""

    def reuse(self, keys: Keys, node: Any) -> None:
        """Record that a value is used that was evaluated before."""

    def wrap(self, name: str, resolver: Callable[..., Any]) -> Callable[..., Any]:
        """Return the resolver, its calls recorded."""


@dataclass(frozen=True)
class EvaluationStack:
    """The values being evaluated, the outermost first, and the errors that name them.

    Args:
        config_type: ``parameters``, ``catalog``, ...
        locate: Returns the file and line where a key path is set.

    Attributes:
        active: The key path of each value being evaluated, the outermost first.
    """

    config_type: str
    locate: Callable[[Keys], tuple[str | None, int | None]]
    active: dict[tuple[Keys, int], Keys] = field(default_factory=dict)

    @property
    def current(self) -> Keys:
        """The key path of the innermost value; the root if there is none."""
        return next(reversed(self.active.values()), ())

    def push(self, mark: tuple[Keys, int], keys: Keys) -> None:
        """Put a value on the stack; the caller removes its mark. Refuse a cycle and too many levels."""
        if mark in self.active:
            raise self.cycle(keys)
        if len(self.active) >= MAX_DEPTH:
            raise self.too_deep()
        self.active[mark] = keys

    def place(self, keys: Keys) -> str:
        """Write a key path with the file and line that set it."""
        file, line = self.locate(keys)
        place = render_config_path(self.config_type, keys)
        return f"{place} ({file}:{line})" if file else place

    def problem(
        self,
        message: str,
        *,
        hint: str | None = None,
        closing: Keys | None = None,
        error_class: type[InterpolationError] = InterpolationError,
    ) -> InterpolationError:
        """Return an error at the innermost value, with the references that led to it.

        ``closing`` is the key path at which a cycle closes.
        """
        places = [place for place in self.active.values() if place]
        inner = [*places[1:], None]
        chain = [place for place, after in zip(places, inner, strict=True) if not _holds(place, after)]
        if closing is not None:
            chain.append(closing)
        if len(chain) > _LONG:
            chain = [*chain[: _LONG // 2], *chain[-_LONG // 2 :]]
        file, line = self.locate(self.current)
        return error_class(
            scrub(message),
            config_path=render_config_path(self.config_type, self.current),
            file=file,
            line=line,
            hint=scrub(hint) if hint else None,
            chain=tuple(map(self.place, chain)),
        )

    def missing_key_error(self, target: Keys, parent: Any) -> InterpolationError:
        """Return the error of a reference to a key that its mapping does not have."""
        keys = parent if isinstance(parent, dict) else ()
        siblings = [str(key) for key in keys if (*target[:-1], key) != self.current]
        return self.problem(
            f"the key {render_key_path(target)!r} that this refers to does not exist",
            hint=did_you_mean(str(target[-1]), siblings),
            error_class=MissingKeyError,
        )

    def cycle(self, keys: Keys) -> InterpolationError:
        """Return the error of a value that refers to itself."""
        return self.problem(f"{render_key_path(keys)!r} refers to itself", closing=keys)

    def too_deep(self) -> InterpolationError:
        """Return the error of a value with too many references or levels above it."""
        return self.problem(
            "this is nested or referred to too deeply",
            hint=f"References and nesting may be {MAX_DEPTH} levels deep. Shorten the reference chain, or "
            "check it for a cycle.",
        )

    def resolver_failed(self, call: Call, arguments: list[Any], error: Exception) -> InterpolationError:
        """Return the error of a resolver that raised; the caller sets the cause."""
        if isinstance(error, KedroMatrixError):
            return self.problem(error.message, hint=error.hint, error_class=interpolation_error_like(error))
        given = ", ".join(map(_show_argument, call.arguments, arguments))
        return self.problem(f"{call.name}({given}) raised {type(error).__name__}: {error}")


def _holds(outer: Keys, inner: Keys | None) -> bool:
    """Check whether one value only contains the next."""
    return inner is not None and inner[: len(outer)] == outer


def _show_argument(written: Expression, value: object) -> str:
    """Show what the configuration itself says; a value from elsewhere may be a secret."""
    text = repr(value) if isinstance(written, Literal) else describe_value(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."

"""Parameters that a node's type hint refuses: Kedro builds pydantic models and dataclasses of them."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._node_copies import input_arguments
from kedro_matrix_ext.catalog.parameter_names import PARAMETER_PREFIX
from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.injection.decorators.kedro_validation import (
    accepts_none,
    build_hinted,
    model_hint,
    read_hints,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kedro.pipeline.node import Node

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext._section import ModelError

__all__ = ["check_typed_parameters"]

_TEXT_EXPECTED = ("string_type", "bytes_type", "path_type", "url_type", "uuid_type")  # pydantic's names


def check_typed_parameters(
    nodes: Iterable[Node],
    values: Mapping[str, Any],
    *,
    locate: Callable[[Sequence[Any]], Location],
    show_quoted: Callable[[Sequence[Any], object], str],
) -> Iterator[Finding]:
    """Build what Kedro's validation of parameters builds when a session starts.

    The rules are those of ``kedro.validation``: only ``params:`` inputs, hints that are a pydantic model or a
    dataclass, by itself or with None. ``show_quoted`` says how a number or boolean is written as text.

    Yields:
        A finding ``typed-parameter-refused`` per mistake in a parameter.
    """
    seen: set[tuple[str, Any]] = set()
    for node in nodes:
        for argument, name in _parameters_of(node).items():
            if name not in values:
                continue
            hint = read_hints(node.func).get(argument)
            model = model_hint(hint)
            if model is None or (name, model) in seen:
                continue
            seen.add((name, model))
            top = tuple(name.removeprefix(PARAMETER_PREFIX).split("."))
            for keys, reason, lost in _find_mistakes(hint, model, values[name]):
                path = (*top, *keys)
                yield finding(
                    "typed-parameter-refused",
                    f"node {node.name!r} takes {name!r} as {model.__name__!r}, which refuses "
                    f"{render_config_path('parameters', path)!r}: {reason}",
                    fix=None if lost is None else show_quoted(path, lost),
                    location=locate(path),
                    node=node.name,
                    dataset=name,
                )


def _parameters_of(node: Node) -> dict[str, str]:
    """Return the ``params:`` input of each argument that has one."""
    args, kwargs = input_arguments(node)
    try:
        bound = inspect.signature(node.func).bind_partial(*args, **kwargs).arguments
    except (TypeError, ValueError):  # without a signature there are no hints
        return {}
    return {
        argument: name
        for argument, name in bound.items()
        if isinstance(name, str) and name.startswith(PARAMETER_PREFIX)
    }


def _find_mistakes(hint: Any, model: Any, value: Any) -> Iterator[tuple[Keys, str, int | float | None]]:
    """Find where a value is refused, why, and the number or boolean there if text is expected."""
    if value is None:
        if not accepts_none(hint):
            yield (), "the value is null", None
        return
    pydantic = sys.modules.get("pydantic")  # where it is not imported, there is no model
    try:
        build_hinted(model, value)
    except Exception as error:  # noqa: BLE001  a validator may raise anything; Kedro reports it all the same
        if pydantic is None or not isinstance(error, pydantic.ValidationError):
            yield (), str(error) or type(error).__name__, None
            return
        from kedro_matrix_ext._section import read_errors

        places: dict[Keys, list[ModelError]] = {}
        for each in read_errors(error):
            places.setdefault(_without_branch(each.keys, value), []).append(each)
        for keys, errors in places.items():
            lost = next((each.value for each in errors if _expects_text(each)), None)
            yield keys, ", or: ".join(dict.fromkeys(each.message for each in errors)), lost


def _without_branch(keys: Keys, value: Any) -> Keys:
    """Leave out what pydantic adds for a branch of a union, as in ``version.str``, where the value ends."""
    for depth, key in enumerate(keys):
        if not isinstance(value, (dict, list)):
            return keys[:depth]
        try:
            value = value[key]
        except (LookupError, TypeError):
            break
    return keys


def _expects_text(error: ModelError) -> bool:
    """Whether a number or boolean is refused since text is expected."""
    return isinstance(error.value, (int, float)) and error.kind in _TEXT_EXPECTED

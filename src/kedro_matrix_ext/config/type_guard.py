"""A dataset's class must not come from runtime parameters where their sender is not trusted.

Kedro's rule (``restrict_runtime_params_type_selection``): ``type`` names the class that is imported and
built. Text from runtime parameters is marked, the mark follows it through interpolations, and a marked
``type`` is refused.
"""

from __future__ import annotations

from typing import Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import InterpolationError

__all__ = ["RuntimeText", "mark_runtime_text", "refuse_runtime_types", "unmark_runtime_text"]


class RuntimeText(str):
    """Text that a runtime parameter had a part in."""

    __slots__ = ()


def mark_runtime_text(value: Any) -> Any:  # noqa: ANN401  configuration values are of any type
    """Mark all text in a value.

    Args:
        value: A plain value.

    Returns:
        A copy with its text marked.
    """
    if isinstance(value, dict):
        return {key: mark_runtime_text(child) for key, child in value.items()}
    if isinstance(value, list):
        return [mark_runtime_text(child) for child in value]
    return RuntimeText(value) if isinstance(value, str) else value


def unmark_runtime_text(value: Any) -> Any:  # noqa: ANN401
    """Turn marked text into plain text.

    Args:
        value: A plain value.

    Returns:
        A copy without marks.
    """
    if isinstance(value, dict):
        return {key: unmark_runtime_text(child) for key, child in value.items()}
    if isinstance(value, list):
        return [unmark_runtime_text(child) for child in value]
    return str(value) if isinstance(value, RuntimeText) else value


def refuse_runtime_types(catalog: dict[Any, Any]) -> None:
    """Refuse a catalog in which a ``type``, at any depth, comes from runtime parameters.

    Args:
        catalog: Entries, with marked text.

    Raises:
        InterpolationError: If there is one.
    """
    _refuse(catalog, ())


def _refuse(value: Any, keys: tuple[Any, ...]) -> None:  # noqa: ANN401
    if isinstance(value, list):
        for index, child in enumerate(value):
            _refuse(child, (*keys, index))
    if not isinstance(value, dict):
        return
    if keys and isinstance(value.get("type"), RuntimeText):
        raise InterpolationError(
            f"the dataset class {str(value['type'])!r} comes from a runtime parameter, not permitted here",
            config_path=render_config_path("catalog", (*keys, "type")),
            hint="Write the class in the catalog, or choose between entries.",
        )
    for key, child in value.items():
        _refuse(child, (*keys, key))

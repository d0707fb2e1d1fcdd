"""Where the parameters of one run come in: ``kedro run --params`` and the session's ``runtime_params``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.config.plain_values import copy_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["collect_runtime_parameters"]


def collect_runtime_parameters(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Collect the parameters of this run, from every way there is to give them.

    They are the topmost layer of the parameters, merged softly, and what ``${runtime_params:...}`` looks up.

    Args:
        given: What the session was started with.

    Returns:
        A plain mapping of our own.

    Examples:
        >>> collect_runtime_parameters({"test_size": 0.3})
        {'test_size': 0.3}
    """
    return {key: copy_plain(value) for key, value in (given or {}).items()}

"""Runtime parameters of a caller who is not trusted, for Kedro's own loader.

``OmegaConfigLoader`` merges them into the parameters before it interpolates. Here they are escaped first, and
import paths that a caller had a part in are marked, so that injection does not build them.
"""

from __future__ import annotations

import copy
import logging
import re
import secrets
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._tainted_text import TaintedStr
from kedro_matrix_ext.config.layers.values import map_leaves
from kedro_matrix_ext.injection.objects.blocks import TARGET_KEYS

if TYPE_CHECKING:
    from kedro.config import AbstractConfigLoader, OmegaConfigLoader

__all__ = ["escape_text", "guard_parameters"]

_LOGGER = logging.getLogger(__name__)
_INTERPOLATION = re.compile(r"(\\*)\$\{")


def guard_parameters(loader: AbstractConfigLoader) -> None:
    """Let a loader that must not trust runtime parameters take them as plain text.

    The text is neither interpolated nor, in parameters, an import path of ``object``: such a path is only
    trusted if it stays the same when the caller's texts are others. ``LayeredConfigLoader`` sees to both by
    itself, except in a project without parameters, where Kedro takes what was given.
    """
    from kedro.config import MissingConfigException, OmegaConfigLoader

    from kedro_matrix_ext.config.loader import LayeredConfigLoader

    given = loader.runtime_params
    if not given or not isinstance(loader, OmegaConfigLoader):
        return
    is_ours = isinstance(loader, LayeredConfigLoader)
    if not is_ours:
        _give(loader, map_leaves(given, escape_text))
    try:
        parameters = loader["parameters"]
    except MissingConfigException:
        loader["parameters"] = _mark(given, None)
    else:
        if not is_ours:
            loader["parameters"] = _mark(parameters, _load_with_other_texts(loader))


def escape_text(value: Any) -> Any:
    r"""Return text that OmegaConf reads as the given one, without interpolating; other values as they are.

    Examples:
        >>> escape_text("a ${oc.env:HOME}"), escape_text(3)
        ('a \\${oc.env:HOME}', 3)
    """
    if not isinstance(value, str):
        return value
    return _INTERPOLATION.sub(lambda match: f"{match[1] * 2}\\${{", value)


def _load_with_other_texts(loader: OmegaConfigLoader) -> Any:
    """Load the parameters as another caller would see them; None if that cannot be done."""
    other = secrets.token_hex(8)
    replaced: dict[str, Any] = map_leaves(
        loader.runtime_params, lambda leaf: other if isinstance(leaf, str) else leaf
    )
    attempts: tuple[dict[str, Any], ...] = (replaced, {})
    for texts in attempts:
        probe = copy.copy(loader)
        _give(probe, texts)
        try:
            return probe["parameters"]
        except Exception as error:  # noqa: BLE001  a resolver may fail in any way
            _LOGGER.debug("The parameters cannot be loaded with other texts: %s", type(error).__name__)
    _LOGGER.warning(
        "The parameters depend on the caller's in a way that cannot be followed, so no 'object:' in them is "
        "built. Use LayeredConfigLoader, or give ${runtime_params:...} a default."
    )
    return None


def _give(loader: OmegaConfigLoader, runtime_params: dict[str, Any]) -> None:
    """Replace the runtime parameters, also those that Kedro keeps for its resolver once it was called."""
    loader.runtime_params = runtime_params
    loader._runtime_params_oc = None  # noqa: SLF001


def _mark(value: Any, trusted: Any) -> Any:
    """Mark the import paths that differ from the trusted ones."""
    if isinstance(value, dict):
        known = trusted if isinstance(trusted, dict) else {}
        return {
            key: TaintedStr(child)
            if key in TARGET_KEYS and isinstance(child, str) and child != known.get(key)
            else _mark(child, known.get(key))
            for key, child in value.items()
        }
    if isinstance(value, list):
        items = trusted if isinstance(trusted, list) and len(trusted) == len(value) else [None] * len(value)
        return [_mark(child, item) for child, item in zip(value, items, strict=True)]
    return value

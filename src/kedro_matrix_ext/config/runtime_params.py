"""Where the parameters of one run come in: ``--params`` of its command, and those of its whole workflow."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path, render_key_path
from kedro_matrix_ext._variables import PARAMETERS_VARIABLE
from kedro_matrix_ext.config.errors import ContainerMismatchError
from kedro_matrix_ext.config.layers.key_rules import find_key
from kedro_matrix_ext.config.layers.values import copy_plain
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro_matrix_ext._config_path import Keys

    Locate = Callable[[Keys], tuple[str | None, int | None]]

__all__ = ["collect_runtime_parameters", "decode_parameters", "refuse_items_of_lists"]


def collect_runtime_parameters(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Collect the parameters of this run, from every way there is to give them.

    They are the topmost layer of the parameters, merged softly, and what ``${runtime_params:...}`` looks up.
    What the session was started with wins over the variable ``KEDRO_MATRIX_PARAMS``.

    Raises:
        ConfigurationError: If the variable holds no JSON object.

    Examples:
        >>> collect_runtime_parameters({"test_size": 0.3})
        {'test_size': 0.3}
        >>> os.environ[PARAMETERS_VARIABLE] = '{"model": {"depth": 3, "eta": 0.1} }'
        >>> collect_runtime_parameters({"model": {"depth": 9}})
        {'model': {'depth': 9, 'eta': 0.1}}
        >>> del os.environ[PARAMETERS_VARIABLE]
    """
    own = {key: copy_plain(value) for key, value in (given or {}).items()}
    text = os.environ.get(PARAMETERS_VARIABLE)
    if not text:
        return own
    from kedro_matrix_ext.resolvers.merging import merge_dicts

    return merge_dicts(decode_parameters(text), own)


def refuse_items_of_lists(parameters: Any, given: Any, locate: Locate, keys: Keys = ()) -> None:
    """Refuse parameters of the run that would turn a list into a mapping, as Kedro does.

    Raises:
        ContainerMismatchError: If one does, as ``--params sizes.0=9`` where ``sizes`` is a list.
    """
    for key, value in given.items() if isinstance(parameters, dict) and isinstance(given, dict) else ():
        name = find_key(parameters, key)
        path = (*keys, name)
        if name is None or not isinstance(value, dict):
            continue
        if isinstance(parameters[name], list):
            file, line = locate(path)
            raise ContainerMismatchError(
                f"the parameters of the run give a mapping for {render_key_path(path)!r}, which is a list",
                config_path=render_config_path("parameters", path),
                file=file,
                line=line,
                hint="Single items of a list cannot be set by --params: give the list in a file.",
            )
        refuse_items_of_lists(parameters[name], value, locate, path)


def decode_parameters(text: str) -> dict[str, Any]:
    r"""Read what ``encode_parameters`` wrote.

    Raises:
        ConfigurationError: If it is not a JSON object.

    Examples:
        >>> decode_parameters('{"a": {"b": "\\u0024"} }')
        {'a': {'b': '$'}}
    """
    try:
        parameters = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(
            f"the variable {PARAMETERS_VARIABLE!r} holds no JSON: {error}", hint=_HINT
        ) from error
    if not isinstance(parameters, dict):
        raise ConfigurationError(
            f"the variable {PARAMETERS_VARIABLE!r} holds {type(parameters).__name__}, not a JSON object",
            hint=_HINT,
        )
    return parameters


_HINT = "It is written by 'kedro argo submit --params'; unset it to run without."

"""The credentials that a task gets from its workflow: a tree in one variable, each secret in another."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._variables import CREDENTIAL_KEY, CREDENTIALS_VARIABLE, REHEARSAL_VARIABLE
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.config import AbstractConfigLoader

__all__ = ["fill_credentials", "give_credentials", "read_files"]


def give_credentials(loader: AbstractConfigLoader) -> None:
    """Give the workflow's credentials to the loader, over those of its files.

    In a rehearsal files do not count, as the image does not hold them.

    Raises:
        ConfigurationError: If a variable of a secret is not set, or the tree is not a JSON object.
    """
    text, rehearsed = os.environ.get(CREDENTIALS_VARIABLE), bool(os.environ.get(REHEARSAL_VARIABLE))
    if not text and not rehearsed:
        return
    given = fill_credentials(_parse(text), _read_variable) if text else {}
    loader["credentials"] = given if rehearsed else {**read_files(loader), **given}


def fill_credentials(tree: Any, look_up: Callable[[str], str]) -> Any:
    """Copy a tree with the value of each variable that it names.

    Examples:
        >>> fill_credentials({"key": {"from_variable": "TOKEN"}, "region": "eu"}, str.lower)
        {'key': 'token', 'region': 'eu'}
    """
    if isinstance(tree, dict):
        if CREDENTIAL_KEY in tree:
            return look_up(tree[CREDENTIAL_KEY])
        return {key: fill_credentials(value, look_up) for key, value in tree.items()}
    return [fill_credentials(value, look_up) for value in tree] if isinstance(tree, list) else tree


def _parse(text: str) -> dict[str, Any]:
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"{CREDENTIALS_VARIABLE} is not JSON: {error}") from None
    if not isinstance(tree, dict):
        raise ConfigurationError(f"{CREDENTIALS_VARIABLE} holds no JSON object")
    return tree


def _read_variable(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise ConfigurationError(
            f"the credentials need the variable {name!r}, which is not set",
            hint="It comes from the Kubernetes secret under 'credentials' in argo.yml.",
        )
    return value


def read_files(loader: AbstractConfigLoader) -> dict[str, Any]:
    """Return the credentials of the loader's files; empty where there are none."""
    from kedro.config import MissingConfigException

    try:
        return dict(loader["credentials"] or {})
    except (KeyError, MissingConfigException):
        return {}

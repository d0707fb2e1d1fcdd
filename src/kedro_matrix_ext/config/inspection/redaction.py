"""Configuration as it may be shown: without credentials and secrets."""

from __future__ import annotations

from typing import Any

from kedro_matrix_ext._secrets import REDACTED, is_secret_name, looks_secret

__all__ = ["is_secret", "redact"]

_CREDENTIALS = "credentials"


def redact(config_type: str, value: Any, keys: tuple[Any, ...] = ()) -> Any:
    """Copy a value with what looks secret replaced.

    Examples:
        >>> redact("parameters", {"api": {"token": "abc", "retries": 3}})
        {'api': {'token': '********', 'retries': 3}}
        >>> redact("catalog", {"companies": {"credentials": "s3", "filepath": "s3://a/b.csv"}})
        {'companies': {'credentials': 's3', 'filepath': 's3://a/b.csv'}}
    """
    if isinstance(value, dict):
        return {key: redact(config_type, child, (*keys, key)) for key, child in value.items()}
    if isinstance(value, list):
        return [redact(config_type, child, (*keys, index)) for index, child in enumerate(value)]
    return REDACTED if is_secret(config_type, keys, value) else value


def is_secret(config_type: str, keys: tuple[Any, ...], value: Any) -> bool:
    """Check whether one value must be hidden."""
    if value is None or isinstance(value, bool):
        return False
    if config_type == _CREDENTIALS:
        return True
    names = [key for key in keys if isinstance(key, str)]
    if config_type == "catalog":
        names = names[1:]  # an entry's name is not a key
        if names and names[-1] == _CREDENTIALS:
            return False  # the name of credentials, not they themselves
    return any(map(is_secret_name, names)) or looks_secret(names[-1] if names else "", value)

"""Kinds of values of fields that are passed through: text that Kubernetes checks, numbers, words of a list.

Text in which Argo replaces tags is not checked any further, since its value is not known.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.configuration.field_types import check_kubernetes_name
from kedro_matrix_ext.argo.configuration.kubernetes_types import (
    check_image,
    check_label_key,
    check_label_value,
    check_mount_path,
    check_secret_key,
    check_subdomain,
)
from kedro_matrix_ext.argo.configuration.retry_expressions.check import check_expression
from kedro_matrix_ext.argo.nodes.quantities import parse_cores
from kedro_matrix_ext.argo.template_tags.syntax import is_templated

__all__ = ["KINDS", "TEXT_KINDS", "find_scalar_error"]

_LARGEST = 2**31 - 1
_LARGEST_WEIGHT = 100
_PREFIX = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_Check = Callable[[str], object]


def find_scalar_error(value: object, kind: str) -> str | None:
    """Say what is wrong with a value, or nothing."""
    if "|" in kind:
        return _find_word_error(value, kind.split("|"))
    return KINDS[kind](value)


def _find_word_error(value: object, words: list[str]) -> str | None:
    if value in words:
        return None
    suggestion = did_you_mean(str(value), words) or f"Write one of {', '.join(words)}."
    return f"{value!r} is not a value of this field. {suggestion}"


def _text(check: _Check) -> Callable[[object], str | None]:
    """Make a check of text of one that raises."""

    def find_error(value: object) -> str | None:
        if not isinstance(value, str):
            return _expect(value, "text (quote numbers and booleans)")
        if is_templated(value):
            return None
        try:
            check(value)
        except ValueError as error:
            return str(error)
        return None

    return find_error


def _whole(smallest: int, largest: int = _LARGEST) -> Callable[[object], str | None]:
    def find_error(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return _expect(value, "a whole number")
        if not smallest <= value <= largest:
            return f"{value!r} is not between {smallest} and {largest}"
        return None

    return find_error


def _mapping(
    of_key: Callable[[object], str | None], of_value: Callable[[object], str | None], expected: str
) -> Callable[[object], str | None]:
    def find_error(value: object) -> str | None:
        if not isinstance(value, Mapping):
            return _expect(value, expected)
        errors = [error for key, each in value.items() for error in (of_key(key), of_value(each)) if error]
        return errors[0] if errors else None

    return find_error


def _expect(value: object, expected: str) -> str:
    return f"{value!r} is not {expected}"


def _check_prefix(text: str) -> None:
    if text and not _PREFIX.fullmatch(text):
        raise ValueError(f"{text!r} is not the beginning of the name of an environment variable")


def _check_sub_path(path: str) -> None:
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError(f"{path!r} is not a path in a volume: a relative path without '..'")


def _check_host_path(path: str) -> None:
    if not path or ".." in path.split("/"):
        raise ValueError(f"{path!r} is not a path of a machine: it must not be empty or have '..' in it")


def _find_amount_error(value: object) -> str | None:
    return None if isinstance(value, str) else _whole(0)(value)


def _find_quantity_error(value: object) -> str | None:
    if isinstance(value, float):
        return f"{value!r} is a fraction, which Argo takes as text only: write it in quotes"
    try:
        amount = parse_cores(value)
    except ValueError as error:
        return str(error)
    return f"{value!r} is negative" if amount < 0 else None


TEXT_KINDS: dict[str, _Check] = {
    "dns": check_kubernetes_name,
    "expression": check_expression,
    "filled": lambda text: text.strip() or check_subdomain(text),
    "hostpath": _check_host_path,
    "image": check_image,
    "ip": ipaddress.ip_address,
    "key": check_label_key,
    "label": check_label_value,
    "mount": check_mount_path,
    "prefix": _check_prefix,
    "secretkey": check_secret_key,
    "subdomain": check_subdomain,
    "subpath": _check_sub_path,
    "text": lambda text: text,
}
"""The checks of kinds of text; they raise."""

_MAPPING = "a mapping of text (quote numbers and booleans)"
_find_text_error, _find_key_error = _text(TEXT_KINDS["text"]), _text(check_label_key)

KINDS: dict[str, Callable[[object], str | None]] = {
    **{kind: _text(check) for kind, check in TEXT_KINDS.items()},
    "amount": _find_amount_error,
    "annotations": _mapping(_find_key_error, _find_text_error, _MAPPING),
    "any": lambda value: _expect(value, "a value") if value is None else None,
    "bool": lambda value: None if isinstance(value, bool) else _expect(value, "true or false"),
    "int": _whole(-_LARGEST - 1),
    "labels": _mapping(_find_key_error, _text(check_label_value), _MAPPING),
    "natural": _whole(0),
    "positive": _whole(1),
    "quantities": _mapping(_find_key_error, _find_quantity_error, "a mapping of quantities"),
    "quantity": _find_quantity_error,
    "weight": _whole(1, _LARGEST_WEIGHT),
}
"""What is wrong with a value, by the name of its kind; words of a list are written ``Always|Never``."""

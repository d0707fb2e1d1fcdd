"""``credentials``: Kedro's credentials of tasks, with secrets of the cluster in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, ValidationError, WithJsonSchema

from kedro_matrix_ext._section import ModelError, Section, error_details, read_errors
from kedro_matrix_ext._variables import CREDENTIAL_KEY
from kedro_matrix_ext.argo.configuration.kubernetes_types import (  # noqa: TC001  fields' types
    SecretKey,
    SubdomainName,
)

__all__ = ["SECRET_REF", "CredentialSecret", "Credentials", "list_credential_secrets", "name_variables"]

SECRET_REF = "secret_ref"  # noqa: S105  the name of a key
_PREFIX = "KEDRO_CREDENTIALS"
_Keys = tuple["str | int", ...]


class CredentialRef(Section):
    """One key of a Kubernetes secret."""

    name: SubdomainName
    """The secret's name."""
    key: SecretKey
    """The key in it."""


class CredentialSecret(NamedTuple):
    """A value of the credentials that a secret of the cluster has.

    Attributes:
        keys: Its path in the credentials.
        variable: The environment variable that tasks get it in.
        source: What is written under ``secret_ref``.
    """

    keys: _Keys
    variable: str
    source: Any

    @property
    def secret(self) -> CredentialRef:
        """The secret and its key."""
        return CredentialRef.model_validate(self.source)


def list_credential_secrets(credentials: object, keys: _Keys = ()) -> Iterator[CredentialSecret]:
    """Yield the values that are ``{secret_ref: {name, key}}``, in order.

    Examples:
        >>> source = {"name": "storage", "key": "token"}
        >>> [each.variable for each in list_credential_secrets({"dev_s3": {"key": {"secret_ref": source}}})]
        ['KEDRO_CREDENTIALS_DEV_S3_KEY']
    """
    if isinstance(credentials, Mapping) and SECRET_REF in credentials:
        variable = "_".join([_PREFIX, *(re.sub(r"\W", "_", str(key)).upper() for key in keys)])
        yield CredentialSecret(keys, variable, credentials[SECRET_REF])
    elif isinstance(credentials, Mapping):
        for key, value in credentials.items():
            yield from list_credential_secrets(value, (*keys, str(key)))
    elif isinstance(credentials, list | tuple):
        for index, value in enumerate(credentials):
            yield from list_credential_secrets(value, (*keys, index))


def name_variables(credentials: object, keys: _Keys = ()) -> Any:
    """Copy credentials, with the name of its variable in place of each secret."""
    if isinstance(credentials, Mapping) and SECRET_REF in credentials:
        return {CREDENTIAL_KEY: next(list_credential_secrets(credentials, keys)).variable}
    if isinstance(credentials, Mapping):
        return {str(key): name_variables(value, (*keys, str(key))) for key, value in credentials.items()}
    if isinstance(credentials, list | tuple):
        return [name_variables(value, (*keys, index)) for index, value in enumerate(credentials)]
    return credentials


def _check(credentials: dict[str, Any]) -> dict[str, Any]:
    """Refuse incomplete references, and values that would have one variable."""
    errors = [error for mapping in _list_mappings(credentials) for error in _check_reference(*mapping)]
    errors += _find_collisions(credentials)
    if errors:
        details = [error_details(error) for error in errors]
        raise ValidationError.from_exception_data("credentials", details)
    return credentials


def _find_collisions(credentials: Mapping[str, Any]) -> Iterator[ModelError]:
    variables: dict[str, _Keys] = {}
    for each in list_credential_secrets(credentials):
        other = variables.setdefault(each.variable, each.keys)
        if other != each.keys:
            first, second = (".".join(map(str, keys)) for keys in (other, each.keys))
            message = f"{first!r} and {second!r} would both be the variable {each.variable!r}. Rename one."
            yield ModelError(each.keys, message, "same_variable", each.source)


def _list_mappings(tree: object, keys: _Keys = ()) -> Iterator[tuple[_Keys, Mapping[Any, Any]]]:
    if isinstance(tree, Mapping):
        yield keys, tree
    pairs = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield from _list_mappings(value, (*keys, key))


def _check_reference(keys: _Keys, mapping: Mapping[Any, Any]) -> Iterator[ModelError]:
    if CREDENTIAL_KEY in mapping:
        message = f"{CREDENTIAL_KEY!r} is used by this package. Choose another name."
        yield ModelError((*keys, CREDENTIAL_KEY), message, "reserved", mapping)
    if SECRET_REF not in mapping:
        return
    others = [repr(key) for key in mapping if key != SECRET_REF]
    if others:
        message = f"a value from a secret has no other keys, such as {others[0]}"
        yield ModelError(keys, message, "two_values", mapping)
    try:
        CredentialRef.model_validate(mapping[SECRET_REF])
    except ValidationError as error:
        yield from (each._replace(keys=(*keys, SECRET_REF, *each.keys)) for each in read_errors(error))


_REFERENCE = {
    "type": "object",
    "description": "The Kubernetes secret with the value.",
    "properties": {
        "name": {"type": "string", "description": "The secret's name."},
        "key": {"type": "string", "description": "The key in it."},
    },
    "additionalProperties": False,
}
_VALUE = {"properties": {SECRET_REF: _REFERENCE}}  # a value of any type; only mappings have properties
_ENTRY = {"type": ["object", "string"], **_VALUE, "additionalProperties": _VALUE}
_SCHEMA = {"type": "object", "additionalProperties": _ENTRY}
Credentials = Annotated[dict[str, Any], AfterValidator(_check), WithJsonSchema(_SCHEMA)]
"""Entries as in ``credentials.yml``; a text may be ``{secret_ref: {name: ..., key: ...}}``."""

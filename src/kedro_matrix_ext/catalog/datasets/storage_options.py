"""Credentials of object storage: fsspec's spelling and deltalake's, each translated to the other.

deltalake's names are those of object_store (``AmazonS3ConfigKey``, ``GoogleConfigKey``, ``AzureConfigKey`` in
https://docs.rs/object_store), in any case and with or without the provider's prefix. fsspec's are the
arguments of s3fs, gcsfs and adlfs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from kedro_matrix_ext.catalog.errors import CatalogError

__all__ = ["DELTA_SCHEMES", "to_delta_options", "to_fsspec_options"]

# fsspec's protocol -> the scheme that deltalake knows it by; it has no others.
DELTA_SCHEMES = {
    **dict.fromkeys(("s3", "s3a", "s3n"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gs"),
    **{scheme: scheme for scheme in ("abfs", "abfss", "az", "hdfs")},
}
_PREFIXES = {"s3": ("aws_",), "gs": ("google_",), "abfs": ("azure_storage_", "azure_")}

# deltalake's name without prefix -> fsspec's; a dot leads into a mapping.
_S3 = {
    "access_key_id": "key",
    "secret_access_key": "secret",
    "session_token": "token",
    "token": "token",
    "endpoint_url": "endpoint_url",
    "endpoint": "endpoint_url",
    "skip_signature": "anon",
    "region": "client_kwargs.region_name",
    "default_region": "client_kwargs.region_name",
}
_GCS = {
    "service_account": "token",
    "service_account_path": "token",
    "application_credentials": "token",
    "service_account_key": "token",
}
_AZURE = {
    **{
        name: name
        for name in ("account_name", "account_key", "sas_token", "tenant_id", "client_id", "client_secret")
    },
    "access_key": "account_key",
    "sas_key": "sas_token",
    "authority_id": "tenant_id",
    "skip_signature": "anon",
}
_TO_FSSPEC = {"s3": _S3, "gs": _GCS, "abfs": _AZURE}

# fsspec's name -> deltalake's, where the first table cannot be read backwards.
_S3_TO_DELTA = {
    "key": "access_key_id",
    "secret": "secret_access_key",
    "token": "session_token",
    "endpoint_url": "endpoint_url",
    "anon": "skip_signature",
    "username": "access_key_id",  # s3fs' other names
    "password": "secret_access_key",
    "client_kwargs.endpoint_url": "endpoint_url",
    "client_kwargs.region_name": "region",
    "client_kwargs.aws_access_key_id": "access_key_id",
    "client_kwargs.aws_secret_access_key": "secret_access_key",
    "client_kwargs.aws_session_token": "session_token",
}
_S3_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")  # as boto reads them
_CONNECTION_STRING = {
    "accountname": "account_name",
    "accountkey": "account_key",
    "sharedaccesssignature": "sas_token",
    "blobendpoint": "endpoint",
}
_DELTA_ONLY = {
    *("allow_http", "allow_invalid_certificates", "virtual_hosted_style_request", "allow_unsafe_rename"),
    *(
        "timeout",
        "connect_timeout",
        "proxy_url",
        "user_agent",
        "http1_only",
        "http2_only",
        "unsigned_payload",
    ),
    *("conditional_put", "copy_if_not_exists", "metadata_endpoint", "imdsv1_fallback"),
}
_GCS_METHODS = ("google_default", "cache", "cloud", "browser")  # ways to log in, which deltalake finds itself


def to_delta_options(protocol: str, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the storage options of deltalake that credentials in either spelling mean.

    Raises:
        CatalogError: If an argument of fsspec is a mapping that deltalake has no option for.

    Examples:
        >>> to_delta_options("s3", {"key": "k", "client_kwargs": {"endpoint_url": "http://localhost:9000"}})
        {'access_key_id': 'k', 'endpoint_url': 'http://localhost:9000', 'allow_http': 'true'}
        >>> to_delta_options("s3", {"AWS_ACCESS_KEY_ID": "k"})
        {'AWS_ACCESS_KEY_ID': 'k'}
    """
    provider = _provider(protocol)
    translate = {"s3": _s3_option, "gs": _gcs_option, "abfs": _azure_option}.get(provider, _same_option)
    translated: dict[str, Any] = {}
    for name, value in _flatten(options):
        translated.update(translate(name, value))
    endpoints = [value for name, value in translated.items() if name.lower().rpartition("endpoint")[1]]
    if provider == "s3" and not endpoints:  # deltalake reads one of the variables, and refuses HTTP
        endpoints = [os.environ.get(name) for name in _S3_ENDPOINTS]
        translated["endpoint_url"] = next(filter(None, endpoints), None)
    if any(str(endpoint).startswith("http://") for endpoint in endpoints):
        translated.setdefault("allow_http", True)
    return {name: _spell(value) for name, value in translated.items() if value is not None}


def to_fsspec_options(protocol: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the fsspec file system that credentials in either spelling mean.

    Examples:
        >>> to_fsspec_options("s3", {"AWS_ACCESS_KEY_ID": "k", "aws_region": "eu-west-1"})
        {'key': 'k', 'client_kwargs': {'region_name': 'eu-west-1'}}
        >>> to_fsspec_options("s3", {"key": "k"})
        {'key': 'k'}
    """
    provider = _provider(protocol)
    names, prefixes = _TO_FSSPEC.get(provider, {}), _PREFIXES.get(provider, ())
    translated: dict[str, Any] = {}
    for name, value in options.items():
        short = _strip_prefix(name, prefixes)
        if short in names:
            _insert(translated, names[short], _read_fsspec_value(short, value))
        elif short == name and name not in _DELTA_ONLY:
            _insert(translated, name, value)
    return translated


def _provider(protocol: str) -> str:
    scheme = DELTA_SCHEMES.get(protocol, protocol)
    return "abfs" if scheme in ("abfs", "abfss", "az") else scheme


def _flatten(options: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Return the options with dotted names; a mapping is a leaf only if it is a key file's content."""
    flat: list[tuple[str, Any]] = []
    for name, value in options.items():
        if isinstance(value, Mapping) and name != "token":
            flat += _flatten(value, f"{above}{name}.")
        else:
            flat.append((f"{above}{name}", value))
    return flat


def _s3_option(name: str, value: Any) -> dict[str, Any]:
    if name == "config_kwargs.s3.addressing_style":
        return {"virtual_hosted_style_request": value == "virtual"}
    if name == "client_kwargs.verify":
        return {} if value else {"allow_invalid_certificates": True}
    return {_S3_TO_DELTA[name]: value} if name in _S3_TO_DELTA else _same_option(name, value)


def _gcs_option(name: str, value: Any) -> dict[str, Any]:
    if name != "token":
        return {} if name == "project" else _same_option(name, value)
    if isinstance(value, Mapping):
        return {"service_account_key": json.dumps(dict(value))}
    if value == "anon":
        return {"skip_signature": True}
    return {} if value in _GCS_METHODS else {"service_account": value}


def _azure_option(name: str, value: Any) -> dict[str, Any]:
    if name == "anon":
        return {"skip_signature": value}
    if name == "connection_string":
        parts = [part.partition("=") for part in str(value).split(";") if part.strip()]
        known = {key.strip().lower(): content for key, _, content in parts}
        return {ours: known[theirs] for theirs, ours in _CONNECTION_STRING.items() if theirs in known}
    return _same_option(name, value)


def _same_option(name: str, value: Any) -> dict[str, Any]:
    if "." in name:
        raise CatalogError(
            f"deltalake has no option for {name!r} of the credentials or fs_args",
            hint="Write deltalake's own storage options, as 'AWS_ACCESS_KEY_ID', or another format.",
        )
    return {name: value}


def _strip_prefix(name: str, prefixes: tuple[str, ...]) -> str:
    lower = name.lower()
    return next((lower.removeprefix(prefix) for prefix in prefixes if lower.startswith(prefix)), lower)


def _read_fsspec_value(name: str, value: Any) -> Any:
    if name == "skip_signature":
        return str(value).lower() in ("true", "1")
    return json.loads(value) if name == "service_account_key" and isinstance(value, str) else value


def _insert(options: dict[str, Any], name: str, value: Any) -> None:
    outer, separator, inner = name.partition(".")
    if separator:
        options[outer] = {**options.get(outer, {}), inner: value}
    else:
        options[outer] = {**options.get(outer, {}), **value} if isinstance(value, Mapping) else value


def _spell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

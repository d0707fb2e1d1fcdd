"""Types of fields that Kubernetes checks when a pod is made: names, keys, label values, paths.

A workflow with a wrong one is accepted, and its pods are refused later. The rules are those of
https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and of labels next to it.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from kedro_matrix_ext.argo.configuration.field_types import write_scalar

__all__ = ["FileInVolume", "LabelKey", "LabelValue", "MountPath", "SecretKey", "SubdomainName", "same_path"]

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_SUBDOMAIN = 253
_LABEL = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_SECRET_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
# Argo mounts its executor there.
_ARGO_FOLDER = "/var/run/argo"


def _check_subdomain(name: str) -> str:
    if len(name) > _LONGEST_SUBDOMAIN or not _SUBDOMAIN.fullmatch(name):
        raise ValueError(
            f"{name!r} is not a name that Kubernetes accepts: lower-case letters, digits, '-' and '.', "
            f"at most {_LONGEST_SUBDOMAIN} characters, a letter or digit at both ends"
        )
    return name


def _check_label_key(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    is_prefix = len(prefix) <= _LONGEST_SUBDOMAIN and _SUBDOMAIN.fullmatch(prefix)
    if not _LABEL.fullmatch(name) or (slash and not is_prefix):
        raise ValueError(
            f"{key!r} is not the key of a label: at most 63 letters, digits, '-', '_' and '.', a letter or "
            "digit at both ends, and before them a domain and '/' if there is one"
        )
    return key


def _check_label_value(value: str) -> str:
    if value and not _LABEL.fullmatch(value):
        raise ValueError(
            f"{value!r} is not the value of a label: at most 63 letters, digits, '-', '_' and '.', a letter "
            "or digit at both ends"
        )
    return value


def _check_secret_key(key: str) -> str:
    if not _SECRET_KEY.fullmatch(key) or key == "." or key.startswith(".."):
        raise ValueError(f"{key!r} is not a key of a secret: letters, digits, '-', '_' and '.'")
    return key


def _check_mount_path(path: str) -> str:
    if not path.startswith("/") or ":" in path or same_path(path) == "":
        raise ValueError(
            f"{path!r} is not a folder to mount at: an absolute path other than '/', without ':'"
        )
    if f"{same_path(path)}/".startswith(f"{_ARGO_FOLDER}/"):
        raise ValueError(f"{path!r} is where Argo mounts its own files. Choose another folder.")
    return path


def _check_file_in_volume(path: str) -> str:
    if path.startswith("/") or ".." in path.split("/") or ":" in path or not path:
        raise ValueError(f"{path!r} is not a file name in a volume: a relative path without '..' and ':'")
    return path


def same_path(path: str) -> str:
    """Return one form of the paths that name the same folder.

    Examples:
        >>> same_path("/data//x/") == same_path("/data/./x")
        True
    """
    return "".join(f"/{part}" for part in path.split("/") if part not in ("", "."))


SubdomainName = Annotated[str, AfterValidator(_check_subdomain)]
LabelKey = Annotated[str, AfterValidator(_check_label_key)]
LabelValue = Annotated[str, BeforeValidator(write_scalar), AfterValidator(_check_label_value)]
SecretKey = Annotated[str, AfterValidator(_check_secret_key)]
MountPath = Annotated[str, AfterValidator(_check_mount_path)]
FileInVolume = Annotated[str, AfterValidator(_check_file_in_volume)]

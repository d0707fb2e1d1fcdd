"""Types of fields that Kubernetes checks when a pod is made: names, keys, label values, paths.

A workflow with a wrong one is accepted, and its pods are refused later. The rules are those of
https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and of labels next to it.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from kedro_matrix_ext.argo.configuration.field_types import write_scalar
from kedro_matrix_ext.argo.template_tags.syntax import is_templated

__all__ = [
    "FileInVolume",
    "ImageName",
    "LabelKey",
    "LabelValue",
    "MountPath",
    "SecretKey",
    "SubdomainName",
    "Tag",
    "check_image",
    "check_label_key",
    "check_label_value",
    "check_mount_path",
    "check_secret_key",
    "check_subdomain",
    "names_tag",
    "same_path",
]

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_SUBDOMAIN = 253
_LABEL = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_SECRET_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
# https://github.com/distribution/reference, whose reader the kubelet uses.
_TAG = r"\w[-.\w]{0,127}"
_LABEL_OF_HOST = r"[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?"
_HOST = rf"{_LABEL_OF_HOST}(?:\.{_LABEL_OF_HOST})*|\[[a-fA-F0-9:]+\]"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:(?:{_HOST})(?::[0-9]+)?/)?(?P<path>{_PART}(?:/{_PART})*)(?::{_TAG})?"
    r"(?:@(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))?",
    re.ASCII,
)
_DIGEST = re.compile(r"[a-f0-9]{64}")
_LONGEST_IMAGE = 255
# Argo mounts its executor there.
_ARGO_FOLDER = "/var/run/argo"


def check_subdomain(name: str) -> str:
    """Check a name of most objects, as of a secret or a service account."""
    if len(name) > _LONGEST_SUBDOMAIN or not _SUBDOMAIN.fullmatch(name):
        raise ValueError(
            f"{name!r} is not a name that Kubernetes accepts: lower-case letters, digits, '-' and '.', "
            f"at most {_LONGEST_SUBDOMAIN} characters, a letter or digit at both ends"
        )
    return name


def check_label_key(key: str) -> str:
    """Check the key of a label, an annotation or a taint."""
    prefix, slash, name = key.rpartition("/")
    is_prefix = len(prefix) <= _LONGEST_SUBDOMAIN and _SUBDOMAIN.fullmatch(prefix)
    if not _LABEL.fullmatch(name) or (slash and not is_prefix):
        raise ValueError(
            f"{key!r} is not the key of a label: at most 63 letters, digits, '-', '_' and '.', a letter or "
            "digit at both ends, and before them a domain and '/' if there is one"
        )
    return key


def check_label_value(value: str) -> str:
    """Check the value of a label."""
    if value and not _LABEL.fullmatch(value):
        raise ValueError(
            f"{value!r} is not the value of a label: at most 63 letters, digits, '-', '_' and '.', a letter "
            "or digit at both ends"
        )
    return value


def check_secret_key(key: str) -> str:
    """Check a key of a secret or a config map."""
    if not _SECRET_KEY.fullmatch(key) or key == "." or key.startswith(".."):
        raise ValueError(f"{key!r} is not a key of a secret: letters, digits, '-', '_' and '.'")
    return key


def check_mount_path(path: str) -> str:
    """Check a folder to mount a volume at."""
    if not path.startswith("/") or ":" in path or same_path(path) == "":
        raise ValueError(
            f"{path!r} is not a folder to mount at: an absolute path other than '/', without ':'"
        )
    if f"{same_path(path)}/".startswith(f"{_ARGO_FOLDER}/"):
        raise ValueError(f"{path!r} is where Argo mounts its own files. Choose another folder.")
    return path


def check_file_in_volume(path: str) -> str:
    """Check the path of a file in a volume."""
    if path.startswith("/") or ".." in path.split("/") or ":" in path or not path:
        raise ValueError(f"{path!r} is not a file name in a volume: a relative path without '..' and ':'")
    return path


def _refuse_number(value: object) -> object:
    """Refuse a number where text is an identifier: YAML reads 1.10 as 1.1, and 010 as 8."""
    if isinstance(value, int | float):
        raise ValueError(f"{value!r} is not text, and might not be what is written. Write it in quotes.")  # noqa: TRY004  pydantic shows ValueError
    return value


def _write_label(value: object) -> object:
    return _refuse_number(value) if isinstance(value, float) else write_scalar(value)


def _check_tag(tag: str) -> str:
    if not re.fullmatch(_TAG, tag, re.ASCII):
        raise ValueError(
            f"{tag!r} is not the tag of an image: letters, digits, '_', '.' and '-', at most 128 characters, "
            "no '.' or '-' in front"
        )
    return tag


def check_image(image: str) -> str:
    """Check an image's name, registry and tag or digest included, unless Argo fills it in."""
    if is_templated(image):
        return image
    match = _IMAGE.fullmatch(image)
    if match is None or _DIGEST.fullmatch(image):
        raise ValueError(_explain_image(image))
    if len(_path_of(image)) > _LONGEST_IMAGE:
        raise ValueError(
            f"{image[:40]!r}... is longer than the {_LONGEST_IMAGE} characters of an image's name"
        )
    return image


def _path_of(image: str) -> str:
    """Return an image's path in its registry; Docker's own has images of no team in ``library``."""
    name = image.partition("@")[0]
    name = name.rpartition(":")[0] if names_tag(name) else name
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first or first != first.lower()):
        return rest
    return name if slash else f"library/{name}"


def _explain_image(image: str) -> str:
    path = image.partition("@")[0].partition("/")[2] or image
    if image != image.strip() or not image:
        return f"{image!r} is not the name of an image"
    if path != path.lower() and _IMAGE.fullmatch(image.lower()):
        return f"{image!r} is not the name of an image: it must be in lower case, its registry and tag aside"
    return f"{image!r} is not the name of an image, which is like 'registry.example/team/shop:v1'"


def names_tag(image: str) -> bool:
    """Check whether an image's name says which one is meant, by a tag or a digest.

    Examples:
        >>> [names_tag(image) for image in ("host:5000/shop", "host:5000/shop:v1", "shop@sha256:12")]
        [False, True, True]
    """
    return "@" in image or ":" in image.rpartition("/")[2]


def same_path(path: str) -> str:
    """Return one form of the paths that name the same folder.

    Examples:
        >>> same_path("/data//x/") == same_path("/data/./x")
        True
    """
    return "".join(f"/{part}" for part in path.split("/") if part not in ("", "."))


SubdomainName = Annotated[str, AfterValidator(check_subdomain)]
LabelKey = Annotated[str, AfterValidator(check_label_key)]
LabelValue = Annotated[
    str,
    BeforeValidator(_write_label),
    AfterValidator(check_label_value),
]
ImageName = Annotated[str, AfterValidator(check_image)]
Tag = Annotated[str, BeforeValidator(_refuse_number), AfterValidator(_check_tag)]
SecretKey = Annotated[str, AfterValidator(check_secret_key)]
MountPath = Annotated[str, AfterValidator(check_mount_path)]
FileInVolume = Annotated[str, AfterValidator(check_file_in_volume)]

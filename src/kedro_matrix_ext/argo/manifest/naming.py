"""Names of templates, workflows and labels."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.manifest.node_ids import ids_collide
from kedro_matrix_ext.errors import ArgoError
from kedro_matrix_ext.resolvers.run_ids import SUFFIX_LENGTH, draw_suffix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kedro_matrix_ext.argo.manifest.node_ids import NodePath

__all__ = [
    "NameTable",
    "as_label",
    "choose_workflow_name",
    "derive_suffix",
    "name_by_pipeline",
    "name_stored",
    "slugify",
]

_LONGEST_LABEL = 63
_LONGEST_NAME = {"Workflow": 63, "WorkflowTemplate": 63, "CronWorkflow": 52}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_ATTEMPTS = 100
_HASH_DIGITS = 8
_LONGEST_OLD = 45


class NameTable:
    """The names of a manifest's templates, each given once.

    Examples:
        >>> names = NameTable()
        >>> names.add("kedro"), names.add("kedro"), names.add("pipeline")
        ('kedro', 'kedro-2', 'pipeline')
    """

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def add(self, wanted: str) -> str:
        """Give a name that nothing has yet: the wanted one, or with a number behind it."""
        name = wanted
        count = self._taken.get(wanted, 0)
        while name in self._taken:
            count += 1
            name = f"{wanted}-{count + 1}"
        self._taken[wanted] = count
        self._taken.setdefault(name, 0)
        return name

    def __len__(self) -> int:
        return len(self._taken)


def slugify(text: str, *, longest: int, default: str) -> str:
    """Turn any text into a name Kubernetes takes; one that is cut ends with a hash of the text.

    Examples:
        >>> slugify("__default__", longest=20, default="x"), slugify("Größe_1", longest=20, default="x")
        ('default', 'grosse-1')
    """
    slug = _reduce(text) or default
    if len(slug) <= longest:
        return slug
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]
    return f"{slug[: longest - _HASH_DIGITS - 1].rstrip('-')}-{digest}"


def _reduce(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def name_by_pipeline(pipeline: str) -> str:
    """Name a schedule as releases did whose names said only the pipeline, cut without a hash."""
    return _reduce(pipeline)[:_LONGEST_OLD].rstrip("-") or "pipeline"


def name_stored(*parts: str) -> str:
    """Name a template or schedule after its project, pipeline, environment and selection.

    Examples:
        >>> name_stored("shop", "__default__", "cloud", "daily")
        'shop-default-cloud-daily'
    """
    return slugify("-".join(filter(None, parts)), longest=min(_LONGEST_NAME.values()), default="pipeline")


def as_label(text: str) -> str:
    """Turn any text into the value of a label: at most 63 characters, alphanumeric at both ends.

    Examples:
        >>> as_label("__default__"), as_label("a/b c")
        ('default', 'a-b-c')
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text)
    return plain[:_LONGEST_LABEL].strip("-_.")


def choose_workflow_name(
    base: str, *, kind: str, suffix: str | None, paths: Sequence[NodePath], retries: int
) -> str:
    """Choose the name of a manifest.

    Raises:
        ArgoError: If ``base`` is not a name for that kind, or ids collide whatever the suffix.
    """
    longest = _LONGEST_NAME[kind] - (SUFFIX_LENGTH + 1 if kind == "Workflow" else 0)
    if len(base) > longest or not _NAME.fullmatch(base):
        raise ArgoError(
            f"{base!r} is not a name for a {kind}",
            hint=f"Give lower-case letters, digits and '-', at most {longest} characters, "
            f"for instance {slugify(base, longest=longest, default='pipeline')!r}.",
        )
    if kind != "Workflow":
        return base
    return _roll_name(base, suffix, paths, retries)


def _roll_name(base: str, suffix: str | None, paths: Sequence[NodePath], retries: int) -> str:
    for attempt in range(_ATTEMPTS):
        name = f"{base}-{_choose_suffix(suffix, attempt)}"
        if not ids_collide(name, paths, retries=retries):
            return name
    raise ArgoError(
        f"{_ATTEMPTS} random names for this workflow all give two of its {len(paths)} tasks the same id",
        hint="Group its nodes into fewer tasks, for instance with '--group-by namespace'.",
    )


def _choose_suffix(given: str | None, attempt: int) -> str:
    if given is None:
        return draw_suffix()
    return derive_suffix(f"{given}{attempt}") if attempt else given


def derive_suffix(text: str) -> str:
    """Return a suffix for names in Kubernetes that is the same whenever the text is.

    Examples:
        >>> derive_suffix("shop-a1b2c3"), derive_suffix("shop-a1b2c4")
        ('ab8c72', 'c4c03d')
    """
    return hashlib.sha256(text.encode()).hexdigest()[:SUFFIX_LENGTH]

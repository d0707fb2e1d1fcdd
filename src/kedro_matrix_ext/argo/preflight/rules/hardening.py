"""Passed-through fields that take back what ``hardening`` sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.preflight.rules.text import list_passed_trees
from kedro_matrix_ext.findings import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_weakened_hardening"]

Keys = tuple["str | int", ...]

# Kubernetes' fields, and the values with which a process has more rights than with hardening.
_WEAK: dict[str, tuple[object, ...]] = {
    "allowPrivilegeEscalation": (True,),
    "automountServiceAccountToken": (True,),
    "hostIPC": (True,),
    "hostNetwork": (True,),
    "hostPID": (True,),
    "privileged": (True,),
    "runAsNonRoot": (False,),
    "runAsUser": (0,),
}
# Hardening does not touch other containers than a task's own.
_OTHER_CONTAINERS = frozenset(("initContainers", "sidecars"))


def find_weakened_hardening(context: CheckContext) -> Iterator[Finding]:
    """Report fields of pods and workflow that give tasks more rights than ``hardening`` does."""
    if not context.config.hardening.enabled:
        return
    for place, tree in list_passed_trees(context):
        for keys, shown in _find_weak_fields(tree, place):
            yield finding(
                "hardening-weakened",
                f"{shown} takes back what 'hardening' sets",
                location=context.argo_place(*keys),
            )


def _find_weak_fields(tree: object, keys: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            place: Keys = (*keys, str(name))
            if name in _OTHER_CONTAINERS:
                continue
            if _is_weak(name, value):
                yield place, f"'{name}: {str(value).lower()}'"
            elif name == "capabilities" and isinstance(value, Mapping) and value.get("add"):
                yield (*place, "add"), f"'capabilities.add: [{', '.join(map(str, value['add']))}]'"
            elif (
                name == "seccompProfile" and isinstance(value, Mapping) and value.get("type") == "Unconfined"
            ):
                yield (*place, "type"), "'seccompProfile.type: Unconfined'"
            else:
                yield from _find_weak_fields(value, place)
    elif isinstance(tree, list | tuple):
        for index, value in enumerate(tree):
            yield from _find_weak_fields(value, (*keys, index))


def _is_weak(name: str, value: object) -> bool:
    return any(type(value) is type(weak) and value == weak for weak in _WEAK.get(name, ()))

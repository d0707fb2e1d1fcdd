"""Argo's node ids: 32-bit hashes of a task's path, which it does not check for collisions.

Source: ``NodeID`` in Argo's workflow package: FNV-1a of the node's full name. A collision makes Argo take one
task for the other, already done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["NodePath", "find_collision", "hash_node"]

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF

# The DAG inside the entrypoint that a task is in (empty for the entrypoint itself), and its name.
NodePath = tuple[str, str]


def hash_node(text: str, state: int = _OFFSET) -> int:
    """Hash text with 32-bit FNV-1a.

    Args:
        text: The text, or the rest of it.
        state: The hash of what comes before.

    Returns:
        The hash.

    Examples:
        >>> hex(hash_node("a")), hash_node("b", hash_node("a")) == hash_node("ab")
        ('0xe40c292c', True)
    """
    for byte in text.encode():
        state = (state ^ byte) * _PRIME & _MASK
    return state


def find_collision(
    workflow: str, paths: Sequence[NodePath], *, retries: int
) -> tuple[str, str] | None:
    """Find two nodes of a workflow that share an id.

    Args:
        workflow: Its name.
        paths: Its tasks.
        retries: How often each is tried again; every attempt is a node too.

    Returns:
        The full names of two that do, or none.
    """
    ids: set[int] = set()
    count = 0
    for identifier in _list_ids(workflow, paths, retries):
        ids.add(identifier)
        count += 1
    return None if len(ids) == count else _name_collision(workflow, paths, retries)


def _list_ids(workflow: str, paths: Sequence[NodePath], retries: int) -> Iterator[int]:
    root = hash_node(workflow)
    yield root
    yield hash_node(".onExit", root)
    prefixes: dict[str, int] = {"": hash_node(".", root)}
    attempts = [f"({attempt})" for attempt in range(retries + 1)] if retries else []
    for dag, name in paths:
        prefix = prefixes.get(dag)
        if prefix is None:
            prefix = prefixes[dag] = hash_node(f"{dag}.", prefixes[""])
        state = hash_node(name, prefix)
        yield state
        for attempt in attempts:
            yield hash_node(attempt, state)


def _name_collision(workflow: str, paths: Sequence[NodePath], retries: int) -> tuple[str, str]:
    names = [workflow, f"{workflow}.onExit"]
    for dag, name in paths:
        full = ".".join(part for part in (workflow, dag, name) if part)
        names += [full, *(f"{full}({attempt})" for attempt in range(retries + 1 if retries else 0))]
    seen: dict[int, str] = {}
    for name in names:
        first = seen.setdefault(hash_node(name), name)
        if first != name:
            return first, name
    raise AssertionError(f"no two of the ids of {workflow!r} are equal")

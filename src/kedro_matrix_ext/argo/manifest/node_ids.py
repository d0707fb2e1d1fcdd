"""Argo's node ids: 32-bit hashes of a task's path, which it does not check for collisions.

Source: ``NodeID`` in Argo's workflow package: FNV-1a of the node's full name. A collision makes Argo take one
task for the other, already done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["NodePath", "find_collision", "hash_node", "ids_collide"]

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF
_PARENTHESIS = ord("(")

# The DAG inside the entrypoint that a task is in (empty for the entrypoint itself), and its name.
NodePath = tuple[str, str]


def hash_node(text: str, state: int = _OFFSET) -> int:
    """Hash text with 32-bit FNV-1a.

    Examples:
        >>> hex(hash_node("a")), hash_node("b", hash_node("a")) == hash_node("ab")
        ('0xe40c292c', True)
    """
    for byte in text.encode():
        state = (state ^ byte) * _PRIME & _MASK
    return state


def ids_collide(workflow: str, paths: Sequence[NodePath], *, retries: int) -> bool:
    """Check whether two nodes of a workflow share an id."""
    root = hash_node(workflow)
    ids = [root, hash_node(".onExit", root)]
    inside = hash_node(".", root)
    beginnings: dict[tuple[str, str], int] = {}
    attempts = [f"{attempt})".encode() for attempt in range(retries + 1)] if retries else []
    for dag, name in paths:
        # Tasks of one namespace or kind begin alike; that much is hashed once.
        head, _, tail = name.rpartition("-")
        state = beginnings.get((dag, head), -1)
        if state < 0:
            state = hash_node(f"{dag}." if dag else "", inside)
            state = beginnings[dag, head] = hash_node(f"{head}-" if head else "", state)
        # The body of hash_node: a call per task and attempt would take most of the time.
        for byte in tail.encode():
            state = (state ^ byte) * _PRIME & _MASK
        ids.append(state)
        if attempts:
            opened = (state ^ _PARENTHESIS) * _PRIME & _MASK
            for attempt in attempts:
                state = opened
                for byte in attempt:
                    state = (state ^ byte) * _PRIME & _MASK
                ids.append(state)
    return len(set(ids)) < len(ids)


def find_collision(workflow: str, paths: Sequence[NodePath], *, retries: int) -> tuple[str, ...]:
    """Find two nodes of a workflow that share an id."""
    seen: dict[int, str] = {}
    for name in _list_names(workflow, paths, retries):
        first = seen.setdefault(hash_node(name), name)
        if first != name:
            return first, name
    return ()


def _list_names(workflow: str, paths: Sequence[NodePath], retries: int) -> Iterator[str]:
    yield workflow
    yield f"{workflow}.onExit"
    for dag, name in paths:
        full = ".".join(part for part in (workflow, dag, name) if part)
        yield full
        yield from (f"{full}({attempt})" for attempt in range(retries + 1 if retries else 0))

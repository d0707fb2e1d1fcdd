"""Nodes with resources, and groups of nodes that share a task."""

__all__: list[str] = []

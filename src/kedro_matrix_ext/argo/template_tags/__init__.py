"""Argo template tags: everything that reads or writes "{{...}}"."""

__all__: list[str] = []

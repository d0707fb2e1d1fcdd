"""Decorators of node functions."""

__all__: list[str] = []

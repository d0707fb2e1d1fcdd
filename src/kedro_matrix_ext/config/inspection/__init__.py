"""Inspect a configuration: where values come from, and what is wrong in it."""

__all__: list[str] = []

"""Synthetic tables declared in YAML."""

__all__: list[str] = []

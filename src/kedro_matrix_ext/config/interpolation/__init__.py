"""Interpolation: evaluate "${...}" in merged configuration."""

__all__: list[str] = []

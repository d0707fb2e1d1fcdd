"""Configuration that layers: environments, merging, resolving, provenance."""

__all__: list[str] = []

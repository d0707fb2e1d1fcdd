"""From YAML to objects, injected into node functions."""

__all__: list[str] = []

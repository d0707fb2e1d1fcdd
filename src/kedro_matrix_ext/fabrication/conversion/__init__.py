"""Convert the YAML of another fabricator, comments included."""

__all__: list[str] = []

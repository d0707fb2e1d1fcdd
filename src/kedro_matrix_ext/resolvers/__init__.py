"""What `${name:...}` can do in configuration files."""

__all__: list[str] = []

"""One hook class per file."""

__all__: list[str] = []

"""Import paths to objects, and which of them configuration may use."""

__all__: list[str] = []

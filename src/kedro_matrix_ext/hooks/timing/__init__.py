"""Node timer hooks: time and peak memory of each node."""

__all__: list[str] = []

"""Find the catalog entry that a dataset uses."""

__all__: list[str] = []

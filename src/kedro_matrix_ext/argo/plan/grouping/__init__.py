"""Group nodes into tasks: the strategies, and the order in which groups can run."""

__all__: list[str] = []

"""Look up registered pipelines and their nodes."""

__all__: list[str] = []

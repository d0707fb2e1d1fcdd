"""One pipeline skeleton, many pipelines."""

__all__: list[str] = []

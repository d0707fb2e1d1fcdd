"""The code package: a project's code and configuration that pods fetch, apart from their image."""

__all__: list[str] = []

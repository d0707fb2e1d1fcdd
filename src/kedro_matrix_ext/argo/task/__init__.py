"""What a pod runs: some nodes of the project, by the names the manifest gives."""

__all__: list[str] = []

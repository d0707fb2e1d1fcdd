"""Run a pod as a process on this machine."""

__all__: list[str] = []

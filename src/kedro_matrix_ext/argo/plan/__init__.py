"""Plan: which nodes share a task, and what each task needs."""

__all__: list[str] = []

"""Check expressions of ``retries``, which Argo evaluates only when a task has failed."""

__all__: list[str] = []

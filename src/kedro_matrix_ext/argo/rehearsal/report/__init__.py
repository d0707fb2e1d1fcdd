"""Report a rehearsal: progress, results, summary."""

__all__: list[str] = []

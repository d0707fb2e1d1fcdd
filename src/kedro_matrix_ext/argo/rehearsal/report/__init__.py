"""Report a rehearsal: progress, results, summary."""

"""Plan: which nodes share a task, and what each task needs."""

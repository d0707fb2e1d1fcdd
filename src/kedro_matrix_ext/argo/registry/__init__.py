"""Look up registered pipelines and their nodes."""

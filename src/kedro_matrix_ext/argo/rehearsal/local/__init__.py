"""Run a pod as a process on this machine."""

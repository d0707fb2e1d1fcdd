"""Argo template tags: everything that reads or writes "{{...}}"."""

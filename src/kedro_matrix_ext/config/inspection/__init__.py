"""Inspect a configuration: where values come from, and what is wrong in it."""

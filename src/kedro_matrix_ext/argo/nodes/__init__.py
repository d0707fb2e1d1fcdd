"""Nodes with resources, and groups of nodes that share a task."""

"""Decorators of node functions."""

"""Catalog entries that expand, and checks on them."""

__all__: list[str] = []

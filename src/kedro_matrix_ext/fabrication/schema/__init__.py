"""Pydantic models of the tables that YAML declares."""

__all__: list[str] = []

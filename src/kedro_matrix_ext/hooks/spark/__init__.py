"""Spark hooks: a session that starts when the first Spark dataset is used."""

__all__: list[str] = []

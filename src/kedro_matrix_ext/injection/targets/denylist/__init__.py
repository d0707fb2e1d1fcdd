"""The deny-list: rows of names, and what they do."""

__all__: list[str] = []

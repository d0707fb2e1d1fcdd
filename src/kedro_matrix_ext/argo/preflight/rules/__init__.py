"""The rules of the preflight, each a function from a ``CheckContext`` to findings."""

__all__: list[str] = []

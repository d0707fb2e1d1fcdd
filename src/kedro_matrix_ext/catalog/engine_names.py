"""Names of transcoded datasets: ``features@spark`` is ``features``, as the engine ``spark`` reads it."""

from __future__ import annotations

__all__ = ["ENGINE_SEPARATOR", "strip_engine"]

ENGINE_SEPARATOR = "@"


def strip_engine(dataset: str) -> str:
    """Strip the ``@engine`` from a dataset's name.

    Examples:
        >>> strip_engine("features@spark"), strip_engine("features")
        ('features', 'features')
    """
    return dataset.partition(ENGINE_SEPARATOR)[0]

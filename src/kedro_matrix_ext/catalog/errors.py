"""Errors of the catalog that also derive from Kedro's, public in ``kedro_matrix_ext.errors``."""

from __future__ import annotations

from kedro.io import DatasetError

from kedro_matrix_ext.errors import KedroMatrixError

__all__ = ["CatalogError"]


class CatalogError(KedroMatrixError, DatasetError):
    """A catalog entry cannot be expanded or used as it is declared; a ``DatasetError`` too.

    Examples:
        >>> from kedro_matrix_ext.catalog import expand_transcoding
        >>> expand_transcoding({"cars": {"transcode": ["polrs"], "format": "csv", "filepath": "cars.csv"}})
        Traceback (most recent call last):
        ...
        kedro_matrix_ext.catalog.errors.CatalogError: there is no engine 'polrs' ...
    """

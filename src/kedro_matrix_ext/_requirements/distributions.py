"""Names: under which a library is imported, and under which it is installed."""

from __future__ import annotations

import re
from functools import cache

__all__ = ["find_distribution", "list_distributions", "normalise"]

# Import names of libraries whose distribution has another name; the first one is what to install.
_DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "attr": ("attrs",),
    "bs4": ("beautifulsoup4",),
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
    "cx_Oracle": ("cx-Oracle",),
    "dateutil": ("python-dateutil",),
    "dotenv": ("python-dotenv",),
    "git": ("GitPython",),
    "jwt": ("PyJWT",),
    "MySQLdb": ("mysqlclient",),
    "osgeo": ("GDAL",),
    "PIL": ("pillow",),
    "psycopg": ("psycopg[binary]",),
    "psycopg2": ("psycopg2-binary", "psycopg2"),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn",),
    "snowflake": ("snowflake-sqlalchemy", "snowflake-connector-python"),
    "umap": ("umap-learn",),
    "yaml": ("PyYAML",),
}


def find_distribution(library: str) -> str:
    """Return the name under which a library is installed.

    Args:
        library: The name it is imported by.

    Returns:
        The distribution.

    Examples:
        >>> find_distribution("sklearn"), find_distribution("kedro_datasets")
        ('scikit-learn', 'kedro-datasets')
    """
    return _DISTRIBUTIONS.get(library, (library.replace("_", "-"),))[0]


def list_distributions(library: str) -> frozenset[str]:
    """Return the normalised names of all distributions that provide a library, as far as is known here.

    Args:
        library: The name it is imported by.

    Returns:
        Those that are installed, and those that it is known under.

    Examples:
        >>> "psycopg2" in list_distributions("psycopg2"), sorted(list_distributions("absent_library"))
        (True, ['absent-library'])
    """
    known = _DISTRIBUTIONS.get(library, (library,))
    return frozenset(normalise(name.partition("[")[0]) for name in (*known, *_installed().get(library, ())))


@cache
def _installed() -> dict[str, list[str]]:
    from importlib.metadata import packages_distributions

    return dict(packages_distributions())


def normalise(name: str) -> str:
    """Return a distribution's name as indexes compare it.

    Examples:
        >>> normalise("Kedro_Matrix.Ext")
        'kedro-matrix-ext'
    """
    return re.sub(r"[-_.]+", "-", name).lower()

"""Where the tasks of a workflow write beyond this machine."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kedro_matrix_ext._secrets import REDACTED, show_address
from kedro_matrix_ext.argo.preflight.rules.mlflow_store import find_declared_store, is_on_disk
from kedro_matrix_ext.argo.report.text import render_count
from kedro_matrix_ext.catalog.lookup.storage import find_storage, is_local

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView

__all__ = ["list_destinations", "name_store"]


def list_destinations(outputs: Iterable[str], view: CatalogView) -> list[str]:
    """Say where datasets are written that are not written on this machine.

    Examples:
        >>> from kedro.io import DataCatalog
        >>> from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView
        >>> entry = {"type": "pickle.PickleDataset", "filepath": "s3://bucket/models/{team}.pickle"}
        >>> catalog = DataCatalog.from_config({"{team}.model": entry})
        >>> list_destinations(["sales.model", "care.model"], CatalogView(catalog))
        ['s3://bucket/models (2 datasets)']
    """
    folders: dict[str, list[str]] = defaultdict(list)
    unknown: dict[str, int] = defaultdict(int)
    for name in sorted(set(outputs)):
        if view.is_in_memory(name):
            continue
        storage = find_storage(view.entry(name))
        if storage is None:
            unknown[view.type_name(name) or ""] += 1
        elif not is_local(storage):
            root, folder = _split(storage)
            folders[root].append(folder)
    places = [
        f"{root}{posixpath.commonpath(paths)} ({render_count(len(paths), 'dataset')})"
        for root, paths in folders.items()
    ]
    return [
        *places,
        *(
            f"wherever {kind} keeps its data ({render_count(count, 'dataset')})"
            for kind, count in unknown.items()
        ),
    ]


def name_store(tracking: Mapping[str, Any], variable: str | None) -> str | None:
    """Say where MLflow's store is, if it is not on this machine's disk.

    Examples:
        >>> name_store({"tracking_uri": "https://me:hidden@mlflow.example.com/shop"}, None)
        "MLflow's store https://mlflow.example.com"
    """
    uri = find_declared_store(tracking)[0] or variable
    if not uri or is_on_disk(uri):
        return None
    return f"MLflow's store {show_address(uri)}"


def _split(storage: str) -> tuple[str, str]:
    """Part an address into its server or bucket, without credentials, and the folder."""
    shown = show_address(storage.rpartition("::")[2])
    if REDACTED in shown:
        return shown, "/"
    address = urlsplit(shown)
    return f"{address.scheme}://{address.netloc}" if address.scheme else "", posixpath.dirname(
        address.path
    ) or "/"

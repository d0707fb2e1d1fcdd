"""One version for all that a run writes and reads; the only module that looks inside versioned datasets.

Kedro fixes versions when it makes the catalog, and has no way to change them after. What a dataset was given
is in ``_version``, and what it asks before it saves is ``_exists_function`` (Kedro 1.3 to 1.7).
"""
# ruff: noqa: SLF001  see above

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractVersionedDataset, CachedDataset
from kedro.io.core import Version

from kedro_matrix_ext.catalog.engine_names import strip_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fsspec import AbstractFileSystem
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline

__all__ = ["use_run_versions"]

logger = logging.getLogger(__name__)

_Dataset = AbstractVersionedDataset[Any, Any]


def use_run_versions(pipeline: Pipeline, catalog: CatalogProtocol[Any, Any], run_id: str) -> None:
    """Let a task write its run's version, and read it where the run has written one.

    - What is saved has the run's id for its version.
    - What the pipeline makes is loaded in that version. So are other inputs where it exists and no other was
      asked for; else the latest, as ever.
    - A version of the run's id that the pipeline is to make and that is there already was left by an earlier
      attempt of the same task, as in one run only one task makes a dataset. It is removed. No other version
      is touched.
    """
    outputs = pipeline.all_outputs()
    made = {strip_engine(name) for name in outputs}
    for name, dataset in _find_versioned(pipeline.datasets(), catalog):
        asked = getattr(dataset._version, "load", None)
        if name in outputs:
            _remove(dataset, name, run_id)
        is_own = strip_engine(name) in made or (asked is None and _exists(dataset, run_id))
        dataset._version = Version(run_id if is_own else asked, run_id)


def _find_versioned(
    names: Iterable[str], catalog: CatalogProtocol[Any, Any]
) -> Iterator[tuple[str, _Dataset]]:
    for name in sorted(names):
        dataset = catalog.get(name) if name in catalog else None
        if isinstance(dataset, CachedDataset):
            dataset = dataset._dataset
        if isinstance(dataset, AbstractVersionedDataset) and dataset._version is not None:
            yield name, dataset


def _exists(dataset: _Dataset, version: str) -> bool:
    return bool(dataset._exists_function(str(dataset._get_versioned_path(version))))


def _remove(dataset: _Dataset, name: str, version: str) -> None:
    """Remove a version where its file system is known; what stays, Kedro refuses to replace."""
    filesystem = _find_filesystem(dataset)
    if filesystem is not None and _exists(dataset, version):
        path = str(dataset._get_versioned_path(version))
        filesystem.rm(path, recursive=True)
        logger.warning("Removed version %s of '%s', left by an earlier attempt of this run.", version, name)


def _find_filesystem(dataset: _Dataset) -> AbstractFileSystem | None:
    """Find what a dataset asks whether a version exists: fsspec's file system, or this machine's files."""
    from fsspec import AbstractFileSystem
    from fsspec.implementations.local import LocalFileSystem

    asked = getattr(dataset._exists_function, "__self__", None)
    if isinstance(asked, AbstractFileSystem):
        return asked
    is_local = getattr(dataset._exists_function, "__name__", "") == "_local_exists"
    return LocalFileSystem() if is_local else None

"""One version for all that a run writes and reads; the only module that looks inside versioned datasets.

Kedro fixes versions when it makes the catalog, and has no way to change them after. What a dataset was given
is in ``_version``, and what it asks before it saves is ``_exists_function`` (Kedro 1.3 to 1.7). Kedro calls a
dataset's ``save`` on the object, so an attribute of that name stands in for the method.
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

_KEPT = ".earlier-"  # what Kedro looks for in a version's folder is the plain name
_Dataset = AbstractVersionedDataset[Any, Any]


def use_run_versions(pipeline: Pipeline, catalog: CatalogProtocol[Any, Any], run_id: str) -> None:
    """Let a task write its run's version, and read it where the run has written one.

    - What is saved has the run's id for its version.
    - What the pipeline makes is loaded in that version. So are other inputs where it exists and no other was
      asked for; else the latest, as ever.
    - A version of the run's id that the pipeline is to make and that is there already was left by an earlier
      attempt of the same task, as in one run only one task makes a dataset. It is replaced when the new one
      is saved, and stays if that fails. No other version is touched.
    """
    outputs = pipeline.all_outputs()
    made = {strip_engine(name) for name in outputs}
    for name, dataset in _find_versioned(pipeline.datasets(), catalog):
        asked = getattr(dataset._version, "load", None)
        if name in outputs:
            _replace_when_saved(dataset, name, run_id)
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


def _replace_when_saved(dataset: _Dataset, name: str, version: str) -> None:
    """Let a save replace a version where its file system is known; elsewhere Kedro refuses to."""
    filesystem = _find_filesystem(dataset)
    if filesystem is not None:
        replacing = _ReplacingSave(dataset, name, version, filesystem)
        replacing.recover()
        dataset.save = replacing  # type: ignore[method-assign]


class _ReplacingSave:
    """Save a version, and keep the earlier one next to it, under another name, until that succeeded.

    A move on object storage copies and then removes, and a kill may come at any moment. So a copy is removed
    only after a save: at every moment before, one of the version and the copies next to it is whole. This
    object is pickled with its dataset.
    """

    def __init__(self, dataset: _Dataset, name: str, version: str, filesystem: AbstractFileSystem) -> None:
        self._dataset, self._name, self._version, self._filesystem = dataset, name, version, filesystem
        self._path = str(dataset._get_versioned_path(version))
        self._is_saved = False

    def __call__(self, data: object) -> None:
        """Save data; if that fails, put the earlier version back."""
        kept = None if self._is_saved else self._set_aside()
        try:
            type(self._dataset).save(self._dataset, data)
        except BaseException:
            if kept is not None:
                self._put_back(kept)
            raise
        self._is_saved = True
        self._remove_copies()

    def recover(self) -> None:
        """Put back a version that a killed attempt had set aside."""
        copies = self._list_copies()
        if copies and not self._filesystem.exists(self._path):
            self._put_back(copies[-1])

    def _set_aside(self) -> str | None:
        if not self._filesystem.exists(self._path):
            return None
        kept = f"{self._path}{_KEPT}{len(self._list_copies()) + 1}"
        self._filesystem.mv(self._path, kept, recursive=True)
        return kept

    def _put_back(self, kept: str) -> None:
        if self._filesystem.exists(self._path):
            self._filesystem.rm(self._path, recursive=True)
        self._filesystem.mv(kept, self._path, recursive=True)

    def _remove_copies(self) -> None:
        copies = self._list_copies()
        for copy in reversed(copies):
            self._filesystem.rm(copy, recursive=True)
        if copies:
            logger.warning(
                "Replaced version %s of '%s', left by an earlier attempt of this run.",
                self._version,
                self._name,
            )

    def _list_copies(self) -> list[str]:
        """Return the copies next to the version, the first one first."""
        copies: list[str] = []
        while self._filesystem.exists(copy := f"{self._path}{_KEPT}{len(copies) + 1}"):
            copies.append(copy)
        return copies


def _find_filesystem(dataset: _Dataset) -> AbstractFileSystem | None:
    """Find what a dataset asks whether a version exists: fsspec's file system, or this machine's files."""
    from fsspec import AbstractFileSystem
    from fsspec.implementations.local import LocalFileSystem

    asked = getattr(dataset._exists_function, "__self__", None)
    if isinstance(asked, AbstractFileSystem):
        return asked
    is_local = getattr(dataset._exists_function, "__name__", "") == "_local_exists"
    return LocalFileSystem() if is_local else None

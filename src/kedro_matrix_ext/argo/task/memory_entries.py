"""Catalog entries of datasets that one run keeps in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext.catalog.engine_names import strip_engine
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro.config import AbstractConfigLoader
    from kedro.runner import AbstractRunner

__all__ = ["choose_memory_type", "keep_in_memory"]


def choose_memory_type(runner: AbstractRunner) -> str:
    """Choose what holds data in memory: under a ``ParallelRunner``, what its processes share.

    Examples:
        >>> from kedro.runner import SequentialRunner
        >>> choose_memory_type(SequentialRunner())
        'kedro.io.MemoryDataset'
    """
    from kedro.runner import ParallelRunner

    return "kedro.io.SharedMemoryDataset" if isinstance(runner, ParallelRunner) else "kedro.io.MemoryDataset"


def keep_in_memory(config_loader: AbstractConfigLoader, names: Sequence[str], memory_type: str) -> None:
    """Put entries into the loaded catalog that win over those of the files, and over patterns.

    Raises:
        ArgoError: If one of them is transcoded: in memory, what one engine saves another could not load.
    """
    entries = config_loader["catalog"]
    for name in names:
        _refuse_transcoded(name, entries)
    config_loader["catalog"] = {**entries, **{name: {"type": memory_type} for name in names}}


def _refuse_transcoded(name: str, entries: Mapping[str, object]) -> None:
    engines = [entry for entry in entries if entry != name and strip_engine(entry) == name]
    if strip_engine(name) != name or engines:
        raise ArgoError(
            f"--memory-datasets: {name!r} is transcoded as {[name, *engines][-1]!r}, and memory passes "
            "no file that another engine could read",
            hint="Leave it out, so that it is saved as its catalog entry says.",
        )

"""What one run keeps in memory: the catalog entries, and how Kedro copies it."""

from __future__ import annotations

import builtins
import sys
from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.catalog.engine_names import strip_engine
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kedro.config import AbstractConfigLoader
    from kedro.runner import AbstractRunner

__all__ = ["choose_memory_type", "copying_without_imports", "keep_in_memory"]


@contextmanager
def copying_without_imports() -> Iterator[None]:
    """Let Kedro choose how to copy data in memory without importing pandas, NumPy and Ibis.

    Kedro imports them, where they are installed, to ask for each parameter whether it is one of their tables.
    What no imported library has made cannot be one, so Kedro's function (private, Kedro 1.3 to 1.7) is given
    an ``import`` that finds only what is imported already.
    """
    from kedro.io import memory_dataset

    kedros: Any = memory_dataset._infer_copy_mode  # noqa: SLF001  see above
    own_builtins = {**vars(builtins), "__import__": _import_imported}
    memory_dataset._infer_copy_mode = FunctionType(  # noqa: SLF001
        kedros.__code__, {**kedros.__globals__, "__builtins__": own_builtins}, kedros.__name__
    )
    try:
        yield
    finally:
        memory_dataset._infer_copy_mode = kedros  # noqa: SLF001


def _import_imported(name: str, *arguments: Any) -> Any:
    """Do what an import statement does, for modules that are imported already."""
    if name not in sys.modules:
        raise ImportError(f"{name!r} is not imported yet", name=name)
    return __import__(name, *arguments)


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

"""From the ``type:`` of a catalog entry to the class, or to what has to be installed for it."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import CatalogError, ImportPathError, KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["find_dataset_class"]

_TYPE = "type"
_DATASETS = "kedro_datasets"


def find_dataset_class(name: str, entry: Mapping[str, Any]) -> type:
    """Import the class of a catalog entry, as Kedro does.

    Args:
        name: The entry's name, for messages.
        entry: The entry; only its ``type`` is looked at.

    Returns:
        The class.

    Raises:
        CatalogError: If it has no type, or the class cannot be imported; the hint names the extra to install.

    Examples:
        >>> find_dataset_class("cars", {"type": "MemoryDataset"}).__name__
        'MemoryDataset'
    """
    from kedro.io import AbstractDataset, DatasetError
    from kedro.io.core import parse_dataset_definition

    place = render_config_path("catalog", [name, _TYPE])
    declared = entry.get(_TYPE)
    if declared is None:
        raise CatalogError(f"{name!r} has no 'type'", config_path=place, hint="Say which dataset it is.")
    try:
        found: type = parse_dataset_definition({_TYPE: declared})[0]
    except KedroMatrixError as error:  # of our own datasets, which say what to install
        raise _not_imported(declared, error.message, place, error.hint) from error
    except (DatasetError, ImportError, TypeError) as error:
        reason, hint = _explain(str(declared), AbstractDataset)
        raise _not_imported(declared, reason, place, hint) from error
    return found


def _not_imported(declared: object, reason: str, place: str, hint: str | None) -> CatalogError:
    return CatalogError(f"the type {declared!r} cannot be imported: {reason}", config_path=place, hint=hint)


def _explain(declared: str, base: type) -> tuple[str, str | None]:
    """Find out why a type cannot be imported, where Kedro tells of its last attempt only."""
    group, _, kind = declared.removeprefix(f"{_DATASETS}.").rpartition(".")
    ours = group if group.partition(".")[0] in _groups() else None
    try:
        found = import_object(f"{_DATASETS}.{ours}.{kind}" if ours else declared)
    except ImportPathError as error:
        if "." in declared:
            return error.message.partition(": ")[2] or error.message, _suggest(
                declared, ours, kind
            ) or error.hint
        nearest = did_you_mean(declared, dir(import_object("kedro.io")))
        return "it is no dataset of Kedro's own", nearest or "Write its import path, as 'pandas.CSVDataset'."
    except ImportError as error:  # of a module that is imported when it is first used
        return f"it needs {error.name!r}, which is not installed", _name_extra(ours, kind)
    if isinstance(found, type) and issubclass(found, base):  # pragma: no cover  Kedro would have taken it
        return "Kedro does not take it", None
    return "it is no dataset", "Name a class that extends kedro.io.AbstractDataset."


def _suggest(declared: str, group: str | None, kind: str) -> str:
    if group is None:
        known = (f"{name}.{kind}" for name in _groups())
        return did_you_mean(declared, known) if _groups() else _name_extra(declared.rpartition(".")[0], kind)
    names = import_object(f"{_DATASETS}.{group}").__all__
    return did_you_mean(kind, names)


def _name_extra(group: str | None, kind: str) -> str:
    """Name what to install; extras of kedro-datasets are called after the module and the class."""
    if group is None:
        return "Install what provides it."
    extra = f"{group}-{kind}".lower().replace("_", "-").replace(".", "-")
    return f"Install 'kedro-datasets[{extra}]'."


@lru_cache(maxsize=1)
def _groups() -> frozenset[str]:
    """The modules of kedro-datasets; none where it is not installed."""
    found = find_spec(_DATASETS)
    paths = found.submodule_search_locations if found else None
    return frozenset(module.name for module in iter_modules(paths)) if paths else frozenset()

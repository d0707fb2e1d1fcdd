"""Import the class that a catalog entry's ``type:`` names, or say what to install."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._import_path import import_object
from kedro_matrix_ext._requirements.distributions import find_distribution
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.errors import CatalogError
from kedro_matrix_ext.errors import ImportPathError, KedroMatrixError
from kedro_matrix_ext.injection.objects.signatures import find_mismatch, read_signature

__all__ = ["find_dataset_class", "find_unfit_arguments", "find_wrapped", "suggest_arguments"]

_TYPE = "type"
_DATASETS = "kedro_datasets"
_KEYS_OF_KEDRO = frozenset({_TYPE, "versioned", "version", "validator"})  # not given to the class
_COMMON = ("pandas.", "polars.", "spark.")  # named first of several groups
_WRAPPERS = ("CachedDataset", "PartitionedDataset", "IncrementalDataset")


def find_dataset_class(name: str, entry: Mapping[str, Any]) -> type:
    """Import the class of a catalog entry, as Kedro does.

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
        example = "type: pandas.CSVDataset"
        raise CatalogError(f"{name!r} has no 'type'", config_path=place, hint=f"Add its class: {example!r}.")
    try:
        found: type = parse_dataset_definition({_TYPE: declared})[0]
    except KedroMatrixError as error:  # from this package's datasets, which say what to install
        raise _not_imported(declared, error.message, place, error.hint) from error
    except (DatasetError, ImportError, TypeError) as error:
        reason, hint = _explain(str(declared), AbstractDataset)
        raise _not_imported(declared, reason, place, hint) from error
    return found


def find_unfit_arguments(found: type, entry: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys of an entry that its class does not take, and the arguments that it lacks.

    Examples:
        >>> from kedro.io import CachedDataset
        >>> find_unfit_arguments(CachedDataset, {"type": "CachedDataset", "datset": "pickle.PickleDataset"})
        (('datset',), ('dataset',))
    """
    signature = read_signature(found)
    if signature is None:
        return (), ()
    given = [key for key in entry if key not in _KEYS_OF_KEDRO]
    version = ["version"] if entry.get("versioned") or getattr(found, "versioned", False) else []
    mismatch = find_mismatch(signature, 0, [*given, *version])
    return tuple("versioned" if key in version else key for key in mismatch.unknown), mismatch.missing


def suggest_arguments(found: type, key: str) -> str:
    """Return the arguments of a class that a key may be meant for."""
    names = [name for name in inspect.signature(found).parameters if name != "version"]
    return did_you_mean(key, names) or f"The class takes {', '.join(map(repr, names))}."


def find_wrapped(entry: Mapping[str, Any]) -> Any:
    """Return the entry of the dataset inside a catalog entry; None where ``dataset`` is a plain argument.

    Examples:
        >>> find_wrapped({"type": "CachedDataset", "dataset": "text.TextDataset"})
        {'type': 'text.TextDataset'}
        >>> find_wrapped({"type": "pandas.GBQTableDataset", "dataset": "sales"})
    """
    inner = entry.get("dataset")
    if isinstance(inner, Mapping) and _TYPE in inner:
        return inner
    if inner is None or (isinstance(inner, (str, Mapping)) and not _wraps(entry)):
        return None
    return {_TYPE: inner} if isinstance(inner, str) else inner


def _wraps(entry: Mapping[str, Any]) -> bool:
    """Return whether a class takes a dataset as ``dataset``: it then takes more there than text."""
    try:
        found = find_dataset_class("", entry)
    except CatalogError:
        return str(entry.get(_TYPE)).rpartition(".")[2] in _WRAPPERS
    if any(base.__name__ in _WRAPPERS for base in found.__mro__):
        return True
    parameter = inspect.signature(found.__init__).parameters.get("dataset")  # type: ignore[misc]
    hint = "" if parameter is None or parameter.annotation is parameter.empty else str(parameter.annotation)
    return any(kind in hint for kind in ("AbstractDataset", "dict", "Dict", "Mapping"))


def _not_imported(declared: object, reason: str, place: str, hint: str | None) -> CatalogError:
    return CatalogError(f"the type {declared!r} cannot be imported: {reason}", config_path=place, hint=hint)


def _explain(declared: str, base: type) -> tuple[str, str | None]:
    """Find out why a type cannot be imported; Kedro reports its last attempt only."""
    group, _, class_name = declared.removeprefix(f"{_DATASETS}.").rpartition(".")
    known_group = group if group.partition(".")[0] in _groups() else None
    try:
        found = import_object(f"{_DATASETS}.{known_group}.{class_name}" if known_group else declared)
    except ImportPathError as error:
        if "." in declared:
            return error.message.partition(": ")[2] or error.message, _suggest(
                declared, known_group, class_name
            ) or error.hint
        nearest = _suggest_with_group(declared) or did_you_mean(declared, _list_own_datasets(base))
        return "Kedro has no such dataset", nearest or "Write its import path, as 'pandas.CSVDataset'."
    except ImportError as error:  # of a module that is imported when it is first used
        return f"it needs {error.name!r}, which is not installed", _name_extra(
            known_group, class_name, (error.name or "").partition(".")[0]
        )
    if isinstance(found, type) and issubclass(found, base):  # pragma: no cover  Kedro would have accepted it
        return "Kedro does not accept it", None
    return "it is not a dataset", "Name a class that extends kedro.io.AbstractDataset."


def _suggest(declared: str, group: str | None, class_name: str) -> str:
    if group is None and _groups():
        return did_you_mean(declared, _list_types())
    if group is None:
        return _name_extra(declared.rpartition(".")[0], class_name)
    names = import_object(f"{_DATASETS}.{group}").__all__
    return did_you_mean(class_name, names)


def _suggest_with_group(declared: str) -> str:
    """Return the types of kedro-datasets whose class is called like this, in letters of either case."""
    found = [name for name in _list_types() if name.rpartition(".")[2].lower() == declared.lower()]
    common = sorted(found, key=lambda name: (not name.startswith(_COMMON), name))[:3]
    return f"Did you mean {' or '.join(map(repr, common))}?" if common else ""


def _list_own_datasets(base: type) -> list[str]:
    """List the datasets that Kedro itself has."""
    io = import_object("kedro.io")
    return [
        name
        for name, value in vars(io).items()
        if isinstance(value, type) and issubclass(value, base) and not inspect.isabstract(value)
    ]


@lru_cache(maxsize=1)
def _list_types() -> tuple[str, ...]:
    """List the types of kedro-datasets; their libraries are not imported."""
    found = []
    for group in sorted(_groups()):
        try:
            names = import_object(f"{_DATASETS}.{group}").__all__
        except (ImportPathError, ImportError, AttributeError):
            continue  # not a group, or one that needs its library to list them
        found += [f"{group}.{name}" for name in names]
    return tuple(found)


def _name_extra(group: str | None, class_name: str, library: str = "") -> str:
    """Say what to install; kedro-datasets names its extras after module and class."""
    if group is None:
        return "Install the package that provides it."
    extra = f"{group}-{class_name}".lower().replace("_", "-").replace(".", "-")
    if not library or library == _DATASETS or _brings(extra, library):
        return f"Install 'kedro-datasets[{extra}]'."
    return f"Install {find_distribution(library)!r}; 'kedro-datasets[{extra}]' does not bring it."


def _brings(extra: str, library: str) -> bool:
    """Return whether an extra of the installed kedro-datasets brings a library."""
    from kedro_matrix_ext._requirements.installation import Wanted, install_requirements

    return install_requirements([Wanted("kedro-datasets", extra)]).provides(library)


@lru_cache(maxsize=1)
def _groups() -> frozenset[str]:
    """Return the modules of kedro-datasets; empty if it is not installed."""
    found = find_spec(_DATASETS)
    paths = found.submodule_search_locations if found else None
    return frozenset(module.name for module in iter_modules(paths)) if paths else frozenset()

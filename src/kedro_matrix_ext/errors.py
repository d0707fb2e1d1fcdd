"""The errors of this package: one base class, and a subclass per thing a caller may want to act on.

This module imports nothing of the package until it is asked for an error that also derives from one of Kedro,
OmegaConf or PyYAML, so every other module may import it.
"""

from __future__ import annotations

import importlib
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.catalog.errors import CatalogError
    from kedro_matrix_ext.config.errors import (
        DuplicateKeyError,
        FileEncodingError,
        FileSyntaxError,
        InterpolationError,
        InterpolationSyntaxError,
        MissingKeyError,
        MissingValueError,
        MissingVariablesError,
        UnknownEnvironmentError,
        UnknownResolverError,
    )

__all__ = [
    "ArgoError",
    "CatalogError",
    "ClusterError",
    "ColumnPatternError",
    "ConfigurationError",
    "DuplicateKeyError",
    "FabricationError",
    "FileEncodingError",
    "FileSyntaxError",
    "GroupingCycleError",
    "HookError",
    "ImportPathError",
    "InjectionError",
    "InterpolationError",
    "InterpolationSyntaxError",
    "KedroMatrixError",
    "MappingError",
    "MergeStrategyError",
    "MissingEnvironmentVariableError",
    "MissingKeyError",
    "MissingValueError",
    "MissingVariablesError",
    "NodeDefinitionError",
    "NodeImportError",
    "PlacementError",
    "RefusedTargetError",
    "ResolverError",
    "SettingsError",
    "UnknownEnvironmentError",
    "UnknownMachineTypeError",
    "UnknownResolverError",
]

observers: list[Callable[[], None]] = []  # called for each error; what the terminal shows depends on it
_OF_CONFIG = {
    *("DuplicateKeyError", "FileEncodingError", "FileSyntaxError", "InterpolationError"),
    *("InterpolationSyntaxError", "MissingKeyError", "MissingValueError", "MissingVariablesError"),
    *("UnknownEnvironmentError", "UnknownResolverError"),
}


def __getattr__(name: str) -> Any:
    """Import an error with bases of Kedro, OmegaConf or PyYAML from where it is defined."""
    if name not in {*_OF_CONFIG, "CatalogError"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    layer = "config" if name in _OF_CONFIG else "catalog"
    return getattr(importlib.import_module(f"kedro_matrix_ext.{layer}.errors"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


@dataclass(eq=False, repr=False)
class KedroMatrixError(Exception):
    """A mistake that the user can fix: what it is, where it is, what to do.

    Subclasses keep the constructor's shape (one positional message, everything else keyword-only with a
    default), so that every error survives pickling between the processes of a ``ParallelRunner``. Those with
    their own attributes take them as keywords too.

    Attributes:
        message: What is wrong, naming the offender with ``!r``, without the place and the hint.
        config_path: Where in the configuration, as ``parameters: models.base.object``.
        file: The file it is in.
        line: The line in that file, from 1.
        hint: What to do, one sentence or a few.

    Examples:
        >>> print(KedroMatrixError("no such thing 'a'", config_path="parameters: x", file="p.yml", line=3,
        ...                        hint="Write 'b'."))
        no such thing 'a'
          at parameters: x (p.yml:3)
          Write 'b'.
    """

    message: str
    _: KW_ONLY
    config_path: str | None = None
    file: str | None = None
    line: int | None = None
    hint: str | None = None

    def __post_init__(self) -> None:
        super().__init__(self.message)
        for observer in observers:
            observer()

    def __str__(self) -> str:
        place = self._place()
        lines = [self.message, f"  at {place}" if place else "", f"  {self.hint}" if self.hint else ""]
        return "\n".join(line for line in lines if line)

    def _place(self) -> str:
        file = f"{self.file}:{self.line}" if self.file and self.line else self.file or ""
        if self.config_path and file:
            return f"{self.config_path} ({file})"
        return self.config_path or file


class ImportPathError(KedroMatrixError):
    """An import path such as ``pkg.module.Name`` does not lead to an object.

    Examples:
        >>> ImportPathError("'decimal' has no 'Decimel'", hint="Did you mean 'Decimal'?").hint
        "Did you mean 'Decimal'?"
    """


class ConfigurationError(KedroMatrixError):
    """A configuration file or environment cannot be loaded.

    Examples:
        >>> from kedro_matrix_ext.errors import UnknownEnvironmentError
        >>> issubclass(UnknownEnvironmentError, ConfigurationError)  # one clause catches them all
        True
    """


class ResolverError(KedroMatrixError):
    """A resolver was given arguments it does not take, or could not be registered.

    Examples:
        >>> print(ResolverError("'merge' merges mappings; its argument 2 is 4"))
        'merge' merges mappings; its argument 2 is 4
    """


@dataclass(eq=False, repr=False, kw_only=True)
class MissingEnvironmentVariableError(ResolverError, KeyError):
    """A configuration refers to an environment variable that is not set; a ``KeyError`` too.

    Attributes:
        variable: The variable's name.

    Examples:
        >>> MissingEnvironmentVariableError("'BUCKET' is not set", variable="BUCKET").variable
        'BUCKET'
    """

    variable: str = ""


class SettingsError(KedroMatrixError):
    """Something called from ``settings.py`` was given what it does not take.

    Examples:
        >>> from kedro_matrix_ext import determine_hooks_to_execute
        >>> determine_hooks_to_execute(["shop.hooks.First"])
        Traceback (most recent call last):
        kedro_matrix_ext.errors.SettingsError: hooks are a mapping of names to hooks, ...
    """


class MergeStrategyError(SettingsError, ValueError):
    """A merge strategy is unknown, or for an unknown type of configuration; a ``ValueError`` too.

    Examples:
        >>> from kedro_matrix_ext import config_loader_args
        >>> config_loader_args(merge_strategy={"catalog": "sft"})
        Traceback (most recent call last):
        kedro_matrix_ext.errors.MergeStrategyError: the merge strategy 'sft' of 'catalog' does not exist ...
    """


class NodeImportError(KedroMatrixError, ImportError):
    """A node module that is imported late fails, or lacks a name or a library.

    >>> assert issubclass(NodeImportError, ImportError)
    """


class HookError(KedroMatrixError):
    """A hook cannot be imported, built or run as configured.

    Examples:
        >>> HookError("the store does not answer", config_path="tracking: tracking_uri").config_path
        'tracking: tracking_uri'
    """


class MappingError(KedroMatrixError):
    """A dynamic pipeline mapping, or what is built from it, does not hold together.

    Examples:
        >>> from kedro_matrix_ext import dynamic_pipeline_mapping
        >>> dynamic_pipeline_mapping({"price_predictor": []})
        Traceback (most recent call last):
        kedro_matrix_ext.errors.MappingError: the list is empty ...
    """


@dataclass(eq=False, repr=False, kw_only=True)
class InjectionError(KedroMatrixError):
    """An object declared in the configuration cannot be made.

    Attributes:
        target: The import path of the object, where it is known.
        foreign: The keywords given that the object does not take.

    Examples:
        >>> from kedro_matrix_ext import instantiate
        >>> instantiate({"object": "decimal.Decimel"})
        Traceback (most recent call last):
        ...
        kedro_matrix_ext.errors.InjectionError: cannot import 'decimal.Decimel': ...
    """

    target: str | None = None
    foreign: tuple[str, ...] = ()


class RefusedTargetError(InjectionError):
    """An object declared in the configuration is one that configuration must not reach.

    Examples:
        >>> from kedro_matrix_ext import instantiate
        >>> instantiate({"object": "os.system", "command": "ls"})
        Traceback (most recent call last):
        ...
        kedro_matrix_ext.errors.RefusedTargetError: 'os.system' starts a process; ...
    """


class ColumnPatternError(InjectionError, ValueError):
    """A pattern that selects columns is not a pattern, or selects none; a ``ValueError`` too.

    Examples:
        >>> issubclass(ColumnPatternError, ValueError)
        True
    """


class FabricationError(KedroMatrixError):
    """Tables to fabricate are not declared as they must be.

    Examples:
        >>> FabricationError("unknown column type 'fakr'", hint="Did you mean 'faker'?").hint
        "Did you mean 'faker'?"
    """


class ArgoError(KedroMatrixError):
    """A pipeline cannot be planned, checked, rendered, run or submitted.

    Examples:
        >>> ArgoError("there is no grouping 'nod'", hint="Did you mean 'node'?").hint
        "Did you mean 'node'?"
    """


@dataclass(eq=False, repr=False, kw_only=True)
class ClusterError(ArgoError):
    """A cluster cannot be reached, refuses, or does not do what it was asked.

    Attributes:
        reason: ``unreachable``, ``unauthorized``, ``forbidden``, ``not-installed``, ``namespace``,
            ``missing``, ``conflict``, ``refused``, ``unscheduled``, ``failed``; nothing for all else.

    Examples:
        >>> ClusterError("you are not allowed to create workflows", reason="forbidden").reason
        'forbidden'
    """

    reason: str | None = None


class NodeDefinitionError(ArgoError, ValueError):
    """A node or fused pipeline is not declared as it must be; a ``ValueError``, as Kedro's own would be.

    Examples:
        >>> issubclass(NodeDefinitionError, ValueError)
        True
    """


class PlacementError(ArgoError):
    """Nodes that share a task request things that exclude each other.

    Examples:
        >>> issubclass(PlacementError, ArgoError)
        True
    """


@dataclass(eq=False, repr=False, kw_only=True)
class UnknownMachineTypeError(ArgoError):
    """Nodes ask for machine types that ``argo.yml`` does not have.

    Attributes:
        nodes: Per unknown machine type the names of the nodes that ask for it.

    Examples:
        >>> UnknownMachineTypeError("there is no 'big'", nodes={"big": ("train",)}).nodes
        {'big': ('train',)}
    """

    nodes: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(eq=False, repr=False, kw_only=True)
class GroupingCycleError(ArgoError):
    """Tasks of a grouping would wait for each other.

    Attributes:
        nodes: The nodes on the cycle, in its order.
        datasets: The datasets on the cycle that lead from task to task.

    Examples:
        >>> GroupingCycleError("tasks wait for each other", datasets=("table", "model")).datasets
        ('table', 'model')
    """

    nodes: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

"""The errors of this package: one base class, and a subclass per thing a caller may want to act on.

This module imports nothing, so every other module may import it.
"""

__all__ = [
    "ArgoError",
    "CatalogError",
    "ColumnPatternError",
    "ConfigurationError",
    "FabricationError",
    "GroupingCycleError",
    "HookError",
    "ImportPathError",
    "InjectionError",
    "InterpolationError",
    "KedroMatrixError",
    "MappingError",
    "MissingEnvironmentVariableError",
    "MissingVariablesError",
    "NodeDefinitionError",
    "PlacementError",
    "RefusedTargetError",
    "ResolverError",
    "SettingsError",
    "UnknownEnvironmentError",
    "UnknownMachineTypeError",
]


class KedroMatrixError(Exception):
    """A mistake that the user can mend: what it is, where it stands, what to do.

    Subclasses keep the constructor's shape (one positional message, everything else keyword-only with a
    default), so that every error survives pickling between the processes of a ``ParallelRunner``.

    Args:
        message: What is wrong, naming the offender with ``!r``.
        config_path: Where in the configuration, as ``parameters: models.base.object``.
        file: The file it stands in.
        line: The line in that file, from 1.
        hint: What to do, one sentence or a few.

    Attributes:
        message: The message without the place and the hint.

    Examples:
        >>> print(KedroMatrixError("no such thing 'a'", config_path="parameters: x", file="p.yml", line=3,
        ...                        hint="Write 'b'."))
        no such thing 'a'
          at parameters: x (p.yml:3)
          Write 'b'.
    """

    def __init__(
        self,
        message: str,
        *,
        config_path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.config_path = config_path
        self.file = file
        self.line = line
        self.hint = hint

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
    """An import path such as ``pkg.module.Name`` does not lead to an object."""


class ConfigurationError(KedroMatrixError):
    """A configuration file or environment cannot be loaded."""


class InterpolationError(ConfigurationError):
    """A ``${...}`` refers to what does not exist or to itself, or its resolver is unknown or fails.

    Attributes:
        chain: The places that led here, each referring to the next, as in ``catalog: companies.filepath``.
    """

    def __init__(  # noqa: PLR0913  every argument is an attribute
        self,
        message: str,
        *,
        config_path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        chain: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, config_path=config_path, file=file, line=line, hint=hint)
        self.chain = chain

    def __str__(self) -> str:
        text = super().__str__()
        if len(self.chain) < 2:  # noqa: PLR2004  one place is the place named already
            return text
        return f"{text}\n  reached by {' -> '.join(self.chain)}"


class MissingVariablesError(ConfigurationError):
    """Environment variables that the configuration needs are not set.

    Attributes:
        variables: Their names, in order.
    """

    def __init__(  # noqa: PLR0913  every argument is an attribute
        self,
        message: str,
        *,
        config_path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        variables: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, config_path=config_path, file=file, line=line, hint=hint)
        self.variables = variables


class UnknownEnvironmentError(ConfigurationError):
    """There is no configuration environment of that name.

    Attributes:
        env: The name as given.
        known: The environments there are.
    """

    def __init__(  # noqa: PLR0913  every argument is an attribute
        self,
        message: str,
        *,
        config_path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        env: str = "",
        known: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, config_path=config_path, file=file, line=line, hint=hint)
        self.env = env
        self.known = known


class ResolverError(KedroMatrixError):
    """A resolver was given arguments it does not take, or could not be registered."""


class MissingEnvironmentVariableError(ResolverError):
    """A configuration refers to an environment variable that is not set.

    Args:
        message: As for every error here.
        variable: The variable's name.
        config_path: As for every error here.
        file: As for every error here.
        line: As for every error here.
        hint: As for every error here.

    Examples:
        >>> MissingEnvironmentVariableError("'BUCKET' is not set", variable="BUCKET").variable
        'BUCKET'
    """

    def __init__(  # noqa: PLR0913  every error takes the place and the hint
        self,
        message: str,
        *,
        variable: str = "",
        config_path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, config_path=config_path, file=file, line=line, hint=hint)
        self.variable = variable


class SettingsError(KedroMatrixError):
    """Something called from ``settings.py`` was given what it does not take."""


class HookError(KedroMatrixError):
    """A hook cannot be imported, built or run as configured."""


class MappingError(KedroMatrixError):
    """A dynamic pipeline mapping, or what is built from it, does not hold together."""


class InjectionError(KedroMatrixError):
    """An object declared in the configuration cannot be made.

    Attributes:
        target: The import path of the object, where it is known.
        foreign: The keywords given that the object does not take.
    """

    def __init__(  # noqa: PLR0913  the place, part by part
        self,
        message: str,
        *,
        config_path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        target: str | None = None,
        foreign: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, config_path=config_path, file=file, line=line, hint=hint)
        self.target = target
        self.foreign = foreign


class RefusedTargetError(InjectionError):
    """An object declared in the configuration is one that configuration may not reach."""


class ColumnPatternError(InjectionError, ValueError):
    """A pattern that selects columns is no pattern, or selects none."""


class CatalogError(KedroMatrixError):
    """A catalog entry cannot be expanded or used as it is declared."""


class FabricationError(KedroMatrixError):
    """Tables to fabricate are not declared as they must be."""


class ArgoError(KedroMatrixError):
    """A pipeline cannot be planned, checked, rendered, run or submitted."""


class NodeDefinitionError(ArgoError, ValueError):
    """A node or fused pipeline is not declared as it must be; a ``ValueError``, as Kedro's own would be."""


class PlacementError(ArgoError):
    """Nodes that shall share a task ask for things that cannot both be had."""


class UnknownMachineTypeError(ArgoError):
    """Nodes ask for machine types that ``argo.yml`` does not have.

    Attributes:
        nodes: Per unknown machine type the names of the nodes that ask for it.
    """

    def __init__(  # noqa: PLR0913  the shape of all errors, and its own
        self,
        message: str,
        *,
        config_path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        nodes: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(message, config_path=config_path, file=file, line=line, hint=hint)
        self.nodes = nodes or {}


class GroupingCycleError(ArgoError):
    """Tasks of a grouping would wait for each other.

    Attributes:
        nodes: The nodes on the cycle, in its order.
        datasets: The datasets on the cycle that lead from task to task.
    """

    def __init__(  # noqa: PLR0913  the shape of all errors, and its own
        self,
        message: str,
        *,
        config_path: str | None = None,
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        nodes: tuple[str, ...] = (),
        datasets: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, config_path=config_path, file=file, line=line, hint=hint)
        self.nodes = nodes
        self.datasets = datasets

"""Loading every type of configuration in one environment, and what keeps a type from being loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.checks.project import Uses
from kedro_matrix_ext.config.errors import NameNotGivenError
from kedro_matrix_ext.config.inspection.lenient_loader import LenientLoader
from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader
from kedro_matrix_ext.config.loader import LayeredConfigLoader
from kedro_matrix_ext.config.loader_args import config_loader_args
from kedro_matrix_ext.config.secrecy import SecretPaths
from kedro_matrix_ext.errors import (
    CatalogError,
    ConfigurationError,
    InterpolationError,
    KedroMatrixError,
    MissingEnvironmentVariableError,
    MissingKeyError,
    MissingValueError,
    MissingVariablesError,
    UnknownEnvironmentError,
    UnknownResolverError,
)
from kedro_matrix_ext.fabrication.nodes import fabricates
from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.resolvers.run_ids import random_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext.checks.project import Project
    from kedro_matrix_ext.config.interpolation.missing_variables import Root

__all__ = ["LoadedEnvironment", "load_environment", "report_error"]

_CODES: tuple[tuple[type[KedroMatrixError], str], ...] = (
    (MissingEnvironmentVariableError, "missing-environment-variable"),
    (MissingVariablesError, "missing-environment-variable"),
    (InterpolationError, "unresolved-interpolation"),
    (CatalogError, "invalid-catalog-entry"),
)


@dataclass(frozen=True, kw_only=True)
class LoadedEnvironment:
    """One environment's configuration, loaded as far as it can be.

    Attributes:
        env: The environment.
        project: The project.
        lenient: The loader that replaces the project's if that one fails.
        values: The values of each type that has files; None if a file cannot be read.
    """

    env: str
    project: Project
    lenient: LenientLoader
    values: Mapping[str, dict[str, Any] | None]

    @cached_property
    def provenance(self) -> ProvenanceReader:
        """Finds where values are written."""
        return ProvenanceReader(self.lenient)

    @property
    def per_environment(self) -> bool:
        """Whether each environment is evaluated alone, as by Kedro's own loader."""
        return not issubclass(self.project.loader_class, LayeredConfigLoader)

    @cached_property
    def uses(self) -> Uses:
        """What nodes use that can run in this environment; fabricated data is refused in most."""
        if self.lenient.environments.fabricated:
            return self.project.uses
        return Uses(tuple(node for node in self.project.uses.nodes if not fabricates(node)))

    def locate(self, config_type: str, keys: Sequence[Any]) -> Location:
        """Say where a value is written; the deepest part of its path that is."""
        return self.provenance.locate(config_type, keys, env=self.env)


def load_environment(project: Project, env: str) -> tuple[LoadedEnvironment | None, list[Finding]]:
    """Load every type of configuration of one environment."""
    per_environment = not issubclass(project.loader_class, LayeredConfigLoader)
    arguments = _with_ours(project.loader_arguments)
    given = dict(project.runtime_params)
    try:
        lenient = LenientLoader(project.conf_source, env, given, per_environment=per_environment, **arguments)
    except ConfigurationError as error:
        return None, [report_error(error, env)]
    loader, failure = _open(project, env, arguments)
    SecretPaths(loader or lenient).remember()
    values: dict[str, dict[str, Any] | None] = {}
    problems: list[tuple[str, Exception]] = []
    for config_type in sorted(lenient.config_patterns, key=lambda name: name != "globals"):
        found = _load_type(loader, lenient, config_type)
        if found is not None:
            values[config_type] = found[0]
            problems += ((config_type, problem) for problem in found[1])
    findings = [] if problems or failure is None else [report_error(failure, env)]
    findings += _report_each_once(problems, lenient.count_unresolved(), env)
    return LoadedEnvironment(env=env, project=project, lenient=lenient, values=values), findings


def _with_ours(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Add what our commands and hooks add in projects whose settings do not name it: types, a resolver."""
    patterns = {**config_loader_args()["config_patterns"], **(arguments.get("config_patterns") or {})}
    resolvers = {"ka.random": random_suffix, **(arguments.get("custom_resolvers") or {})}
    return {**arguments, "config_patterns": patterns, "custom_resolvers": resolvers}


def _open(
    project: Project, env: str, arguments: Mapping[str, Any]
) -> tuple[OmegaConfigLoader | None, Exception | None]:
    """Make the project's own loader, which loads the globals when it is made."""
    try:
        return project.loader_class(project.conf_source, env, dict(project.runtime_params), **arguments), None
    except Exception as error:  # noqa: BLE001  any failure is a finding
        return None, error


def _load_type(
    loader: OmegaConfigLoader | None, lenient: LenientLoader, config_type: str
) -> tuple[dict[str, Any] | None, Sequence[Exception]] | None:
    """Load one type by the project's loader; where that fails, find out all that is wrong with it."""
    from kedro.config import MissingConfigException

    failure: Exception | None = None
    try:
        if loader is not None:
            return loader[config_type], []
    except Exception as error:  # noqa: BLE001  any failure is a finding
        if isinstance(error, MissingConfigException) and not isinstance(error, UnknownEnvironmentError):
            return None
        failure = error
    try:
        diagnosis = lenient.diagnose(config_type)
    except MissingConfigException:
        return None
    if failure is not None and not diagnosis.problems and not _is_told(config_type, lenient):
        return None, [failure]
    return diagnosis.values, diagnosis.problems


def _is_told(config_type: str, lenient: LenientLoader) -> bool:
    """Whether a type fails for nothing but what the globals lack."""
    return config_type != "globals" and bool(lenient.diagnose("globals").problems)


def _report_each_once(
    problems: Iterable[tuple[str, Exception]], unresolved: Mapping[Root | None, int], env: str
) -> Iterator[Finding]:
    """Report a name that is mistyped or not set once, at the first place that needs it, and count the others.

    The others are those that name it too, and those that need a value which does.
    """
    places: dict[object, list[tuple[str, Exception]]] = {}
    for config_type, problem in problems:
        places.setdefault(_identify_fault(config_type, problem), []).append((config_type, problem))
    for (config_type, first), *others in places.values():
        found = report_error(first, env, config_type)
        named = [first, *(other for _, other in others)]
        roots = {(each.config_path, each.message) for each in named if isinstance(each, KedroMatrixError)}
        count = sum(unresolved.get(root, 1) for root in roots) - 1
        if count > 0:
            said = f"{count} other place{'s need' if count > 1 else ' needs'} it"
            if others:
                said += f", next {replace(report_error(others[0][1], env).location, env=None)}"
            found = replace(found, message=f"{found.message}; {said}")
        yield found


def _identify_fault(config_type: str, problem: Exception) -> object:
    """Return what equal faults share: the name that is missing, or what the project's resolver raised.

    Other errors are faults of their place.
    """
    if isinstance(problem, MissingEnvironmentVariableError):
        return problem.variable
    if isinstance(problem.__cause__, NameNotGivenError):
        return problem.__cause__.message
    if isinstance(problem, InterpolationError) and problem.resolver:
        return problem.message
    if isinstance(problem, MissingKeyError | MissingValueError | UnknownResolverError):
        return config_type, problem.message
    return id(problem)


def report_error(error: Exception, env: str, config_type: str | None = None) -> Finding:
    """Make a finding of an error."""
    if not isinstance(error, KedroMatrixError):
        reason = (str(error) or type(error).__name__).splitlines()[0]
        return finding(
            "invalid-configuration",
            f"the {config_type or 'configuration'} cannot be loaded: {type(error).__name__}: {reason}",
            location=Location(config_path=config_type, env=env),
        )
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "invalid-configuration")
    chain = getattr(error, "chain", ())
    reached = f", reached by {' -> '.join(chain)}" if len(chain) > 1 else ""
    return finding(
        code,
        f"{error.message}{reached}",
        fix=error.hint,
        location=Location(config_path=error.config_path, env=env, file=error.file, line=error.line),
    )

"""What the configuration is for: the project's pipelines, its variants, and the loader it has chosen."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.parameter_names import is_parameter
from kedro_matrix_ext.config.inspection.project_loader import find_conf_source, find_loader_class
from kedro_matrix_ext.deferred_imports.checks import report_undeferred_modules
from kedro_matrix_ext.errors import ConfigurationError, KedroMatrixError
from kedro_matrix_ext.findings import Finding, Location, finding
from kedro_matrix_ext.settings.checks import check_hooks
from kedro_matrix_ext.settings.hook_listing import list_hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from pathlib import Path

    from kedro.config import OmegaConfigLoader
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

__all__ = ["Project", "Uses", "load_project"]

_SPARK_HOOKS = re.compile(r"kedro_matrix_ext\.hooks\.(spark\.hooks\.)?SparkHooks")


@dataclass(frozen=True)
class Uses:
    """What nodes use.

    Attributes:
        nodes: The nodes, each once.
    """

    nodes: tuple[Node, ...]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Per parameter that a node uses, as ``params:model.depth`` or ``parameters``, one such node."""
        return dict(self._find(is_parameter, inputs_only=True))

    @cached_property
    def datasets(self) -> dict[str, str]:
        """Per dataset that a node reads or writes one such node."""
        return dict(self._find(lambda name: not is_parameter(name)))

    @cached_property
    def datasets_made(self) -> frozenset[str]:
        """The datasets that a node makes."""
        return frozenset(name for node in self.nodes for name in node.outputs)

    def _find(self, wanted: Callable[[str], bool], *, inputs_only: bool = False) -> Iterator[tuple[str, str]]:
        for node in reversed(self.nodes):
            for name in (*node.inputs, *(() if inputs_only else node.outputs)):
                if wanted(name):
                    yield name, node.name


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project, apart from its configuration.

    Attributes:
        conf_source: Where its configuration is: a folder, an archive or a URL.
        loader_class: ``CONFIG_LOADER_CLASS``.
        loader_arguments: ``CONFIG_LOADER_ARGS``.
        runtime_params: The parameters given for this run.
        pipelines: The registered pipelines; None where they cannot be loaded.
        mapping: ``DYNAMIC_PIPELINES_MAPPING``; None where there is none.
        findings: What is wrong with the project itself.
        path: Its folder, for what its metadata declares.
        uses_spark_hooks: Whether ``SparkHooks`` are in ``HOOKS``, switched off or not.

    Examples:
        >>> from kedro.config import OmegaConfigLoader
        >>> from kedro.pipeline import Node, Pipeline
        >>> pipeline = Pipeline([Node(len, "cars", "count", name="count")])
        >>> project = Project(
        ...     conf_source="conf", loader_class=OmegaConfigLoader, pipelines={"__default__": pipeline}
        ... )
        >>> project.uses.datasets
        {'cars': 'count', 'count': 'count'}
    """

    conf_source: str
    loader_class: type[OmegaConfigLoader]
    loader_arguments: Mapping[str, Any] = field(default_factory=dict)
    runtime_params: Mapping[str, Any] = field(default_factory=dict)
    pipelines: Mapping[str, Pipeline] | None = None
    mapping: Mapping[str, Any] | None = None
    findings: tuple[Finding, ...] = ()
    path: Path | None = None
    uses_spark_hooks: bool = False

    @cached_property
    def uses(self) -> Uses:
        """What the nodes of all pipelines use."""
        found = {node.name: node for pipeline in (self.pipelines or {}).values() for node in pipeline.nodes}
        return Uses(tuple(found.values()))


def load_project(
    project_path: Path,
    *,
    pipelines: Collection[str] = (),
    conf_source: str | None = None,
    runtime_params: Mapping[str, Any] | None = None,
) -> Project:
    """Load a project that Kedro has bootstrapped; pipelines that cannot be loaded are a finding.

    Args:
        project_path: The project's folder.
        pipelines: The pipelines to look at; all where there are none.
        conf_source: Where the configuration is, if not where ``settings.py`` says.
        runtime_params: The parameters of this run.

    Returns:
        The project.

    Raises:
        SettingsError: If its configuration loader is not a kind of OmegaConfigLoader.
        ConfigurationError: If there is no configuration at that place, or no pipeline of such a name.

    Examples:
        >>> from pathlib import Path
        >>> load_project(Path("nowhere"))
        Traceback (most recent call last):
        kedro_matrix_ext.errors.ConfigurationError: there is no configuration at 'nowhere/conf'
          Correct --conf-source.
    """
    from kedro.framework.project import settings

    loader_class = find_loader_class()
    source = find_conf_source(project_path, conf_source)
    registered, broken = _load_pipelines(project_path)
    mapping = settings.get("DYNAMIC_PIPELINES_MAPPING")
    hooks = check_hooks(settings.HOOKS, settings.DISABLE_HOOKS_FOR_PLUGINS)
    paths = (hook.hook for hook in list_hooks(settings.HOOKS))
    return Project(
        conf_source=source,
        loader_class=loader_class,
        loader_arguments=dict(settings.CONFIG_LOADER_ARGS),
        runtime_params=dict(runtime_params or {}),
        pipelines=_choose(registered, pipelines),
        mapping=mapping if isinstance(mapping, Mapping) else None,
        findings=(*broken, *hooks, *_check_imports(registered, project_path)),
        path=project_path,
        uses_spark_hooks=any(_SPARK_HOOKS.fullmatch(path) for path in paths),
    )


def _check_imports(registered: Mapping[str, Pipeline] | None, project_path: Path) -> Iterable[Finding]:
    """Report modules that are not deferred; a project without nodes has none to defer."""
    has_nodes = any(pipeline.nodes for pipeline in (registered or {}).values())
    return report_undeferred_modules(project_path) if has_nodes else ()


def _choose(
    registered: Mapping[str, Pipeline] | None, named: Collection[str]
) -> Mapping[str, Pipeline] | None:
    if registered is None or not named:
        return registered
    for name in named:
        if name not in registered:
            raise ConfigurationError(
                f"there is no pipeline {name!r}",
                hint=did_you_mean(name, registered) or f"Registered are: {', '.join(sorted(registered))}.",
            )
    return {name: registered[name] for name in named}


def _load_pipelines(project_path: Path) -> tuple[dict[str, Pipeline] | None, list[Finding]]:
    from kedro.framework.project import pipelines

    try:
        return dict(pipelines), []
    except Exception as error:  # noqa: BLE001  a registry may fail in any way; the configuration is checked still
        return None, [_report_broken_pipelines(error, project_path)]


def _report_broken_pipelines(error: Exception, project_path: Path) -> Finding:
    """Say what the pipelines' code raised, and at which line of the project."""
    while isinstance(error.__cause__, Exception) and not isinstance(error, KedroMatrixError):
        error = error.__cause__  # Kedro's find_pipelines names the module, its cause what is wrong with it
    if isinstance(error, KedroMatrixError):
        message, fix = error.message, error.hint
    else:
        message, fix = f"{type(error).__name__}: {error}", None
    place = Location()
    if isinstance(error, SyntaxError):  # no frame is in its file
        place = Location(file=(error.filename or "").removeprefix(f"{project_path}/"), line=error.lineno)
    for frame in () if place.file else traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(f"{project_path}/"):
            place = Location(file=frame.filename.removeprefix(f"{project_path}/"), line=frame.lineno)
    return finding(
        "pipelines-not-loaded", f"the pipelines cannot be loaded: {message}", fix=fix, location=place
    )

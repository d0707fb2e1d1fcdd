"""A project for the commands: loaded in an environment, with nodes selected and ``argo.yml`` read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro.config import AbstractConfigLoader
    from kedro.framework.context import KedroContext
    from kedro.framework.startup import ProjectMetadata
    from kedro.io import DataCatalog
    from kedro.pipeline import Pipeline

    from kedro_matrix_ext.argo.configuration import ArgoConfig
    from kedro_matrix_ext.argo.plan.inputs import PlanInputs
    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.argo.preflight import Preflight
    from kedro_matrix_ext.argo.preflight.context import ProjectFiles
    from kedro_matrix_ext.cli.argo.pod_values import PodValues
    from kedro_matrix_ext.cli.argo.selection import Selection
    from kedro_matrix_ext.findings import Location

__all__ = ["LoadedProject", "check_project", "load_config", "load_project", "plan_project", "read_tracking"]


@dataclass(frozen=True, kw_only=True)
class LoadedProject:
    """What the commands plan, check and emit from.

    Attributes:
        path: The project's folder.
        selection: The selection.
        config: The models of ``argo.yml``.
        config_loader: The project's configuration in the environment.
        catalog: Its catalog; no data is loaded.
        registry: The registered pipelines.
        whole: Whether all of them loaded, or only the selected one did.
        pipeline: The selected nodes.
        pod: The variables that only tasks have; configuration was resolved with placeholders for them.
        credential_uses: Per name of credentials the keys of the catalog that name it first.
    """

    path: Path
    selection: Selection
    config: ArgoConfig
    config_loader: AbstractConfigLoader
    catalog: DataCatalog
    registry: Mapping[str, Pipeline]
    whole: bool
    pipeline: Pipeline
    pod: PodValues
    credential_uses: Mapping[str, tuple[str, ...]]


def load_project(metadata: ProjectMetadata, selection: Selection) -> LoadedProject:
    """Load a project in an environment and select its nodes.

    Raises:
        KedroMatrixError: If there is no such environment or pipeline, ``argo.yml`` is missing or wrong, or
            the selection names something that the pipeline does not have.
    """
    from kedro.config import MissingConfigException
    from kedro.io import DatasetError

    from kedro_matrix_ext.cli.argo.planned_credentials import give_planned_credentials
    from kedro_matrix_ext.errors import ConfigurationError, UnknownEnvironmentError

    context, pod = _load_context(metadata, selection.env, selection.conf_source)
    config = _load_argo_config(context.config_loader, pod)
    registry, whole = _load_registry(selection.pipeline)  # before the catalog: code sees no placeholder
    if not whole:
        context._pipelines_to_validate = [selection.pipeline]  # noqa: SLF001  as a run of Kedro 1.7 sets it
    try:
        with pod.used(context._hook_manager):  # noqa: SLF001  hooks of the project see no placeholder
            credential_uses = give_planned_credentials(context.config_loader, config, pod.placeholders)
            catalog = context.catalog
            _check_versions(selection, catalog)  # type: ignore[arg-type,unused-ignore]  # Kedro's protocol
    except UnknownEnvironmentError:
        raise
    except MissingConfigException as error:
        raise ConfigurationError(
            f"the configuration of environment {selection.env!r} is incomplete: {error}",
            hint="Choose another environment with -e, or add what is missing.",
        ) from error
    except DatasetError as error:
        raise ConfigurationError(
            f"Kedro cannot make the catalog of environment {selection.env!r}: {error}",
            hint="'kedro matrix config check' lists all entries that cannot be loaded.",
        ) from error
    return LoadedProject(
        path=Path(metadata.project_path),
        selection=selection,
        config=config,
        config_loader=context.config_loader,
        catalog=catalog,  # type: ignore[arg-type,unused-ignore]  # Kedro types it as its protocol
        registry=registry,
        whole=whole,
        pipeline=_select(selection, registry),
        pod=pod,
        credential_uses=credential_uses,
    )


def load_config(metadata: ProjectMetadata, env: str) -> ArgoConfig:
    """Load ``argo.yml`` of an environment, and nothing else of a project.

    Raises:
        KedroMatrixError: If there is no such environment, or ``argo.yml`` is missing or wrong.
    """
    context, pod = _load_context(metadata, env)
    return _load_argo_config(context.config_loader, pod)


def _load_registry(name: str) -> tuple[Mapping[str, Pipeline], bool]:
    """Load all registered pipelines; where that fails, the selected one alone, as ``kedro run`` does."""
    from kedro.framework.project import pipelines

    from kedro_matrix_ext.argo.registry.selective_loading import load_only

    try:
        return dict(pipelines), True
    except Exception:
        if not hasattr(pipelines, "set_requested") or name not in (load_only((name,)) or {}):
            raise
        pipelines.set_requested([name])  # for the rest of this command
        return dict(pipelines), False


def _load_argo_config(loader: AbstractConfigLoader, pod: PodValues) -> ArgoConfig:
    """Load ``argo.yml``, which must not contain a value that only a pod has."""
    from kedro_matrix_ext.argo.configuration import load_argo_config

    with pod.used():
        config = _add_defaults(load_argo_config(loader, check=pod.refuse_in_argo))
        for section, value in config.model_dump().items():
            pod.refuse(value, f"'{section}' in argo.yml")
    return config


def plan_project(project: LoadedProject) -> Plan:
    """Plan the selected nodes of a project.

    Raises:
        ArgoError: If the nodes cannot be grouped that way.
    """
    from kedro_matrix_ext.argo.plan.build import plan_pipeline

    with project.pod.used():
        plan = plan_pipeline(_collect_inputs(project))
    return project.pod.conceal_plan(plan, _locator(project))


def check_project(
    project: LoadedProject,
    *,
    params: Mapping[str, Any] | None = None,
    imports: bool = True,
    code_store: bool = False,
) -> Preflight:
    """Plan the selected nodes of a project and find what would fail on the cluster.

    Raises:
        ArgoError: If there is no such grouping, or it cannot decide on a node's group.
    """
    from kedro_matrix_ext.argo.preflight.run import Preflight, check_inputs

    locate = _locator(project)
    with project.pod.used():
        checked = check_inputs(
            _collect_inputs(project),
            params=params,
            tracking=_read_tracking_of_pods(project),
            locate=locate,
            files=_find_files(project, code_store=code_store),
            placeholders=project.pod.placeholders,
            run_id_entries=_find_run_id_entries(project),
            imports=imports,
            credential_uses=project.credential_uses,
        )
    return Preflight(
        plan=project.pod.conceal_plan(checked.plan, locate),
        findings=tuple(map(project.pod.conceal_finding, checked.findings)),
    )


def _locator(project: LoadedProject) -> Callable[..., Location] | None:
    """Return what finds file and line of a key path; none for loaders of other classes."""
    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader

    loader = project.config_loader
    return ProvenanceReader(loader).locate if isinstance(loader, OmegaConfigLoader) else None


def _find_run_id_entries(project: LoadedProject) -> frozenset[str]:
    """Return the catalog entries that contain the run's id; unknown for loaders of other classes."""
    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext.config.inspection.project_loader import build_config_loader
    from kedro_matrix_ext.config.inspection.run_id_entries import find_run_id_entries

    if not isinstance(project.config_loader, OmegaConfigLoader):
        return frozenset()
    return find_run_id_entries(
        lambda: build_config_loader(
            project.path, env=project.selection.env, conf_source=project.selection.conf_source
        ),
        project.pod.placeholders,
    )


def _find_files(project: LoadedProject, *, code_store: bool) -> ProjectFiles:
    """Return where the project's files are, and the environments that its loader merges."""
    from kedro.framework.project import PACKAGE_NAME

    from kedro_matrix_ext.argo.preflight.context import ProjectFiles

    loader, env = project.config_loader, project.selection.env
    base_env = getattr(loader, "base_env", None) or "base"
    chain = getattr(loader, "environments", None)
    layers = [layer.name for layer in chain.layers] if chain is not None else [base_env, env]
    source = Path(loader.conf_source)
    return ProjectFiles(
        project=project.path,
        conf_source=source if source.is_dir() and project.selection.conf_source is None else None,
        layers=tuple(dict.fromkeys(layers)),
        base_env=base_env,
        default_env=getattr(loader, "default_run_env", None) or "local",
        package=(PACKAGE_NAME or "") if code_store else None,
    )


def read_tracking(loader: AbstractConfigLoader) -> dict[str, Any]:
    """Return the content of ``tracking.yml``, else of kedro-mlflow's ``mlflow.yml``; empty without either."""
    from kedro_matrix_ext.hooks.hook_config import read_hook_config

    return read_hook_config(loader, "tracking") or read_hook_config(loader, "mlflow")


def _read_tracking_of_pods(project: LoadedProject) -> dict[str, Any]:
    """Read ``tracking.yml`` with the store that `argo.yml` gives to pods, not with that of the shell."""
    given = {
        each.name: each.value
        for each in project.config.template.environment
        if each.name == "MLFLOW_TRACKING_URI" and each.value is not None
    }
    before = dict(os.environ)
    os.environ.update(given)
    try:
        return read_tracking(project.config_loader)
    finally:
        os.environ.clear()
        os.environ.update(before)


def _collect_inputs(project: LoadedProject) -> PlanInputs:
    """Return what the project's plan is made from."""
    from kedro_matrix_ext.argo.plan.inputs import PlanInputs
    from kedro_matrix_ext.argo.registry.selective_loading import load_only

    return PlanInputs(
        pipeline=project.pipeline,
        config=project.config,
        group_by=project.selection.group_by,
        on_cycle=project.selection.on_cycle,
        catalog=project.catalog,
        registry=project.registry,
        name=project.selection.pipeline,
        env=project.selection.env,
        load_pipelines=load_only if project.whole else None,
    )


def _load_context(
    metadata: ProjectMetadata, env: str, conf_source: str | None = None
) -> tuple[KedroContext, PodValues]:
    """Load the project's context with placeholders for the variables that only tasks have."""
    from kedro.config import OmegaConfigLoader
    from kedro.framework.project import settings

    from kedro_matrix_ext.cli.argo.pod_values import read_pod_values
    from kedro_matrix_ext.config.inspection.project_loader import require_environment
    from kedro_matrix_ext.config.secrecy import SecretPaths

    session = settings.SESSION_CLASS.create(
        project_path=metadata.project_path, env=env, conf_source=conf_source
    )
    pod = read_pod_values(session, env)
    with pod.used(session._hook_manager):  # noqa: SLF001  hooks of the project see no placeholder
        context: KedroContext = session.load_context()
    if isinstance(context.config_loader, OmegaConfigLoader):
        require_environment(context.config_loader)
        with pod.used():
            SecretPaths(context.config_loader).remember()
    return context, pod


def _add_defaults(config: ArgoConfig) -> ArgoConfig:
    """Take ``ARGO_DEFAULTS`` of settings.py where ``argo.yml`` has no ``resource_defaults``."""
    from kedro.framework.project import settings

    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig
    from kedro_matrix_ext.errors import SettingsError

    defaults = settings.get("ARGO_DEFAULTS")
    if defaults is None or config.resource_defaults is not None:
        return config
    if not isinstance(defaults, ArgoResourceConfig):
        raise SettingsError(
            f"ARGO_DEFAULTS in settings.py is {defaults!r}",
            hint="Write ARGO_DEFAULTS = ArgoResourceConfig(...), from kedro_matrix_ext.argo.",
        )
    with_defaults = config.model_copy(update={"resource_defaults": defaults})
    with_defaults.model_fields_set.discard("resource_defaults")  # the file does not set them
    return with_defaults


def _check_versions(selection: Selection, catalog: DataCatalog) -> None:
    """Refuse a version of a dataset without an entry, as Kedro does when the task runs."""
    from kedro_matrix_ext._suggestion import did_you_mean
    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView
    from kedro_matrix_ext.errors import ArgoError

    view = CatalogView(catalog)
    for name in selection.versions:
        if view.entry_name(name) is None:
            known = catalog.config_resolver.config
            raise ArgoError(
                f"--load-versions names {name!r}, which has no entry in the catalog of {selection.env!r}",
                hint=did_you_mean(name, known) or "Name a versioned dataset.",
            )


def _select(selection: Selection, registry: Mapping[str, Pipeline]) -> Pipeline:
    from kedro_matrix_ext.argo.registry.lookup import find_pipeline, require_nodes
    from kedro_matrix_ext.errors import ArgoError

    pipeline = find_pipeline(selection.pipeline, registry)
    named = (*selection.nodes, *selection.from_nodes, *selection.to_nodes)
    require_nodes(named, {selection.pipeline: pipeline})
    try:
        return selection.choose(pipeline)
    except ValueError as error:  # Kedro's message about unknown datasets, or an empty selection
        raise ArgoError(f"nothing to plan of pipeline {selection.pipeline!r}: {error}") from error

"""What ``kedro argo rehearse`` runs: a manifest made of the project or read, and where its tasks write."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.cli.argo.prompts import confirm, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.configuration.deployment import Deployment
    from kedro_matrix_ext.argo.configuration.model import ArgoConfig
    from kedro_matrix_ext.argo.manifest.options import CodeAddress
    from kedro_matrix_ext.argo.rehearsal import Rehearsal
    from kedro_matrix_ext.cli.argo.project import LoadedProject
    from kedro_matrix_ext.cli.argo.selection import Selection
    from kedro_matrix_ext.findings import Finding

__all__ = [
    "RehearsalSource",
    "build_rehearsed",
    "confirm_foreign_parts",
    "confirm_writing",
    "read_rehearsed",
]

_CODE_STORE = ".kedro_matrix/code"
# What is lost between machines is there for all tasks that run on this one.
_FINE_ON_ONE_MACHINE = frozenset(
    {"local-input", "local-path-crosses-tasks", "local-mlflow-store", "environment-not-in-image"}
)


@dataclass(frozen=True, kw_only=True)
class RehearsalSource:
    """What is rehearsed.

    Attributes:
        data: The manifest as plain data.
        source: What to call it in messages.
        selection: What of the project it was made of; none where that is not known.
    """

    data: Any
    source: str
    selection: Selection | None


def build_rehearsed(metadata: ProjectMetadata, selection: Selection, params: str) -> RehearsalSource:
    """Make the manifest of a selection, after the preflight.

    Raises:
        ArgoError: If the preflight finds what would fail here too.
    """
    from kedro_matrix_ext.argo.manifest.options import ManifestOptions
    from kedro_matrix_ext.cli.argo.plan_and_check import check_selection, make_manifest
    from kedro_matrix_ext.cli.run_params import parse_params
    from kedro_matrix_ext.errors import ArgoError

    run_params = parse_params(params)
    checked = check_selection(
        metadata, selection, params=run_params, ignored=_FINE_ON_ONE_MACHINE, imports=False
    )
    if not checked.ok:
        raise ArgoError(
            f"nothing is rehearsed of pipeline {selection.pipeline!r}: it would fail",
            hint="Fix the reported errors.",
        )
    lost = [found for found in checked.ignored if found.code == "environment-not-in-image"]
    for found in lost:
        say(f"note: {found.message}; a rehearsal reads it from this machine")
    if shared := [found for found in checked.ignored if found not in lost]:
        say(_note_shared(shared))
    options = ManifestOptions(
        params=run_params,
        load_versions=selection.versions,
        conf_source=selection.conf_source,
        code=_pack_here(metadata, checked.project.config.deployment),
    )
    data = make_manifest(checked.plan, checked.project, options)
    return RehearsalSource(data=data, source="the manifest", selection=selection)


def _pack_here(metadata: ProjectMetadata, deployment: Deployment) -> CodeAddress | None:
    """Pack the project as ``submit`` does, into a store on this machine."""
    from kedro_matrix_ext.cli.argo.code_package import pack_code

    store = Path(metadata.project_path) / _CODE_STORE
    packed = pack_code(metadata, deployment, store=store.as_uri())
    if packed is None:
        return None
    packed.store.upload(packed.package)
    return packed.address


def _note_shared(shared: Sequence[Finding]) -> str:
    datasets = sorted({found.dataset for found in shared if found.dataset})
    others = f" and {len(datasets) - 1} more datasets are" if datasets[1:] else " is"
    kept = f"{datasets[0]!r}{others} kept" if datasets else "MLflow's store is kept"
    return (
        f"note: {kept} on this machine's disk, which all tasks of a rehearsal share; pods on a cluster "
        "do not ('kedro argo check')"
    )


def read_rehearsed(file: Path) -> RehearsalSource:
    """Read a manifest from a file.

    Raises:
        ArgoError: If it is not YAML of one document.
    """
    import yaml

    from kedro_matrix_ext.argo.constants import PREFIX
    from kedro_matrix_ext.cli.argo.selection import Selection
    from kedro_matrix_ext.errors import ArgoError

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506  a safe one
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ArgoError(f"this is not a manifest: {error}", file=str(file)) from error
    metadata = data.get("metadata") if isinstance(data, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    noted = annotations if isinstance(annotations, dict) else {}
    pipeline, env = noted.get(f"{PREFIX}/pipeline"), noted.get(f"{PREFIX}/env")
    selection = None
    if isinstance(env, str) and (".." in Path(env).parts or Path(env).is_absolute()):
        raise ArgoError(
            f"the manifest was made in the environment {env!r}, which is a path out of the configuration",
            file=str(file),
            hint="An environment is a folder inside of the configuration.",
        )
    if isinstance(pipeline, str) and isinstance(env, str):
        selection = Selection.of(pipeline=pipeline, env=env)
    return RehearsalSource(data=data, source=str(file), selection=selection)


def confirm_foreign_parts(
    metadata: ProjectMetadata,
    rehearsed: RehearsalSource,
    prepared: Rehearsal,
    *,
    yes: bool,
) -> None:
    """Say what a manifest would do that the project itself would not, and ask.

    Raises:
        ArgoError: If the answer is no, or nobody answers.
    """
    from kedro_matrix_ext.argo.manifest.containers import list_fixed_variables
    from kedro_matrix_ext.argo.rehearsal.local.foreign_parts import list_foreign_parts

    config = _find_config(metadata, rehearsed.selection)
    parts = list_foreign_parts(
        [*prepared.steps, *prepared.exit_steps],
        image=prepared.image,
        own_image=None if config is None else config.deployment.image,
        own_variables={} if config is None else list_fixed_variables(config),
        values=prepared.values,
        surroundings=prepared.surroundings,
    )
    if not parts:
        return
    say(
        f"{rehearsed.source} is not only what this project runs:\n" + "\n".join(f"  {part}" for part in parts)
    )
    confirm("Run it on this machine?", yes=yes, refusal="Nothing was rehearsed, and no secret was read.")


def _find_config(metadata: ProjectMetadata, selection: Selection | None) -> ArgoConfig | None:
    """Return ``argo.yml`` in the environment that a manifest names; none if there is none."""
    from kedro_matrix_ext.cli.argo.project import load_config
    from kedro_matrix_ext.errors import KedroMatrixError

    if selection is None:
        return None
    try:
        return load_config(metadata, selection.env)
    except KedroMatrixError as error:
        say(f"note: argo.yml cannot be compared with the manifest: {error}")
        return None


def confirm_writing(
    metadata: ProjectMetadata, rehearsed: RehearsalSource, prepared: Rehearsal, *, yes: bool
) -> None:
    """Say where tasks write beyond this machine, and ask.

    Raises:
        ArgoError: If the configuration cannot be loaded as tasks will load it, the answer is no, or nobody
            answers.
    """
    if rehearsed.selection is None:
        places = ["wherever its tasks write: the manifest does not say which pipeline it was made of"]
    else:
        places = _list_places(metadata, rehearsed.selection, prepared)
    if not places:
        return
    say("the tasks write to:\n" + "\n".join(f"  {place}" for place in places))
    confirm("Go on?", yes=yes, refusal="Nothing was rehearsed.")


def _list_places(metadata: ProjectMetadata, selection: Selection, prepared: Rehearsal) -> list[str]:
    from kedro_matrix_ext.argo.rehearsal.local.write_targets import list_destinations, name_store
    from kedro_matrix_ext.catalog.lookup.catalog_view import CatalogView
    from kedro_matrix_ext.cli.argo.project import read_tracking

    with _environment(prepared.environment, metadata):
        project = _load_as_tasks_do(metadata, selection)
        run = {name for step in prepared.steps for name in step.nodes}
        outputs = {dataset for node in project.pipeline.nodes if node.name in run for dataset in node.outputs}
        places = list_destinations(outputs, CatalogView(project.catalog))
        store = name_store(read_tracking(project.config_loader), os.environ.get("MLFLOW_TRACKING_URI"))
    return [*places, *([store] if store else [])]


def _load_as_tasks_do(metadata: ProjectMetadata, selection: Selection) -> LoadedProject:
    from kedro_matrix_ext.cli.argo.project import load_project
    from kedro_matrix_ext.errors import ArgoError, ConfigurationError

    try:
        return load_project(metadata, selection)
    except ConfigurationError as error:
        raise ArgoError(
            f"the configuration cannot be loaded with the variables that tasks get: {error}",
            hint="Add what is missing to 'template.environment' in argo.yml, or pass it with '--pass-env'.",
        ) from error


@contextmanager
def _environment(variables: Mapping[str, str], metadata: ProjectMetadata) -> Iterator[None]:
    """See the variables that tasks will see, and no others, until the block ends.

    Kedro warns as it did when the project was loaded first; it is not asked twice.
    """
    from kedro_matrix_ext.settings import load_environment_variables

    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    logging.disable(logging.WARNING)
    try:
        load_environment_variables(metadata.project_path)
        yield
    finally:
        logging.disable(logging.NOTSET)
        os.environ.clear()
        os.environ.update(before)

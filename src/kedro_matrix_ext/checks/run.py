"""The check as a whole: load every environment, go through all rules, and report what they find."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from kedro_matrix_ext.catalog.missing_libraries import note_what_is_declared
from kedro_matrix_ext.checks.datasets import CatalogChecks
from kedro_matrix_ext.checks.loading import LoadedEnvironment, load_environment, report_error
from kedro_matrix_ext.checks.model_files import MODELS, check_section, check_spark_options
from kedro_matrix_ext.checks.overrides import KnownUses, check_overrides, words_in_interpolations
from kedro_matrix_ext.checks.parameters import check_parameters, note_missing_allow_list
from kedro_matrix_ext.checks.unread_files import find_unread_files
from kedro_matrix_ext.config.layers.yaml_nodes import find_lost_text
from kedro_matrix_ext.config.loader_args import strategy_of
from kedro_matrix_ext.errors import KedroMatrixError
from kedro_matrix_ext.findings import Finding, Location, finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kedro_matrix_ext.checks.project import Project
    from kedro_matrix_ext.config.layers.raw_config import RawConfiguration

__all__ = ["check_environments"]

_PREFIX = "params:"
_CREDENTIALS = "missing-credentials"


def check_environments(project: Project, environments: Iterable[str]) -> list[Finding]:
    r"""Check the whole configuration of some environments.

    What is wrong with one type or environment hides nothing of the others.

    Args:
        project: The project.
        environments: Their names; each has a folder or is the default one.

    Returns:
        What is found, first of the project itself and then by environment.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
        >>> from kedro_matrix_ext.checks import Project
        >>> base = Path(tempfile.mkdtemp(), "base")
        >>> base.mkdir()
        >>> _ = (base / "catalog.yml").write_text("cars:\n  type: MemoryDatset\n")
        >>> project = Project(
        ...     conf_source=str(base.parent),
        ...     loader_class=LayeredConfigLoader,
        ...     loader_arguments=config_loader_args(),
        ... )
        >>> [(found.code, found.location.line) for found in check_environments(project, ["base"])]
        [('unknown-dataset-type', 2)]
    """
    by_environment: dict[str, list[Finding]] = {}
    found: list[LoadedEnvironment] = []
    for env in environments:
        loaded, by_environment[env] = load_environment(project, env)
        if loaded is not None:
            found.append(loaded)
            by_environment[env] += _check_environment(loaded)
    _leave_credentials_to_others(by_environment, base=project.loader_arguments.get("base_env") or "")
    findings = [*chain.from_iterable(by_environment.values()), *note_missing_allow_list(found)]
    return [*project.findings, *note_what_is_declared(findings, project.path)]


def _leave_credentials_to_others(by_environment: dict[str, list[Finding]], *, base: str) -> None:
    """Drop what the base environment lacks of credentials and another has: Kedro keeps them out of base."""
    others = [each for env, each in by_environment.items() if env != base]
    lacking = [{found.message for found in each if found.code == _CREDENTIALS} for each in others]
    if base in by_environment and others:
        by_environment[base] = [
            found
            for found in by_environment[base]
            if found.code != _CREDENTIALS or all(found.message in each for each in lacking)
        ]


def _check_environment(loaded: LoadedEnvironment) -> Iterator[Finding]:
    project, env = loaded.project, loaded.env
    catalog, parameters = loaded.values.get("catalog", {}), loaded.values.get("parameters", {})
    checks = CatalogChecks(loaded, catalog) if catalog is not None else None
    yield from _find_absent_catalog(loaded)
    yield from find_unread_files(project, env)
    of_parameters = (
        [] if parameters is None else [*_guarded(check_parameters(loaded, parameters, checks), env)]
    )
    yield from _find_lost_text(loaded, of_parameters)
    if checks is not None:
        yield from _guarded(checks.run(), env)
    yield from of_parameters
    for config_type in MODELS:
        values = loaded.values.get(config_type)
        if values is not None:
            yield from check_section(loaded, config_type, values)
    if project.uses_spark_hooks:
        yield from check_spark_options(loaded, loaded.values.get("spark") or {})
    yield from _check_overrides(loaded, checks)


def _guarded(findings: Iterator[Finding], env: str) -> Iterator[Finding]:
    """Make a finding of an error of ours that ends a rule."""
    try:
        yield from findings
    except KedroMatrixError as error:
        yield report_error(error, env)


def _find_absent_catalog(loaded: LoadedEnvironment) -> Iterator[Finding]:
    if "catalog" not in loaded.values:
        yield finding(
            "invalid-configuration",
            "there is no catalog, without which Kedro runs nothing",
            fix="Write catalog.yml in the base environment; it may be empty.",
            location=Location(config_path="catalog", env=loaded.env),
        )


def _find_lost_text(loaded: LoadedEnvironment, reported: Sequence[Finding]) -> Iterator[Finding]:
    """Note text that YAML reads otherwise, except where a finding says so already."""
    told: dict[tuple[str | None, int | None], str] = {}
    for each in reported:
        place = each.location.file, each.location.line
        told[place] = f"{told.get(place, '')}{each.fix}"
    for config_type, values in loaded.values.items():
        layers = () if values is None else loaded.provenance.raw(config_type).layers
        for file in (file for layer in layers for file in layer.files):
            for line, written, read in find_lost_text(file.text):
                if f"YAML reads {written} as the " in told.get((file.name, line), ""):
                    continue
                yield finding(
                    "text-read-otherwise",
                    f"YAML reads {written} as {read}",
                    fix=f"If it is text, put it in quotes: '{written}'.",
                    location=Location(config_path=config_type, env=loaded.env, file=file.name, line=line),
                )


def _check_overrides(loaded: LoadedEnvironment, checks: CatalogChecks | None) -> Iterator[Finding]:
    if None in loaded.values.values():
        return  # a file cannot be read, so one does not know what refers to what
    raw = {config_type: loaded.provenance.raw(config_type) for config_type in loaded.values}
    known = loaded.project.pipelines is not None
    readers = KnownUses(
        words=frozenset(word for each in raw.values() for word in words_in_interpolations(_layers(each))),
        parameters=frozenset(name.removeprefix(_PREFIX) for name in loaded.uses.parameters)
        if known
        else None,
        entries=checks.entries_used if known and checks is not None else None,
    )
    for config_type, each in raw.items():
        strategy = strategy_of(loaded.lenient, config_type)
        yield from check_overrides(
            each, readers, strategy=strategy, per_environment=loaded.per_environment, env=loaded.env
        )


def _layers(raw: RawConfiguration) -> list[object]:
    """The raw data of all layers; merged, one would not see what an upper one replaces."""
    return [layer.data for layer in raw.layers]

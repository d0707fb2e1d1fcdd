"""Report which values a change of the configuration loader would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["LoaderChoice", "list_loading_changes", "loader_after"]

_KEDRO_TYPES = frozenset({"catalog", "globals", "parameters"})
_NOT_COMPARED = frozenset({"credentials", "logging"})


@dataclass(frozen=True)
class LoaderChoice:
    """A configuration loader as ``settings.py`` chooses it.

    Attributes:
        kind: ``CONFIG_LOADER_CLASS``.
        arguments: ``CONFIG_LOADER_ARGS``.
    """

    kind: Any
    arguments: Mapping[str, Any]


def loader_after(before: LoaderChoice, added: tuple[str, ...]) -> LoaderChoice:
    """Say which loader a project has once lines are added to its ``settings.py``."""
    import inspect

    from kedro_matrix_ext import LayeredConfigLoader, config_loader_args

    kind = LayeredConfigLoader if "LayeredConfigLoader" in added else before.kind
    arguments = dict(before.arguments)
    if "config_loader_args" in added:
        taken = inspect.signature(config_loader_args).parameters
        known = arguments.keys() <= taken.keys()
        arguments = config_loader_args(**arguments) if known else {**config_loader_args(), **arguments}
    return LoaderChoice(kind, arguments)


def list_loading_changes(conf_source: Path, before: LoaderChoice, after: LoaderChoice) -> list[str]:
    """List what the configuration as it is would load differently; credentials are not looked at."""
    if before == after or not conf_source.is_dir():
        return []
    base_env = before.arguments.get("base_env")
    envs = sorted(folder.name for folder in conf_source.iterdir() if folder.is_dir())
    return [
        line
        for env in envs
        if env != base_env and not env.startswith(".")
        for line in _changes_in(conf_source, env, before, after)
    ]


def _changes_in(conf_source: Path, env: str, before: LoaderChoice, after: LoaderChoice) -> Iterator[str]:
    from kedro_matrix_ext.config.layers.values import list_differing

    types = {*_KEDRO_TYPES, *before.arguments.get("config_patterns", {})} - _NOT_COMPARED
    for config_type in sorted(types):
        try:
            old = _load(conf_source, env, before, config_type)
        except Exception:  # noqa: BLE001, S112  what does not load today cannot load differently
            continue
        try:
            new = _load(conf_source, env, after, config_type)
        except Exception as error:  # noqa: BLE001  any failure is the finding
            yield f"{env}: {config_type} would not load: {error}"
            continue
        yield from (f"{env}: {render_config_path(config_type, keys)}" for keys, _ in list_differing(old, new))


def _load(conf_source: Path, env: str, choice: LoaderChoice, config_type: str) -> Any:
    """Load one type; an absent one is empty, as for Kedro's context."""
    from kedro.config import MissingConfigException

    from kedro_matrix_ext.errors import UnknownEnvironmentError

    try:
        return choice.kind(str(conf_source), env=env, **choice.arguments)[config_type]
    except UnknownEnvironmentError:
        raise
    except MissingConfigException:
        return {}

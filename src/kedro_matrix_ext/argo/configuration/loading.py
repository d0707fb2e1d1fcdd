"""Load ``argo.yml`` from a project's configuration."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._section import read_errors
from kedro_matrix_ext._variables import ALLOWLIST_VARIABLE
from kedro_matrix_ext.argo.configuration.model import ArgoConfig
from kedro_matrix_ext.argo.configuration.null_values import drop_nulls
from kedro_matrix_ext.argo.configuration.templates import EnvironmentVariable
from kedro_matrix_ext.errors import ConfigurationError
from kedro_matrix_ext.findings import Location
from kedro_matrix_ext.resolvers.registration import registered_resolvers
from kedro_matrix_ext.resolvers.run_ids import random_suffix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from kedro.config import AbstractConfigLoader

__all__ = ["ARGO_PATTERNS", "load_argo_config", "parse_argo_config"]

Locate = Callable[["tuple[str | int, ...]"], Location]

_RANDOM = "ka.random"
ARGO_PATTERNS = ("argo*", "argo*/**", "**/argo*", "**/argo*/**")


def parse_argo_config(
    data: Mapping[str, Any], *, source: str = "argo.yml", locate: Locate | None = None
) -> ArgoConfig:
    """Validate the contents of ``argo.yml``.

    Raises:
        ConfigurationError: If anything is wrong; it lists every error of the file with its path.

    Examples:
        >>> parse_argo_config({"namespace": "jobs"}).namespace
        'jobs'
    """
    try:
        return ArgoConfig.model_validate(drop_nulls(data, ArgoConfig))
    except ValidationError as error:
        lines = [f"  {_render_place(each.keys, locate)}: {each.message}" for each in read_errors(error)]
        count = f"{len(lines)} error{'s' if len(lines) > 1 else ''}"
        raise ConfigurationError(f"{source} has {count}:\n" + "\n".join(lines)) from error


def _render_place(keys: tuple[str | int, ...], locate: Locate | None) -> str:
    place = Location() if locate is None else locate(keys)
    return str(replace(place, config_path=render_config_path("argo", keys), env=None))


def load_argo_config(
    config_loader: AbstractConfigLoader, *, check: Callable[[Any, Locate], None] | None = None
) -> ArgoConfig:
    """Load ``argo.yml`` from the loader's environment.

    Args:
        config_loader: The project's loader.
        check: Is called with the data, before it is validated, and with what locates a key path.

    Raises:
        ConfigurationError: If there is no ``argo.yml``, it is empty, anything in it is wrong, or this shell
            has another allow-list.
    """
    from kedro.config import MissingConfigException

    from kedro_matrix_ext.errors import UnknownEnvironmentError

    getattr(config_loader, "config_patterns", {}).setdefault("argo", list(ARGO_PATTERNS))
    getattr(config_loader, "merge_strategy", {}).setdefault("argo", "soft")
    try:
        with _random_suffix_resolver():
            data = config_loader["argo"]
    except UnknownEnvironmentError:
        raise
    except MissingConfigException as error:
        raise _missing() from error
    if not data:  # Kedro's loader gives nothing, too, where there is no file and base is what was asked for
        raise _missing()
    locate = partial(_locate, config_loader)
    if check is not None:
        check(data, locate)
    return _carry_allow_list(parse_argo_config(data, locate=locate), os.environ.get(ALLOWLIST_VARIABLE))


def _carry_allow_list(config: ArgoConfig, local: str | None) -> ArgoConfig:
    """Add this shell's allow-list to the variables of tasks; refuse another one in ``argo.yml``."""
    if local is None:
        return config
    given = [entry for entry in config.template.environment if entry.name == ALLOWLIST_VARIABLE]
    if not given:
        added = EnvironmentVariable(name=ALLOWLIST_VARIABLE, value=local)
        environment = (*config.template.environment, added)
        template = config.template.model_copy(update={"environment": environment})
        return config.model_copy(update={"template": template})
    if any(entry.value is None or _entries(entry.value) != _entries(local) for entry in given):
        raise ConfigurationError(
            f"this shell and argo.yml give different lists in {ALLOWLIST_VARIABLE}",
            config_path="argo: template.environment",
            hint="Give both the same list, or unset the variable in the shell and in .env.",
        )
    return config


def _entries(value: str) -> frozenset[str]:
    return frozenset(entry.strip() for entry in value.split(",") if entry.strip())


def _locate(config_loader: AbstractConfigLoader, keys: Sequence[str | int]) -> Location:
    """Return file and line of a key path of ``argo.yml``; unknown for loaders of other classes."""
    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader

    if isinstance(config_loader, OmegaConfigLoader):
        return ProvenanceReader(config_loader).locate("argo", keys)
    return Location()


def _missing() -> ConfigurationError:
    return ConfigurationError(
        "this project has no 'argo.yml' in its configuration, or an empty one",
        hint="Run 'kedro argo init' to write conf/base/argo.yml.",
    )


def _random_suffix_resolver() -> AbstractContextManager[None]:
    """Register ``${ka.random:}`` for projects that do not pass our resolvers to their loader."""
    from omegaconf import OmegaConf

    if OmegaConf.has_resolver(_RANDOM):
        return nullcontext()
    return registered_resolvers({_RANDOM: random_suffix})

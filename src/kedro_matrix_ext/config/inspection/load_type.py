"""Loading one type of configuration for a command: what goes wrong is one clear error under either loader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._containers import copy_containers
from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.config.loader import LayeredConfigLoader
from kedro_matrix_ext.errors import ConfigurationError, KedroMatrixError, UnknownEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader

__all__ = ["check_type", "given_resolvers", "list_types", "load_type"]


def load_type(loader: OmegaConfigLoader, config_type: str) -> dict[str, Any]:
    """Load one type of configuration.

    Raises:
        ConfigurationError: If there is no such type, it has no files, or something in it cannot be resolved;
            the cause is kept.
    """
    from kedro.config import MissingConfigException
    from omegaconf.errors import GrammarParseError, OmegaConfBaseException
    from yaml import YAMLError

    from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader

    check_type(loader, config_type)
    try:
        return {key: copy_containers(value) for key, value in loader[config_type].items()}
    except UnknownEnvironmentError:
        raise
    except MissingConfigException as error:
        env = loader.env or loader.default_run_env
        raise ConfigurationError(f"environment {env!r} has no {config_type}", hint=str(error)) from error
    except KedroMatrixError:
        raise
    except (OmegaConfBaseException, YAMLError, ValueError, TypeError) as error:  # of Kedro's own loader
        ProvenanceReader(loader).raw(config_type)  # raises what is wrong in a file, which quotes no secret
        path = render_config_path(config_type, [key] if (key := getattr(error, "full_key", None)) else [])
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        if isinstance(error, GrammarParseError):
            first = "an interpolation is not well-formed"
        raise ConfigurationError(first, config_path=path) from error


def check_type(loader: OmegaConfigLoader, config_type: str) -> None:
    """Refuse a type of configuration that the loader does not know.

    Raises:
        ConfigurationError: If it has no patterns; the nearest name is suggested.
    """
    if config_type not in loader.config_patterns:
        known = sorted(loader.config_patterns)
        raise ConfigurationError(
            f"there is no type of configuration {config_type!r}",
            hint=did_you_mean(config_type, known) or f"The types are {', '.join(map(repr, known))}.",
        )


def list_types(reader: ProvenanceReader) -> list[str]:
    """List the types of configuration that have files or parameters of the run."""
    loader = reader.loader
    first = [
        name for name in ("parameters", "catalog", "credentials", "globals") if name in loader.config_patterns
    ]
    names = [*first, *(name for name in loader.config_patterns if name not in first)]
    return [name for name in names if reader.raw(name).layers]


def given_resolvers(loader: OmegaConfigLoader) -> Mapping[str, Callable[..., Any]]:
    """Return the project's resolvers; Kedro's own loader has no public name for them."""
    if isinstance(loader, LayeredConfigLoader):
        return loader.custom_resolvers
    return getattr(loader, "_custom_resolvers", None) or {}

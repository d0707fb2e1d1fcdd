"""``CONFIG_LOADER_ARGS``: what both loaders accept, with the defaults of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext._terminal_output import keep_output_short
from kedro_matrix_ext.errors import MergeStrategyError
from kedro_matrix_ext.resolvers import default_resolvers, offer_resolvers, setting_resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kedro.config import OmegaConfigLoader

__all__ = ["MERGE_STRATEGIES", "check_merge_strategy", "check_resolvers", "config_loader_args", "strategy_of"]

MERGE_STRATEGIES = ("soft", "destructive")

_RESTRICT = "restrict_runtime_params_type_selection"
_KEDRO_TYPES = ("catalog", "parameters", "credentials", "globals")
_PATTERN_TYPES = ("globals", "parameters", "spark", "mlflow", "tracking", "argo")
_SOFT_TYPES = ("parameters", "globals", "mlflow", "tracking", "spark", "argo")


def config_loader_args(  # noqa: PLR0913  the arguments are Kedro's
    *,
    base_env: str = "base",
    default_run_env: str = "local",
    merge_strategy: Mapping[str, str] | None = None,
    config_patterns: Mapping[str, list[str]] | None = None,
    custom_resolvers: Mapping[str, Callable[..., Any]] | None = None,
    ignore_hidden: bool = True,
    restrict_runtime_params_type_selection: bool = False,
) -> dict[str, Any]:
    """Make ``CONFIG_LOADER_ARGS`` for LayeredConfigLoader and for Kedro's OmegaConfigLoader alike.

    What is given is merged over the defaults: one more pattern, strategy or resolver leaves the others.

    Args:
        base_env: The environment that is the lowest layer.
        default_run_env: The environment of a run where none is named.
        merge_strategy: For each configuration type ``soft`` or ``destructive``. Parameters, globals, mlflow,
            tracking, spark and argo are soft by default.
        config_patterns: Per configuration type the globs of its files.
        custom_resolvers: Per name a function for ``${name:...}``.
        ignore_hidden: Whether hidden files and folders are left out.
        restrict_runtime_params_type_selection: Whether a dataset's ``type`` must not come from runtime
            parameters. Early releases of Kedro 1 do not take it, so it is passed only if it is True.

    Returns:
        The arguments, a new dictionary.

    Raises:
        MergeStrategyError: If a merge strategy is unknown, or for a configuration type that has no patterns.
        ResolverError: If a custom resolver cannot be called.

    Examples:
        >>> config_loader_args(merge_strategy={"catalog": "soft"})["merge_strategy"]["catalog"]
        'soft'
    """
    keep_output_short()
    patterns = {**{name: _patterns(name) for name in _PATTERN_TYPES}, **(config_patterns or {})}
    check_merge_strategy(merge_strategy or {}, [*_KEDRO_TYPES, *patterns])
    resolvers = {
        **default_resolvers(),
        "setting": setting_resolver(_read_mapping),
        **(custom_resolvers or {}),
    }
    check_resolvers(resolvers)
    offer_resolvers(resolvers)
    return {
        "base_env": base_env,
        "default_run_env": default_run_env,
        "merge_strategy": {**dict.fromkeys(_SOFT_TYPES, "soft"), **(merge_strategy or {})},
        "config_patterns": patterns,
        "custom_resolvers": resolvers,
        "ignore_hidden": ignore_hidden,
        **({_RESTRICT: True} if restrict_runtime_params_type_selection else {}),
    }


def check_merge_strategy(merge_strategy: Mapping[str, str], config_types: Iterable[str]) -> None:
    """Refuse strategies that would be ignored or not understood.

    Raises:
        MergeStrategyError: If a type has no patterns or a strategy is unknown.

    Examples:
        >>> check_merge_strategy({"parameters": "soft"}, ["parameters"])
    """
    known = list(dict.fromkeys(config_types))
    for config_type, strategy in merge_strategy.items():
        if config_type not in known:
            raise MergeStrategyError(
                f"merge_strategy names {config_type!r}, which is not a type of configuration here",
                hint=did_you_mean(config_type, known) or f"The types are {', '.join(map(repr, known))}.",
            )
        if str(strategy).lower() not in MERGE_STRATEGIES:
            raise MergeStrategyError(
                f"the merge strategy {strategy!r} of {config_type!r} does not exist",
                hint=did_you_mean(str(strategy), MERGE_STRATEGIES) or "Write 'soft' or 'destructive'.",
            )


def check_resolvers(resolvers: Mapping[str, Any]) -> None:
    """Refuse custom resolvers that are not functions.

    Raises:
        UncallableResolverError: If one cannot be called.

    Examples:
        >>> check_resolvers({"plus": sum})
    """
    from kedro_matrix_ext.config.errors import UncallableResolverError

    for name, resolver in resolvers.items():
        if not callable(resolver):
            raise UncallableResolverError(
                f"the custom resolver {name!r} is {resolver!r}, which is not a function",
                hint="Import the function in settings.py and give the function itself.",
            )


def strategy_of(loader: OmegaConfigLoader, config_type: str) -> str:
    """Return how a loader merges the environments of one type of configuration."""
    return str(loader.merge_strategy.get(config_type, "destructive")).lower()


def _patterns(name: str) -> list[str]:
    """Return globs for files and folders of that name, at the top and in nested folders."""
    return [f"{name}*", f"{name}*/**", f"**/{name}*", f"**/{name}*/**"]


def _read_mapping() -> Any:
    """Give DYNAMIC_PIPELINES_MAPPING of the project's settings, an empty mapping where it is not set."""
    from kedro.framework.project import settings

    return getattr(settings, "DYNAMIC_PIPELINES_MAPPING", {})

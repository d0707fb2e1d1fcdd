"""Environment variables that override parts of a dynamic pipeline mapping."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_matrix_ext._config_path import render_config_path, render_key_path
from kedro_matrix_ext._suggestion import nearest_names
from kedro_matrix_ext.config.layers.yaml_nodes import bound_expansion
from kedro_matrix_ext.errors import ConfigurationError, MappingError
from kedro_matrix_ext.pipelines.frozen_mapping import FrozenMapping, KeyPath, freeze, thaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["OVERRIDE_PREFIX", "Override", "apply_overrides", "variable_name"]

OVERRIDE_PREFIX = "KEDRO_DYNAMIC_PIPELINES_MAPPING_"

# YAML 1.2 reads 1e-3 as a number, and so do Kedro's configuration files; PyYAML alone does not.
_EXPONENT = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$")

_SHOWN_CHARACTERS = 200
# What PyYAML raises for text that does not match its tag, for an impossible date, for depth.
_REFUSALS = (
    ConfigurationError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class Override(NamedTuple):
    """A part of the mapping that an environment variable replaced.

    Attributes:
        path: Where in the mapping.
        variable: The variable's name.
    """

    path: KeyPath
    variable: str


def variable_name(path: KeyPath) -> str:
    """Name the variable that overrides a leaf or a list.

    Args:
        path: Where it is in the mapping.

    Returns:
        The prefix and the keys in upper case, joined by underscores; a hyphen becomes one too.

    Examples:
        >>> variable_name(("price-predictor", "variants"))
        'KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE_PREDICTOR_VARIANTS'
    """
    return OVERRIDE_PREFIX + "_".join(str(key) for key in path).replace("-", "_").upper()


def apply_overrides(
    mapping: FrozenMapping, environ: Mapping[str, str]
) -> tuple[FrozenMapping, tuple[Override, ...]]:
    """Replace the leaves and lists that environment variables name.

    Args:
        mapping: What the project declares.
        environ: The environment variables.

    Returns:
        The mapping with the replacements, and what was replaced.

    Raises:
        MappingError: If two paths share a variable name, a value is not YAML, or a list would become a plain
            value or the other way round.

    Examples:
        >>> declared = FrozenMapping({"price": ("base", "test")})
        >>> apply_overrides(declared, {"KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE": "[base]"})[0]
        FrozenMapping({'price': ['base']})
    """
    walk = _Walk(environ)
    overridden = FrozenMapping({key: walk.visit(value, (key,)) for key, value in mapping.items()})
    unknown = [name for name in environ if name.startswith(OVERRIDE_PREFIX) and name not in walk.paths]
    for name in sorted(unknown):
        _warn_of_unknown(name, walk.paths)
    return overridden, tuple(walk.overrides)


class _Walk:
    """One way through the mapping: which variable stands for which path, and what was replaced."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.paths: dict[str, KeyPath] = {}
        self.overrides: list[Override] = []

    def visit(self, value: Any, path: KeyPath) -> Any:
        if not isinstance(value, FrozenMapping):
            value = self._replace(value, path)
        if isinstance(value, FrozenMapping):
            return FrozenMapping({key: self.visit(item, (*path, key)) for key, item in value.items()})
        if _is_list_of_dictionaries(value):
            return tuple(self.visit(item, (*path, index)) for index, item in enumerate(value))
        return value

    def _replace(self, value: Any, path: KeyPath) -> Any:
        variable = variable_name(path)
        other = self.paths.setdefault(variable, path)
        if other != path:
            raise MappingError(
                f"{variable!r} stands for both {render_key_path(other)!r} and {render_key_path(path)!r}",
                config_path=render_config_path("dynamic_pipeline_mapping", path),
                hint="Rename one of them.",
            )
        if variable not in self.environ:
            return value
        self.overrides.append(Override(path, variable))
        return _read_value(self.environ[variable], variable, path, replaced=value)


def _read_value(text: str, variable: str, path: KeyPath, *, replaced: Any) -> Any:
    value = _parse_yaml(text, variable, path)
    if _shape(value) != _shape(replaced):
        raise MappingError(
            f"{_shown(text)} is {_shape(value)}, and what it overrides is {_shape(replaced)}: "
            f"{thaw(replaced)!r}",
            config_path=render_config_path(variable, path),
            hint=f"Write {_shape(replaced)} as YAML{', as [a, b]' if isinstance(replaced, tuple) else ''}.",
        )
    return freeze(value, path, source=variable)


def _parse_yaml(text: str, variable: str, path: KeyPath) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Safe, and with the numbers of Kedro's configuration files."""

    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+0123456789"))
    try:
        loader = Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        bound_expansion(node, variable)
        return loader.construct_document(node)
    except (yaml.YAMLError, *_REFUSALS) as error:
        problem = error.message if isinstance(error, ConfigurationError) else f"{_shown(text)} is not YAML"
        raise MappingError(
            problem, config_path=render_config_path(variable, path), hint="Write it as YAML."
        ) from error


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}...")


def _shape(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "a list"
    return "a mapping" if isinstance(value, dict) else "a plain value"


def _is_list_of_dictionaries(value: Any) -> bool:
    return isinstance(value, tuple) and isinstance(value[0], FrozenMapping)


def _warn_of_unknown(variable: str, known: Iterable[str]) -> None:
    """Warn with the nearest names; compared without the prefix that makes all of them alike."""
    suffixes = [name.removeprefix(OVERRIDE_PREFIX) for name in known]
    nearest = nearest_names(variable.removeprefix(OVERRIDE_PREFIX), suffixes) or sorted(suffixes)[:3]
    names = " or ".join(repr(OVERRIDE_PREFIX + suffix) for suffix in nearest)
    warnings.warn(
        f"{variable!r} overrides nothing: the dynamic pipeline mapping has no such path."
        + (f" Did you mean {names}?" if names else ""),
        stacklevel=7,  # the line in settings.py that declares the mapping
    )

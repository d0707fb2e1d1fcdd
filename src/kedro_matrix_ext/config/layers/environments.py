"""Environments of a configuration folder, and which of them a run is made of.

An environment is a folder next to ``base``. Its ``environment.yml`` lists what it inherits::

    inherits: [cloud]     # -e prod is then base < cloud < prod
    fabricated: true      # synthetic data may be written here
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.config.errors import UnknownEnvironmentError
from kedro_matrix_ext.config.layers.line_numbers import find_line
from kedro_matrix_ext.config.layers.sources import ENVIRONMENT_FILE
from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from kedro_matrix_ext.config.layers.sources import ConfigSource

__all__ = [
    "Environment",
    "EnvironmentChain",
    "read_environment_chain",
    "two_environments",
    "unknown_environment",
]

_MISNAMED_FILES = ("environment.yaml", "environment.json")
_KEYS = ("inherits", "fabricated", "guarded")
_DEEPEST = 100  # environments that inherit each other in one line


@dataclass(frozen=True)
class Environment:
    """One folder of configuration.

    Attributes:
        name: Its name under the configuration folder; empty where that folder itself is meant.
        inherits: The environments it builds on, the last of them on top.
        fabricated: Whether synthetic data may be written in it.
        guarded: Whether a run outside of a workflow needs consent.

    Examples:
        >>> Environment("prod", inherits=("cloud",))
        Environment(name='prod', inherits=('cloud',), fabricated=False, guarded=False)
    """

    name: str
    inherits: tuple[str, ...] = ()
    fabricated: bool = False
    guarded: bool = False


@dataclass(frozen=True)
class EnvironmentChain:
    """The environments of a run, the lowest layer first.

    Attributes:
        layers: From ``base`` to the environment of the run; folders that do not exist are not among them.
        run_env: The environment of the run.
        exists: Whether the folder of the run's environment exists.

    Examples:
        >>> test = Environment("test", fabricated=True)
        >>> chain = EnvironmentChain((Environment("base"), test), run_env="test", exists=True)
        >>> [layer.name for layer in chain.layers], chain.fabricated
        (['base', 'test'], True)
    """

    layers: tuple[Environment, ...]
    run_env: str
    exists: bool

    @property
    def fabricated(self) -> bool:
        """Whether the run's own environment says that synthetic data may be written."""
        return self.exists and self.layers[-1].fabricated


def read_environment_chain(
    source: ConfigSource, *, env: str | None, base_env: str, default_run_env: str
) -> EnvironmentChain:
    """Work out the layers of a run.

    Raises:
        UnknownEnvironmentError: If an environment that is asked for or inherited does not exist.
        ConfigurationError: If an ``environment.yml`` does not hold together, or environments inherit in a
            cycle.
    """
    run_env = env or default_run_env
    exists = source.has_environment(run_env)
    if not exists and run_env not in {base_env, default_run_env}:
        raise unknown_environment(run_env, source)
    if not source.has_environment(base_env):
        hint = f"{base_env!r} is the lowest layer; correct 'base_env' or --conf-source."
        raise unknown_environment(base_env, source, hint=hint)
    reader = _ChainReader(source, base_env)
    for name in dict.fromkeys((base_env, run_env)):
        if source.has_environment(name):
            reader.add(name)
    return EnvironmentChain(tuple(reader.layers.values()), run_env, exists)


def two_environments(source: ConfigSource, *, base_env: str, run_env: str) -> EnvironmentChain:
    """Return the layers of a run with Kedro's own loader, which knows no inheritance."""
    names = [name for name in dict.fromkeys((base_env, run_env)) if source.has_environment(name)]
    return EnvironmentChain(tuple(map(Environment, names)), run_env, run_env in names)


class _ChainReader:
    """Collects environments so that each comes after all it inherits, and only once."""

    def __init__(self, source: ConfigSource, base_env: str) -> None:
        self._source = source
        self._base_env = base_env
        self._open: list[str] = []
        self.layers: dict[str, Environment] = {}

    def add(self, name: str) -> None:
        if name in self.layers:
            return
        environment = _read_environment(self._source, name)
        self._open.append(name)
        if len(self._open) > _DEEPEST:
            raise ConfigurationError(
                f"environments inherit each other in a line of more than {_DEEPEST}: "
                f"{' -> '.join(self._open[:3])} -> ...",
                file=self._source.display(_file_of(name)),
                hint="List what an environment inherits in one 'inherits'.",
            )
        for parent in environment.inherits:
            self._check(parent, name, environment)
            self.add(parent)
        self._open.pop()
        self.layers[name] = environment

    def _check(self, parent: str, name: str, environment: Environment) -> None:
        file = self._source.display(_file_of(name))
        if name == self._base_env:
            raise ConfigurationError(
                f"{name!r} is the lowest layer and cannot inherit {parent!r}",
                file=file,
                hint="Remove 'inherits' from it.",
            )
        if parent in self._open:
            cycle = " -> ".join([*self._open[self._open.index(parent) :], parent])
            raise ConfigurationError(
                f"environments inherit in a cycle: {cycle}",
                file=file,
                hint="Remove one of them from 'inherits'.",
            )
        if not self._source.has_environment(parent):
            place = f"{name!r} inherits {list(environment.inherits)!r} in {file}."
            raise unknown_environment(parent, self._source, hint=place)


def _read_environment(source: ConfigSource, name: str) -> Environment:
    names = source.names_in(name)
    for misnamed in _MISNAMED_FILES:
        if misnamed in names:
            raise ConfigurationError(
                f"{misnamed!r} is not read", file=source.display(name), hint=f"Call it {ENVIRONMENT_FILE!r}."
            )
    if ENVIRONMENT_FILE not in names:
        return Environment(name)
    file = _file_of(name)
    text, shown = source.read(file), source.display(file)
    return _parse_environment(name, parse_mapping(text, shown), text, shown)


def _parse_environment(name: str, data: dict[Any, Any], text: str, file: str) -> Environment:
    for key in data:
        if key not in _KEYS:
            raise ConfigurationError(
                f"{key!r} is not a key of an environment",
                file=file,
                line=find_line(text, [key]),
                hint=did_you_mean(str(key), _KEYS) or "The keys are 'inherits', 'fabricated' and 'guarded'.",
            )
    inherits = data.get("inherits") or []
    if not isinstance(inherits, list) or not all(isinstance(parent, str) for parent in inherits):
        raise ConfigurationError(
            f"'inherits' is {inherits!r}, not a list of names",
            file=file,
            line=find_line(text, ["inherits"]),
            hint="Write 'inherits: [cloud]'.",
        )
    flags = {key: data.get(key, False) for key in ("fabricated", "guarded")}
    for key, value in flags.items():
        if not isinstance(value, bool):
            raise ConfigurationError(
                f"{key!r} is {value!r}, not true or false",
                file=file,
                line=find_line(text, [key]),
                hint=f"Write '{key}: true', or leave it out.",
            )
    return Environment(name, tuple(inherits), **flags)


def _file_of(name: str) -> str:
    return f"{name}/{ENVIRONMENT_FILE}" if name else ENVIRONMENT_FILE


def unknown_environment(name: str, source: ConfigSource, *, hint: str = "") -> UnknownEnvironmentError:
    """Make the error of an environment that has no folder, with the nearest name and all there are."""
    known = source.environments()
    conf = source.display("")
    if known:
        there = f"The environments in {conf!r} are {', '.join(map(repr, known))}."
    else:
        there = f"{conf!r} has no environments: make a folder '{conf}/{name}', or correct --conf-source."
    parts = ["" if not known else hint, did_you_mean(name, known), there]
    return UnknownEnvironmentError(
        f"there is no environment {name!r}",
        hint=" ".join(part for part in parts if part),
        env=name,
        known=tuple(known),
    )

"""Where configured values are written: file, line, environment, raw text, and what they override where.

Nothing is resolved here: a value that an interpolation makes is written where that interpolation is. It works
for ``LayeredConfigLoader`` and for Kedro's own loader, whose files it reads with our parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.catalog.transcoding import TRANSCODE
from kedro_matrix_ext.config.layers.environments import EnvironmentChain, two_environments
from kedro_matrix_ext.config.layers.line_numbers import find_position
from kedro_matrix_ext.config.layers.merging import may_become_mapping
from kedro_matrix_ext.config.layers.raw_config import RawConfiguration, read_raw_configuration
from kedro_matrix_ext.config.layers.sources import ConfigSource, open_config_source
from kedro_matrix_ext.config.layers.values import ABSENT, child_of, walk
from kedro_matrix_ext.config.loader import LayeredConfigLoader
from kedro_matrix_ext.config.loader_args import strategy_of
from kedro_matrix_ext.findings import Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.layers.raw_config import RawLayer

__all__ = ["Definition", "Provenance", "ProvenanceReader", "find_provenance"]


@dataclass(frozen=True)
class Definition:
    """One place where a value is written.

    Attributes:
        keys: The part of the key path that is written there; shorter than the requested one if an
            interpolation gives the rest.
        env: The environment; None for the parameters of this run.
        file: The file as messages call it, as in ``conf/base/catalog.yml``; None for parameters of this run.
        line: The line of its key or list item, from 1.
        column: The column where its raw text begins, from 1; for a block below its key, on the line below.
        text: The raw text as the file has it, quotes and all.
        value: The raw value: what the text says before anything is resolved.
    """

    keys: Keys
    env: str | None
    file: str | None
    line: int | None
    column: int | None
    text: str
    value: Any

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else "--params"


@dataclass(frozen=True)
class Provenance:
    """Where the value of one key path is written.

    Attributes:
        config_type: ``parameters``, ``catalog``, ...
        keys: The key path that was asked for.
        written: The place that counts; None where nothing gives the path.
        merged: Places below whose mappings are merged into this one, the nearest first.
        overridden: Places below that no longer count, the nearest first.
    """

    config_type: str
    keys: Keys
    written: Definition | None = None
    merged: tuple[Definition, ...] = ()
    overridden: tuple[Definition, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the whole key path is written, not only an interpolation that gives the rest of it."""
        return self.written is not None and len(self.written.keys) == len(self.keys)

    def location(self, env: str | None = None) -> Location:
        """Give the place as findings have it."""
        written = self.written
        return Location(
            config_path=render_config_path(self.config_type, self.keys),
            env=env or (written.env if written else None),
            file=written.file if written else None,
            line=written.line if written else None,
        )


@dataclass
class ProvenanceReader:
    """Finds where the values of one loader's configuration are written; reads each type's files once.

    Args:
        loader: ``LayeredConfigLoader``, Kedro's ``OmegaConfigLoader``, or a subclass of either.
    """

    loader: OmegaConfigLoader
    _raw: dict[str, RawConfiguration] = field(default_factory=dict, init=False, repr=False)
    _place: tuple[ConfigSource, EnvironmentChain] | None = field(default=None, init=False, repr=False)

    def raw(self, config_type: str) -> RawConfiguration:
        """Read the files of one type, by layers.

        Raises:
            ConfigurationError: If a file cannot be parsed.
        """
        if config_type not in self._raw:
            self._raw[config_type] = self._read(config_type)
        return self._raw[config_type]

    def find(self, config_type: str, keys: Sequence[Any], *, env: str | None = None) -> Provenance:
        """Find where the value of a key path is written."""
        path = tuple(keys)
        for spelling in self._spellings(config_type, path):
            found = self._find(config_type, spelling, env)
            if found.written is not None:
                return Provenance(config_type, path, found.written, found.merged, found.overridden)
        return Provenance(config_type, path)

    def locate(self, config_type: str, keys: Sequence[Any], *, env: str | None = None) -> Location:
        """Find a place for a finding: where the key path is written, or the deepest part of it that is."""
        for depth in range(len(keys), 0, -1):
            found = self.find(config_type, keys[:depth])
            if found.written is not None:
                place = found.location(env)
                path = render_config_path(config_type, keys)
                return Location(config_path=path, env=place.env, file=place.file, line=place.line)
        return Location(config_path=render_config_path(config_type, keys), env=env)

    def _spellings(self, config_type: str, keys: Keys) -> Iterator[Keys]:
        """The key path, and where a ``transcode:`` entry made it, the paths inside that entry."""
        yield keys
        if config_type == "catalog" and keys and "@" in str(keys[0]):
            name, _, engine = str(keys[0]).rpartition("@")
            entry, _ = child_of(self.raw("catalog").data, name)
            if isinstance(entry, dict) and TRANSCODE in entry:
                yield (name, engine, *keys[1:])
                yield (name, *keys[1:])
                yield (name,)

    def _find(self, config_type: str, keys: Keys, env: str | None) -> Provenance:
        by_type = config_type == "catalog" and isinstance(self.loader, LayeredConfigLoader)
        layers = _Layers(self.raw(config_type), strategy_of(self.loader, config_type), by_type)
        if env is not None:
            layers = layers.only(env)
        return layers.find(keys, list(self._runtime(config_type, keys)))

    def _runtime(self, config_type: str, keys: Keys) -> Iterator[Definition]:
        """What the parameters of this run give of a path."""
        if config_type == "parameters":
            value, walked = walk(self.loader.runtime_params or {}, keys)
            if len(walked) == len(keys) or (walked and not isinstance(value, (dict, list))):
                yield Definition(walked, None, None, None, None, str(value), value)

    def _read(self, config_type: str) -> RawConfiguration:
        if isinstance(self.loader, LayeredConfigLoader):
            return self.loader.read_raw(config_type)
        source, chain = self._open()
        return read_raw_configuration(
            source,
            chain,
            config_type=config_type,
            patterns=self.loader.config_patterns.get(config_type, ()),
            strategy=strategy_of(self.loader, config_type),
        )

    def _open(self) -> tuple[ConfigSource, EnvironmentChain]:
        """The place of Kedro's loader, and the two environments it knows."""
        if self._place is None:
            loader = self.loader
            source = open_config_source(
                str(loader.conf_source), base_env=loader.base_env, ignore_hidden=loader.ignore_hidden
            )
            run_env = loader.env or loader.default_run_env
            self._place = (source, two_environments(source, base_env=loader.base_env, run_env=run_env))
        return self._place


def find_provenance(loader: OmegaConfigLoader, config_type: str, keys: Sequence[Any]) -> Provenance:
    r"""Find where one value is written; for several of one loader, ``ProvenanceReader`` is quicker.

    Args:
        loader: This library's loader or Kedro's own, with the environment set.
        config_type: ``parameters``, ``catalog``, ...
        keys: Mapping keys and list indices.

    Returns:
        The provenance; its ``written`` is None where nothing gives the path, else a place with ``file``,
        ``line`` (from 1) and ``env``, and ``overridden`` lists the places below it.

    Raises:
        ConfigurationError: If a file of that type cannot be parsed.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from kedro_matrix_ext import LayeredConfigLoader
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for env, rate in {"base": 0.1, "local": 0.2}.items():
        ...         path = Path(folder, "conf", env, "parameters.yml")
        ...         path.parent.mkdir(parents=True)
        ...         _ = path.write_text(f"rate: {rate}\n")
        ...     loader = LayeredConfigLoader(f"{folder}/conf", base_env="base", default_run_env="local")
        ...     found = find_provenance(loader, "parameters", ["rate"])
        >>> found.written.env, found.written.line, [place.env for place in found.overridden]
        ('local', 1, ['base'])
    """
    return ProvenanceReader(loader).find(config_type, keys)


@dataclass(frozen=True)
class _Layers:
    """The layers of one type, and how they merge."""

    raw: RawConfiguration
    strategy: str
    by_type: bool

    def only(self, env: str) -> _Layers:
        """The same without other environments."""
        layers = tuple(layer for layer in self.raw.layers if layer.env == env)
        return replace(self, raw=replace(self.raw, layers=layers))

    def find(self, keys: Keys, given: list[Definition]) -> Provenance:
        """Iterate over the layers from the top; ``given`` is above them all."""
        counting = [*given]
        overridden: list[Definition] = []
        hidden = any(not may_become_mapping(place.value) for place in given)
        for index in reversed(range(len(self.raw.layers))):
            for place in _places(self.raw.layers[index], keys):
                hidden = hidden or bool(counting and not may_become_mapping(place.value))
                (overridden if hidden else counting).append(place)
                hidden = hidden or not may_become_mapping(place.value)
            hidden = hidden or self._hides(index, keys)
        if not counting:
            return Provenance(self.raw.config_type, keys)
        return Provenance(self.raw.config_type, keys, counting[0], tuple(counting[1:]), tuple(overridden))

    def _hides(self, index: int, keys: Keys) -> bool:
        """Whether the layers below one have no say in a path any more."""
        data = self.raw.layers[index].data
        if not keys or child_of(data, keys[0])[0] is ABSENT:
            return False
        if self.strategy == "destructive" or (self.by_type and self._changes_type(index, keys[0])):
            return True
        value, walked = walk(data, keys)
        return len(walked) < len(keys) and not may_become_mapping(value)

    def _changes_type(self, index: int, name: Any) -> bool:
        """Whether a catalog entry takes nothing from below, since its type is another."""
        types = [_type_of(layer.data.get(name)) for layer in self.raw.layers[: index + 1]]
        given = [kind for kind in types if kind is not None]
        return types[-1] is not None and len(given) > 1 and given[-2] != given[-1]


def _type_of(entry: Any) -> str | None:
    kind = entry.get("type") if isinstance(entry, dict) else None
    return kind if isinstance(kind, str) and "${" not in kind else None


def _places(layer: RawLayer, keys: Keys) -> Iterator[Definition]:
    """Where the files of one environment write a path, the file that counts first."""
    for file in reversed(layer.files):
        value, walked = walk(file.data, keys)
        position = find_position(file.text, walked)
        if position is None or (len(walked) < len(keys) and not _interpolates(value)):
            continue
        text = file.text[position.start : position.end]
        column = position.start - file.text.rfind("\n", 0, position.start)
        yield Definition(walked, layer.env, file.name, position.line, column, text, value)


def _interpolates(value: object) -> bool:
    return isinstance(value, str) and may_become_mapping(value)

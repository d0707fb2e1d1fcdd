"""``LayeredConfigLoader``: Kedro's OmegaConfigLoader, with layers merged before they are resolved."""

from __future__ import annotations

import warnings
from contextlib import ExitStack, contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from kedro.config import OmegaConfigLoader

from kedro_matrix_ext._suggestion import did_you_mean, nearest_names
from kedro_matrix_ext._terminal_output import keep_output_short
from kedro_matrix_ext.catalog.transcoding import expand_transcoding
from kedro_matrix_ext.config.errors import NoFilesError
from kedro_matrix_ext.config.interpolation.evaluator import Evaluator
from kedro_matrix_ext.config.interpolation.loader_resolvers import choose_resolvers, refuse_variables
from kedro_matrix_ext.config.interpolation.runtime_type_restriction import (
    refuse_runtime_types,
    taint,
    untaint,
    untaint_parameters,
)
from kedro_matrix_ext.config.layers.environments import EnvironmentChain, read_environment_chain
from kedro_matrix_ext.config.layers.merging import merge_softly
from kedro_matrix_ext.config.layers.raw_config import RawConfiguration, read_raw_configuration
from kedro_matrix_ext.config.layers.sources import open_config_source
from kedro_matrix_ext.config.loader_args import check_merge_strategy, check_resolvers, strategy_of
from kedro_matrix_ext.config.runtime_params import collect_runtime_parameters, refuse_items_of_lists
from kedro_matrix_ext.resolvers import registered_resolvers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kedro_matrix_ext.catalog.errors import CatalogError
    from kedro_matrix_ext.config.errors import InterpolationError
    from kedro_matrix_ext.config.layers.sources import ConfigSource

__all__ = ["LayeredConfigLoader", "finish"]

_PRIVATE = "_"
_KEDRO_RESOLVERS = ("oc.env", "globals", "runtime_params")


class LayeredConfigLoader(OmegaConfigLoader):
    """Load configuration whose environments are layers: merged raw, then resolved once.

    So what an environment overrides reaches everything that refers to it, and a file may refer to keys that
    only a layer below has. Environments inherit each other by ``environment.yml``. Everything else is as
    with Kedro's OmegaConfigLoader, whose arguments it takes.

    Args:
        conf_source: The configuration folder, a zip or tar archive, or a URL that fsspec reads.
        env: The environment of the run; the default one where it is None.
        runtime_params: The parameters of this run.
        config_patterns: Per configuration type the globs of its files.
        base_env: The environment that is the lowest layer.
        default_run_env: The environment where none is given; it does not have to exist.
        custom_resolvers: Per name a function for ``${name:...}``.
        merge_strategy: Per configuration type ``soft`` or ``destructive``.
        ignore_hidden: Whether hidden files and folders are left out.
        restrict_runtime_params_type_selection: Whether a dataset's ``type`` must not come from runtime
            parameters.

    Raises:
        UnknownEnvironmentError: If there is no folder for ``env``, or for one that it inherits.
        ConfigurationError: If an ``environment.yml`` or the globals cannot be loaded.
        MergeStrategyError: If a merge strategy is unknown, or for an unknown type.

    Examples:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from kedro_matrix_ext import config_loader_args
        >>> conf = Path(tempfile.mkdtemp())
        >>> for env, text in {"base": "{root: data, raw: '${root}/raw'}", "cloud": "root: s3://cars"}.items():
        ...     (conf / env).mkdir()
        ...     _ = (conf / env / "globals.yml").write_text(text)
        >>> LayeredConfigLoader(conf, "cloud", **config_loader_args())["globals"]
        {'root': 's3://cars', 'raw': 's3://cars/raw'}
    """

    def __init__(  # noqa: PLR0913  the arguments are Kedro's
        self,
        conf_source: str | Path,
        env: str | None = None,
        runtime_params: dict[str, Any] | None = None,
        *,
        config_patterns: dict[str, list[str]] | None = None,
        base_env: str | None = None,
        default_run_env: str | None = None,
        custom_resolvers: dict[str, Callable[..., Any]] | None = None,
        merge_strategy: dict[str, str] | None = None,
        ignore_hidden: bool = True,
        restrict_runtime_params_type_selection: bool = False,
    ) -> None:
        keep_output_short()
        self.restrict_runtime_params_type_selection = False  # Kedro's constructor loads the globals
        self._resolvers = dict(custom_resolvers or {})
        check_resolvers(self._resolvers)
        self._loaded_globals: dict[str, Any] | None = None
        self._opened: tuple[tuple[Any, ...], ConfigSource, EnvironmentChain] | None = None
        self.conf_source, self.env, self.ignore_hidden = str(conf_source), env, ignore_hidden
        self.base_env, self.default_run_env = base_env or "", default_run_env or ""
        self._open()  # an unknown environment is an error here: Kedro takes a later one for missing files
        with _unchanged_resolver_table(self._resolvers):
            super().__init__(
                conf_source,
                env,
                collect_runtime_parameters(runtime_params),
                config_patterns=config_patterns,
                base_env=base_env,
                default_run_env=default_run_env,
                merge_strategy=merge_strategy,
                ignore_hidden=ignore_hidden,
            )
        self.restrict_runtime_params_type_selection = restrict_runtime_params_type_selection
        check_merge_strategy(self.merge_strategy, self.config_patterns)

    @property
    def environments(self) -> EnvironmentChain:
        """The layers of this run, the lowest first."""
        return self._open()[1]

    @property
    def custom_resolvers(self) -> dict[str, Callable[..., Any]]:
        """The resolvers that the loader was given, by name."""
        return dict(self._resolvers)

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Load one type of configuration.

        Args:
            key: ``parameters``, ``catalog``, ``credentials``, ``globals``, or another type with patterns.

        Returns:
            Plain dictionaries, lists and scalars; a new one each time, unless the key was set.

        Raises:
            KeyError: If there are no patterns for the type.
            MissingConfigException: If no file matches.
            ConfigurationError: If a file, or something in it, cannot be read or resolved.
        """
        if key in self.data:
            value: dict[str, Any] = self.data[key]
            return value
        if key not in self.config_patterns:
            hint = did_you_mean(key, self.config_patterns)
            raise KeyError(
                f"No config patterns were found for '{key}' in your config loader. {hint}".rstrip()
            )
        loaded = self._load(key)
        if key == "globals":
            self._loaded_globals = loaded
        return loaded

    def read_raw(self, config_type: str) -> RawConfiguration:
        """Read one type's files, without resolving anything.

        Args:
            config_type: A type that there are patterns for.

        Returns:
            The layers and what they give merged; without layers where no file matches.

        Raises:
            ConfigurationError: If a file cannot be read, or two of one environment give the same key.
        """
        return read_raw_configuration(
            *self._open(),
            config_type=config_type,
            patterns=self.config_patterns[config_type],
            strategy=strategy_of(self, config_type),
        )

    def __repr__(self) -> str:
        layers = " < ".join(layer.name for layer in self.environments.layers)
        return f"LayeredConfigLoader(conf_source={self.conf_source!r}, layers={layers!r})"

    def _open(self) -> tuple[ConfigSource, EnvironmentChain]:
        """Return the place of the files and the layers; opened again if an attribute has changed."""
        asked = (
            str(self.conf_source),
            self.env,
            self.base_env,
            self.default_run_env,
            self.ignore_hidden,
        )
        if self._opened is None or self._opened[0] != asked:
            source = open_config_source(asked[0], base_env=self.base_env, ignore_hidden=self.ignore_hidden)
            chain = read_environment_chain(
                source, env=self.env, base_env=self.base_env, default_run_env=self.default_run_env
            )
            self._opened, self._loaded_globals = (asked, source, chain), None
        return self._opened[1:]

    def _load(self, config_type: str) -> dict[str, Any]:
        raw = self.read_raw(config_type)
        if not raw.layers:
            return self._without_files(config_type)
        guarded = self.restrict_runtime_params_type_selection and config_type == "catalog"
        with ExitStack() as cleanup:
            params_read: set[str] | None = set() if guarded else None
            resolved = self._make_evaluator(raw, cleanup, params_read=params_read).evaluate_all()
        if params_read is not None:
            refuse_runtime_types(resolved, raw.data, params_read)
            resolved = untaint(resolved)
        elif self.restrict_runtime_params_type_selection:
            resolved = (untaint_parameters if config_type == "parameters" else untaint)(resolved)
        return finish(raw, resolved)

    def _without_files(self, config_type: str) -> dict[str, Any]:
        source, chain = self._open()
        if config_type == "globals" or (chain.exists and chain.run_env == self.base_env):
            return {}
        folders = " or ".join(source.display(env) for env in (self.base_env, chain.run_env))
        every = [pattern for patterns in self.config_patterns.values() for pattern in patterns]
        unread = {
            PurePath(name).stem: source.display(f"{layer.name}/{name}")
            for layer in chain.layers
            for name in source.unread_files(layer.name, every)
        }
        near = nearest_names(config_type, unread, limit=1) if unread else []
        wanted = f"{source.display(self.base_env)}/{config_type}.yml"
        raise NoFilesError(
            f"No files of YAML or JSON format found in {folders} matching the glob pattern(s): "
            f"{[*self.config_patterns[config_type]]}",
            config_path=config_type,
            hint=f"Rename {unread[near[0]]!r}, if it is meant." if near else f"Write {wanted!r}.",
        )

    def _make_evaluator(
        self,
        raw: RawConfiguration,
        cleanup: ExitStack,
        *,
        params_read: set[str] | None = None,
        on_error: Callable[[InterpolationError], None] | None = None,
    ) -> Evaluator:
        data, given = raw.data, self.runtime_params
        if self.restrict_runtime_params_type_selection:
            given = taint(given)  # what a caller sends is plain text
        if raw.config_type == "parameters":
            refuse_items_of_lists(data, given, raw.locate)
            data = merge_softly(data, given)
        native, external = choose_resolvers(
            raw.config_type,
            given=self._resolvers,
            read_globals=self._read_globals,
            runtime_params=given,
            cleanup=cleanup,
            params_read=params_read,
        )
        return Evaluator(
            data, raw.config_type, native, external, locate=raw.locate, cleanup=cleanup, on_error=on_error
        )

    def _read_globals(self) -> dict[str, Any]:
        if "globals" in self.data:
            given: dict[str, Any] = self.data["globals"]
            return given
        self._open()
        if self._loaded_globals is None:
            self._loaded_globals = self["globals"]
        return self._loaded_globals


def finish(
    raw: RawConfiguration, resolved: dict[str, Any], faults: list[CatalogError] | None = None
) -> dict[str, Any]:
    """Drop what is only for references, and finish the entries of a catalog.

    Raises:
        CatalogError: If an entry cannot be finished and ``faults`` is not given.
    """
    if raw.config_type == "parameters":
        return resolved
    shown = {key: value for key, value in resolved.items() if not str(key).startswith(_PRIVATE)}
    if raw.config_type == "catalog":
        return expand_transcoding(shown, locate=raw.locate, faults=faults)
    return shown


@contextmanager
def _unchanged_resolver_table(resolvers: dict[str, Callable[..., Any]]) -> Iterator[None]:
    """Undo what Kedro's constructor does to OmegaConf's table; keep its call of a deprecated way quiet."""
    ours = {name: resolvers.get(name, refuse_variables) for name in _KEDRO_RESOLVERS}
    with registered_resolvers(ours), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"register_new_resolver\(\) is deprecated")
        yield

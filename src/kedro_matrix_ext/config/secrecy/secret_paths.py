"""Which key paths of a loader's configuration are secret, by where their values come from."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._known_secrets import remember_secrets
from kedro_matrix_ext._secrets import REDACTED, is_secret_name, looks_secret
from kedro_matrix_ext.config.inspection.load_type import given_resolvers
from kedro_matrix_ext.config.inspection.provenance import ProvenanceReader
from kedro_matrix_ext.config.interpolation.evaluator import Evaluator
from kedro_matrix_ext.config.interpolation.loader_resolvers import choose_resolvers
from kedro_matrix_ext.config.interpolation.missing_variables import ValueSkippedError
from kedro_matrix_ext.config.layers.merging import merge_softly
from kedro_matrix_ext.config.loader import LayeredConfigLoader
from kedro_matrix_ext.config.secrecy.credential_sources import find_credential_sources, is_public_name
from kedro_matrix_ext.config.secrecy.taint import NOTHING, WHOLE, TaintRecorder, is_called_secret
from kedro_matrix_ext.errors import KedroMatrixError
from kedro_matrix_ext.resolvers.placeholders import holds_placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.config.layers.raw_config import RawConfiguration
    from kedro_matrix_ext.config.secrecy.credential_sources import CredentialSources
    from kedro_matrix_ext.config.secrecy.taint import Taint

__all__ = ["SecretPaths", "is_written_as_secret", "redact_leaves"]

_SECRET_REF = "secret_ref"  # noqa: S105  a key of argo.yml
_CREDENTIALS, _CATALOG, _GLOBALS = "credentials", "catalog", "globals"


@dataclass
class SecretPaths:
    """The secret key paths of one loader's configuration; each type is evaluated once, when it is asked for.

    Secret are all credentials, the globals and environment variables that they refer to, what is named as
    secrets are, and every value that is made from one of these.

    Args:
        loader: ``LayeredConfigLoader``, Kedro's ``OmegaConfigLoader``, or a subclass of either; without one,
            names and forms of values show what is secret.
    """

    loader: OmegaConfigLoader | None
    _taints: dict[str, Taint] = field(default_factory=dict, init=False, repr=False)
    _values: dict[str, list[Any]] = field(default_factory=dict, init=False, repr=False)

    def is_secret(self, config_type: str, keys: Keys, value: Any) -> bool:
        """Check whether one value, not a container, must be hidden."""
        return self._is_tainted(config_type, keys) or is_written_as_secret(config_type, keys, value)

    def redact(self, config_type: str, value: Any, keys: Keys = ()) -> Any:
        """Copy a value with its secrets replaced."""
        return redact_leaves(value, keys, lambda path, leaf: self.is_secret(config_type, path, leaf))

    def remember(self) -> None:
        """Keep the secret values of all types out of what this process prints from now on."""
        names = [*self.sources.variables, *filter(is_secret_name, os.environ)]
        remember_secrets(os.environ[name] for name in names if name in os.environ)
        if self.loader is None:
            return
        for config_type in self.loader.config_patterns:
            taint = WHOLE if config_type == _CREDENTIALS else self.taint(config_type)
            for tree in self._evaluated(config_type):
                remember_secrets(_select(config_type, tree, taint))
        given = self.loader.data.get(_CREDENTIALS)  # a hook of Kedro may set them
        remember_secrets(_select(_CREDENTIALS, given, WHOLE))

    def is_secret_variable(self, name: str) -> bool:
        """Check whether an environment variable holds a secret."""
        return is_secret_name(name) or name in self.sources.variables

    def globals_taint(self, keys: Keys) -> Taint:
        """Return what is secret of the global at a key path."""
        texts = tuple(map(str, keys))
        taint = self.taint(_GLOBALS)
        if any(texts[: len(path)] == path for path in taint):
            return WHOLE
        return frozenset(path[len(texts) :] for path in taint if path[: len(texts)] == texts)

    @cached_property
    def sources(self) -> CredentialSources:
        """The variables and globals that credentials refer to."""
        return find_credential_sources(self._read(_CREDENTIALS), self._read(_GLOBALS))

    def taint(self, config_type: str) -> Taint:
        """Return the secret key paths of a type, all keys as text."""
        self._evaluated(config_type)
        return self._taints[config_type]

    def _evaluated(self, config_type: str) -> list[Any]:
        """Evaluate a type once, or each environment of it with Kedro's own loader."""
        if config_type not in self._values:
            self._taints[config_type] = self.sources.globals if config_type == _GLOBALS else NOTHING
            self._values[config_type] = []
            raw = self._read(config_type)
            if raw is not None:
                layered = isinstance(self.loader, LayeredConfigLoader)
                for data in [raw.data] if layered else [layer.data for layer in raw.layers]:
                    self._evaluate(raw, data)
        return self._values[config_type]

    def _is_tainted(self, config_type: str, keys: Keys) -> bool:
        taint = self.taint(config_type)
        return bool(taint) and any(
            spelling[:end] in taint
            for spelling in _spellings(config_type, tuple(map(str, keys)))
            for end in range(len(spelling) + 1)
        )

    def _read(self, config_type: str) -> RawConfiguration | None:
        if self._reader is None or config_type not in self._reader.loader.config_patterns:
            return None
        try:
            return self._reader.raw(config_type)
        except KedroMatrixError:  # a file cannot be read, which is reported where it is loaded
            return None

    @cached_property
    def _reader(self) -> ProvenanceReader | None:
        return None if self.loader is None else ProvenanceReader(self.loader)

    def _evaluate(self, raw: RawConfiguration, data: dict[Any, Any]) -> None:
        """Evaluate what can be; what cannot is reported where it is loaded."""
        recorder = TaintRecorder(self, seeds=self._taints[raw.config_type])
        with ExitStack() as cleanup, suppress(KedroMatrixError, ValueSkippedError, RecursionError):
            evaluator = self._make_evaluator(raw, data, recorder, cleanup)
            self._values[raw.config_type].append(evaluator.evaluate(evaluator.raw, ()))
        self._taints[raw.config_type] |= {tuple(map(str, path)) for path in recorder.taint}

    def _make_evaluator(
        self, raw: RawConfiguration, data: dict[Any, Any], recorder: TaintRecorder, cleanup: ExitStack
    ) -> Evaluator:
        loader: Any = self.loader
        runtime = dict(loader.runtime_params or {})
        native, external = choose_resolvers(
            raw.config_type,
            given=given_resolvers(loader),
            read_globals=self._load_globals,
            runtime_params=runtime,
            cleanup=cleanup,
        )
        if raw.config_type == "parameters":
            data = merge_softly(data, runtime)
        return Evaluator(
            data,
            raw.config_type,
            native,
            external,
            cleanup=cleanup,
            on_error=lambda _: None,
            recorder=recorder,
        )

    def _load_globals(self) -> Mapping[str, Any]:
        loader: Any = self.loader
        merged: dict[str, Any] = loader.data.get(_GLOBALS) or {}
        for tree in self._evaluated(_GLOBALS):
            merged = merge_softly(merged, tree)
        return merged


def is_written_as_secret(config_type: str, keys: Keys, value: Any) -> bool:
    """Check whether one value is secret by its type of configuration, its keys or its form."""
    if config_type == _CREDENTIALS:
        return True
    if value is None or isinstance(value, bool):
        return False
    names = [key for key in keys if isinstance(key, str)]
    if _SECRET_REF in names:
        return False  # the name of a Kubernetes secret
    if config_type == _CATALOG:
        names = names[1:]  # an entry's name is not a key
        if names and names[-1] == _CREDENTIALS:
            return False  # the name of credentials, not they themselves
    return is_called_secret(names) or looks_secret(names[-1] if names else "", value)


def redact_leaves(value: Any, keys: Keys, is_secret: Callable[[Keys, Any], bool]) -> Any:
    """Copy a value with the leaves replaced that are secret."""
    if isinstance(value, dict):
        return {key: redact_leaves(child, (*keys, key), is_secret) for key, child in value.items()}
    if isinstance(value, list):
        return [redact_leaves(child, (*keys, index), is_secret) for index, child in enumerate(value)]
    return REDACTED if is_secret(keys, value) else value


def _spellings(config_type: str, keys: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The key path, and of an entry that 'transcode:' made the paths inside the one that declares it."""
    yield keys
    if config_type == _CATALOG and keys and "@" in keys[0]:
        name, _, engine = keys[0].rpartition("@")
        yield (name, *keys[1:])
        yield (name, engine, *keys[1:])


def _select(config_type: str, tree: Any, taint: Taint, keys: tuple[str, ...] = ()) -> Iterator[Any]:
    """Yield the values below secret paths, and what is written as secrets are; none under a public name."""
    if isinstance(tree, dict):
        children: Any = tree.items()
    elif isinstance(tree, list):
        children = enumerate(tree)
    else:
        name = next((key for key in reversed(keys) if not key.isdecimal()), "")
        secret = any(keys[:end] in taint for end in range(len(keys) + 1))
        secret = secret or is_written_as_secret(config_type, keys, tree)
        is_public = is_public_name(name) and not looks_secret(name, tree)
        if secret and not is_public and not holds_placeholder(tree):
            yield tree
        return
    for key, child in children:
        yield from _select(config_type, child, taint, (*keys, str(key)))

"""From what a person asks for to the explanation of it."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.catalog.lookup.explained_match import is_catch_all, match_dataset
from kedro_matrix_ext.config.explain.explainer import Explainer
from kedro_matrix_ext.config.explain.model import Explanation
from kedro_matrix_ext.config.explain.scopes import Scopes
from kedro_matrix_ext.config.inspection.key_lookup import find_keys, no_such_key, rest_of
from kedro_matrix_ext.config.inspection.load_type import check_type, list_types
from kedro_matrix_ext.config.layers.values import value_at
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from kedro.config import OmegaConfigLoader

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.catalog.lookup.explained_match import PatternMatch

__all__ = ["explain_key"]

_CATALOG = "catalog"
_TYPED = re.compile(r"(?P<type>\w+):\s*(?P<key>.+)", re.DOTALL)
_TYPE_NAMES = {"params": "parameters"}


def explain_key(
    loader: OmegaConfigLoader, key: str, config_type: str | None = None, *, dataset: str | None = None
) -> Explanation:
    """Explain where the value of a key comes from.

    Raises:
        ConfigurationError: If there is no such key or type, several types have it, or it cannot be resolved.
    """
    typed = _TYPED.fullmatch(key)
    if config_type is None and typed:
        config_type, key = typed["type"], typed["key"]
    if config_type is not None:
        config_type = config_type.removesuffix(":")
        config_type = _TYPE_NAMES.get(config_type, config_type)
    with closing(Scopes(loader)) as scopes:
        asking = KeyQuestion(scopes)
        if dataset is not None:
            return asking.dataset(dataset, key)
        return asking.typed(config_type, key) if config_type else asking.untyped(key)


@dataclass(frozen=True)
class KeyQuestion:
    """One question to one loader's configuration."""

    scopes: Scopes

    def typed(self, config_type: str, key: str) -> Explanation:
        check_type(self.scopes.loader, config_type)
        found = self._find(config_type, key)
        if found is None:
            tree = self.scopes.loaded(config_type)
            raise no_such_key(config_type, key, tree, self.scopes.loader.env)
        return found

    def untyped(self, key: str) -> Explanation:
        types = list_types(self.scopes.reader)
        having = [name for name in types if self._keys(name, key, broken_is_empty=True) is not None]
        if len(having) > 1:
            raise ConfigurationError(
                f"{key!r} is in the {' and in the '.join(having)}",
                hint=f"Say which is meant, as in '{having[0]}: {key}'.",
            )
        made = self._made_by_pattern(key, catch_all=False) if _CATALOG in types and not having else None
        if made is None and not having:
            raise self._nowhere(types, key)
        return made or self.typed(having[0], key)

    def _nowhere(self, types: list[str], key: str) -> ConfigurationError:
        """The error of a key that no type has: that of the type which the path leads into furthest."""
        errors = []
        for name in types:
            tree = self.scopes.loaded(name)
            errors.append((len(rest_of(key, tree)), no_such_key(name, key, tree, self.scopes.loader.env)))
        shortest, error = min(errors, key=lambda pair: pair[0], default=(len(key), None))
        if error is not None and shortest < len(key):
            return error
        known = [str(name) for one in types for name in self.scopes.loaded(one)]
        return ConfigurationError(
            f"there is no key {key!r} in the {', '.join(types)}",
            hint=did_you_mean(key, known) or "Name the type of configuration before it.",
        )

    def dataset(self, name: str, key: str) -> Explanation:
        match = match_dataset(self.scopes.loaded(_CATALOG), name)
        keys = find_keys(key, match.config)
        if keys is None:
            raise no_such_key(_CATALOG, key, match.config, self.scopes.loader.env)
        return self._of_dataset(match, keys)

    def _find(self, config_type: str, key: str) -> Explanation | None:
        keys = self._keys(config_type, key)
        if keys is None:
            return self._made_by_pattern(key) if config_type == _CATALOG else None
        if config_type == _CATALOG and keys and "{" not in str(keys[0]) and self._is_dataset(keys[0]):
            return self._of_dataset(match_dataset(self.scopes.loaded(_CATALOG), keys[0]), keys[1:])
        return Explainer(self.scopes).explain(config_type, keys)

    def _is_dataset(self, name: str) -> bool:
        """Whether an entry is a dataset's; those that start with '_' and 'transcode:' entries are not."""
        return not name.startswith("_") and name in self.scopes.loaded(_CATALOG)

    def _keys(self, config_type: str, key: str, *, broken_is_empty: bool = False) -> Keys | None:
        """Read the path against what is loaded; where that fails or hides it, against the files."""
        raw = find_keys(key, self.scopes.reader.raw(config_type).data)
        try:
            loaded = find_keys(key, self.scopes.loaded(config_type))
        except ConfigurationError:
            if raw is None and not broken_is_empty:
                raise
            return raw
        return raw if loaded is None else loaded

    def _made_by_pattern(self, key: str, *, catch_all: bool = True) -> Explanation | None:
        """Read ``dataset.key`` where a factory pattern makes the dataset; a catch-all makes any."""
        catalog = self.scopes.loaded(_CATALOG)
        for dataset, rest in _splits(key):
            match = match_dataset(catalog, dataset)
            meant = match.declared and (catch_all or not is_catch_all(match.entry))
            keys = find_keys(rest, match.config) if meant else None
            if keys is not None:
                return self._of_dataset(match, keys)
        return None

    def _of_dataset(self, match: PatternMatch, keys: Keys) -> Explanation:
        path = (match.entry, *keys)
        value = value_at(match.config, keys)
        shown = self.scopes.secrets.redact(_CATALOG, value, path)
        if not match.declared:
            note = f"nothing in the catalog matches it: for a run Kedro makes it by {match.entry!r}"
            return Explanation(
                _CATALOG, (match.dataset, *keys), value, notes=(note,), match=match, shown=shown
            )
        entry = Explainer(self.scopes).explain(_CATALOG, path)
        if entry is None:  # pragma: no cover  an entry that was loaded is there
            raise no_such_key(_CATALOG, str(path), self.scopes.loaded(_CATALOG))
        if match.entry == match.dataset:
            return replace(entry, match=match if match.candidates else None)
        return Explanation(_CATALOG, (match.dataset, *keys), value, steps=(entry,), match=match, shown=shown)


def _splits(key: str) -> list[tuple[str, str]]:
    """The ways to read a text as a dataset's name and a key of its entry, the shortest name first."""
    dots = [match.start() for match in re.finditer(r"\.", key)]
    return [*((key[:dot], key[dot + 1 :]) for dot in dots), (key, "")]

"""Make values with the package Faker: from a pool, unless every value must be distinct."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.fabrication.functions import call_function
from kedro_matrix_ext.fabrication.random_streams import stable_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kedro_matrix_ext.errors import FabricationError
    from kedro_matrix_ext.fabrication.columns.space import ColumnSpace
    from kedro_matrix_ext.fabrication.schema.columns import Faker

__all__ = ["make_fake_values", "make_pool"]

_instances = threading.local()  # a Faker takes 20 ms to create, as long as 1,000 values


def make_fake_values(column: Faker, space: ColumnSpace) -> Any:
    """Return a provider's values; a column longer than the pool repeats the pool's in random order."""
    if column.unique:
        return _make_distinct(column, space)
    pool = make_pool(column, space)
    if len(pool) == space.num_rows:
        return pool
    values = np.empty(len(pool), dtype=object)
    values[:] = pool
    return values[space.stream("pool").integers(0, len(pool), space.num_rows)]


def make_pool(column: Faker, space: ColumnSpace) -> list[Any]:
    """Return the values of a column's pool, at most one for each row."""
    provider = _find_provider(column, space)
    size = min(space.num_rows, column.pool_size)
    return [call_function(provider, (), column.arguments, space.config_path) for _ in range(size)]


def _make_distinct(column: Faker, space: ColumnSpace) -> list[Any]:
    provider = _find_provider(column, space)
    values: dict[Any, None] = {}
    attempts = 20 * space.num_rows + 1000
    for _ in range(attempts):
        if len(values) == space.num_rows:
            return list(values)
        values[call_function(provider, (), column.arguments, space.config_path)] = None
    if len(values) == space.num_rows:
        return list(values)
    raise space.error(
        f"provider {column.provider!r} gave {len(values):,} distinct values in {attempts:,} attempts, "
        f"too few for {space.num_rows:,} rows",
        hint="Remove 'unique', or choose a provider with more values.",
    )


def _find_provider(column: Faker, space: ColumnSpace) -> Callable[..., Any]:
    from kedro_matrix_ext._import_path import import_module

    faker = import_module("faker")
    fake = _instance(faker, column.locale, space)
    fake.seed_instance(_seed(space))
    known = _registered_names(fake.factories)
    if column.provider not in known:
        raise space.error(
            f"Faker has no provider {column.provider!r}",
            hint=did_you_mean(column.provider, known) or None,
        )
    provider: Callable[..., Any] = getattr(fake, column.provider)
    return provider


def _registered_names(generators: Iterable[Any]) -> frozenset[str]:
    """Return the names under which providers were registered, as ``Generator.add_provider`` does it.

    What Faker itself has is not among them: ``add_provider`` and ``__class__`` import modules by name.
    """
    return frozenset(
        name
        for generator in generators
        for provider in generator.get_providers()
        for name in dir(provider)
        if not name.startswith("_") and callable(getattr(provider, name))
    )


def _read_registered_only(generator: Any) -> None:
    """Let the text of arguments, as ``{{name}}`` or the columns of ``json``, name providers alone."""
    known, find = _registered_names([generator]), generator.get_formatter

    def get_formatter(name: str) -> Any:
        if name not in known:
            raise AttributeError(f"Unknown formatter {name!r}")
        return find(name)

    generator.get_formatter = get_formatter


def _seed(space: ColumnSpace) -> int:
    part = f".{space.part}" if space.part else ""
    return stable_hash(f"{space.shared.seed}.{space.table}.{space.column}{part}")


def _instance(faker: Any, locale: str | list[str], space: ColumnSpace) -> Any:
    cache: dict[Any, Any] = vars(_instances).setdefault("by_locale", {})
    key = locale if isinstance(locale, str) else tuple(locale)
    if key not in cache:
        try:
            cache[key] = faker.Faker(locale)
            for generator in cache[key].factories:
                _read_registered_only(generator)
        except AttributeError as error:
            raise _unknown_locale(locale, space) from error
    return cache[key]


def _unknown_locale(locale: str | list[str], space: ColumnSpace) -> FabricationError:
    from faker.config import AVAILABLE_LOCALES

    given = [locale] if isinstance(locale, str) else locale
    unknown = next((each for each in given if each.replace("-", "_") not in AVAILABLE_LOCALES), given[0])
    return space.error(
        f"Faker has no locale {unknown!r}",
        hint=did_you_mean(unknown, AVAILABLE_LOCALES) or "Write one of Faker's locales, for example 'de_DE'.",
    )

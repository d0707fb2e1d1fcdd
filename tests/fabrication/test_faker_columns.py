"""Columns whose values come from Faker: its providers and nothing else."""

from __future__ import annotations

import pytest
from tests.fabrication.single_columns import make_column

pd = pytest.importorskip("pandas")
np = pytest.importorskip("numpy")

from kedro_matrix_ext.errors import FabricationError  # noqa: E402  after the skip


def test_faker_values_are_seeded() -> None:
    """The values are the same each time, and in the declared locale."""
    pytest.importorskip("faker")
    declaration = {"type": "faker", "provider": "bothify", "arguments": {"text": "??-##"}, "locale": "de_DE"}
    made = make_column(declaration)
    assert made.str.fullmatch(r"[A-Za-z]{2}-\d{2}").all()
    assert made.equals(make_column(declaration))


def test_long_faker_columns_repeat_a_pool() -> None:
    """1,000 values are made, or ``pool_size``; ``unique`` makes each one."""
    pytest.importorskip("faker")
    names = {"type": "faker", "provider": "name"}
    assert 500 < make_column(names, 5000).nunique() <= 1000
    assert make_column({**names, "pool_size": 10}, 500).nunique() <= 10
    assert make_column({"type": "faker", "provider": "uuid4", "unique": True}, 1500).is_unique
    with pytest.raises(FabricationError, match="gave 10 distinct values"):
        make_column({"type": "faker", "provider": "random_digit", "unique": True}, 11)


@pytest.mark.parametrize("written", ["de_DEE", ["fr_FR", "de_DEE"]])
def test_an_unknown_locale_is_named_with_the_nearest(written: object) -> None:
    """The one of several that Faker does not have, at its column, with the likely typo."""
    pytest.importorskip("faker")
    with pytest.raises(FabricationError) as caught:
        make_column({"type": "faker", "provider": "name", "locale": written})
    assert "fabricator: t.columns.c: Faker has no locale 'de_DEE'. Did you mean 'de_DE'" in str(caught.value)
    with pytest.raises(FabricationError, match="for example 'de_DE'"):
        make_column({"type": "faker", "provider": "name", "locale": "Klingon"})


_NOT_PROVIDERS = [
    *(
        "nam",
        "add_provider",
        "seed_instance",
        "_factories",
        "parse",
        "format",
        "get_formatter",
        "set_formatter",
    ),
    *(
        "__class__",
        "__init__",
        "__reduce__",
        "__getattr__",
        "__call__",
        "_locales",
        "_factory_map",
        "_select_factory",
    ),
    *(
        "unique",
        "optional",
        "random",
        "provider",
        "providers",
        "get_providers",
        "seed_locale",
        "factories",
        "items",
    ),
    *(
        "_unique_proxy",
        "_Generator__config",
        "set_arguments",
        "cache_pattern",
        "name.__class__",
        "",
        "weights",
    ),
]


@pytest.mark.parametrize("provider", _NOT_PROVIDERS)
def test_only_providers_can_be_called(provider: str) -> None:
    """Faker's other attributes are not providers, whatever their arguments."""
    pytest.importorskip("faker")
    for arguments in ({}, {"providers": ["evil_module"]}, {"provider": "evil_module"}):
        with pytest.raises(FabricationError) as caught:
            make_column({"type": "faker", "provider": provider, "arguments": arguments})
        assert f"Faker has no provider {provider!r}" in str(caught.value)


@pytest.mark.parametrize("token", ["__class__", "add_provider", "get_providers", "_x", "seed_instance"])
def test_arguments_of_providers_name_providers_only(token: str) -> None:
    """Text with ``{{...}}`` and the columns of ``json`` reach what providers registered, and nothing else."""
    pytest.importorskip("faker")
    declarations = [
        {"provider": "pystr_format", "arguments": {"string_format": f"{{{{{token}}}}}"}},
        {"provider": "json", "arguments": {"data_columns": {"a": token}, "num_rows": 1}},
        {"provider": "json", "arguments": {"data_columns": {"a": {"b": [token]}}, "num_rows": 1}},
        {"provider": "dsv", "arguments": {"data_columns": [f"{{{{{token}}}}}"], "num_rows": 1}},
    ]
    for declaration in declarations:
        with pytest.raises(FabricationError, match=token):
            make_column({"type": "faker", **declaration})
    cities = {"provider": "pystr_format", "arguments": {"string_format": "{{city}}"}}
    assert make_column({"type": "faker", **cities}).all()

"""Whatever is declared, in `argo.yml`, of variants, objects, catalog entries and tables, we answer for it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.robustness.untrusted import KEYS, TEXTS, attempt, fuzz, mutations, values, yaml_texts

from kedro_matrix_ext import dynamic_pipeline_mapping, instantiate, unpack_params
from kedro_matrix_ext.argo.configuration import parse_argo_config
from kedro_matrix_ext.catalog import expand_transcoding
from kedro_matrix_ext.errors import CatalogError, ConfigurationError, InjectionError, MappingError
from kedro_matrix_ext.fabrication import fabricate_datasets
from kedro_matrix_ext.pipelines.env_overrides import OVERRIDE_PREFIX, apply_overrides
from kedro_matrix_ext.pipelines.frozen_mapping import freeze

if TYPE_CHECKING:
    from collections.abc import Iterator

ANY = values()

ARGO: dict[str, Any] = {
    "namespace": "jobs",
    "machine_types": {"default": {"mem": 16, "cpu": 4, "num_gpu": 0}, "big": {"mem": 64, "cpu": "500m"}},
    "default_machine_type": "default",
    "deployment": {"image": "shop:1"},
    "template": {"default_template": "kedro", "environment": [{"name": "A", "value": "b"}]},
    "rules": [{"match": {"tag": "heavy", "namespace": "a.*"}, "machine_type": "big"}],
    "retries": {"limit": 2},
    "hardening": True,
    "annotations": {"a/b": "c"},
    "ttl": {"seconds_after_completion": 60},
}
ENTRY: dict[str, Any] = {
    "transcode": ["pandas", "polars", "spark"],
    "format": "csv",
    "filepath": "cars.csv",
    "versioned": False,
    "fs_args": {"a": 1},
    "metadata": {"a": 1},
    "pandas": {"load_args": {"sep": ";"}, "save_args": {"index": False}},
}
BLOCK: dict[str, Any] = {
    "model": {"object": "datetime.date", "instantiate": True, "args": [2024, 1], "day": 3},
    "list": [{"_object": "fractions.Fraction", "_args": [1, 3]}, {"object": "math.pi"}],
    "partial": {"object": "math.pow", "instantiate": "partial", "args": [2]},
}
PATHS = st.sampled_from(
    [
        *("os.system", "builtins.eval", "pickle.loads", "a.b", ".", "a..b", "datetime.date", "math.pow"),
        *("datetime.date.__class__", "fractions.Fraction", "decimal.Decimel", "math", "datetime.date.max"),
    ]
)
TABLES: dict[str, Any] = {
    "seed": 3,
    "cars": {
        "num_rows": 3,
        "columns": {
            "id": {"type": "generate_unique_id", "prefix": "c", "id_length": 4},
            "day": {"type": "generate_dates", "start_dt": "2024-01-01", "end_dt": "2024-02-01", "freq": "D"},
            "n": {"type": "generate_random_numbers", "distribution": "normal", "arguments": {"loc": 1}},
            "v": {"type": "generate_values", "choices": ["a", 1], "weights": [1, 2], "dtype": "string"},
            "m": {"type": "map_values", "input_column": "v", "mapping": {"a": 1}, "default": 0},
            "h": {"type": "hash_map", "input_column": "id", "buckets": [1, 2], "null_probability": 0.5},
        },
    },
    "trips": {
        "num_rows": "@cars.num_rows",
        "columns": {
            "car": {"type": "copy_column", "source": "cars.id", "sampling": "in_order"},
            "f": {"type": "row_apply", "function": "math.sqrt", "input_columns": ["k"]},
            "k": {"type": "generate_values", "choices": [1, 4]},
        },
    },
    "grid": {
        "columns": {
            "x": {"type": "cross_product", "values": [1, 2]},
            "y": {"type": "cross_product", "source": "cars.id"},
        }
    },
}


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@fuzz
@given(mutations(ARGO, ANY) | ANY | st.dictionaries(st.sampled_from([*ARGO, "pod_gc", "workflow"]), ANY))
def test_any_argo_yml_is_read_or_an_error(data: Any) -> None:
    """Valid files with parts replaced, and files that never were valid."""
    attempt(parse_argo_config, data)


MAPPINGS = st.dictionaries(
    st.sampled_from(["a", "b", "a_b", "a-b"]), values(st.sampled_from(["a", "b", "x"])), max_size=3
)


@fuzz
@given(MAPPINGS | mutations({"a": ["x", "y"], "b": {"a": [{"x": 1}]}, "c": 3}, ANY))
def test_any_mapping_of_variants_holds_together_or_is_an_error(mapping: Any) -> None:
    """What a project declares in its settings."""
    attempt(dynamic_pipeline_mapping, mapping)


@fuzz
@given(
    suffix=st.sampled_from(["P", "Q", "D_0_X", "D", "Z", "", "P_0"]),
    text=yaml_texts() | ANY.map(yaml.safe_dump),
)
def test_any_override_of_variants_is_taken_or_an_error(suffix: str, text: str) -> None:
    """The value of an environment variable, which is YAML or is not."""
    mapping = freeze({"p": ["a", "b"], "q": 3, "d": [{"x": 1}, {"x": "y"}]}, (), source="test")
    attempt(apply_overrides, mapping, {OVERRIDE_PREFIX + suffix: text})


@fuzz
@given(
    mutations(BLOCK, ANY | PATHS)
    | st.fixed_dictionaries({"object": PATHS | ANY}, optional={"args": ANY, "a": ANY})
)
def test_any_declared_object_is_built_or_an_error(config: Any) -> None:
    """Blocks with targets, arguments and reserved keys of any kind."""
    attempt(instantiate, config)


@fuzz
@given(st.lists(ANY | st.fixed_dictionaries({"unpack": ANY}, optional={"a": ANY}), max_size=3))
def test_any_arguments_to_spread_are_spread_or_an_error(arguments: list[Any]) -> None:
    """What `unpack` may hold."""
    attempt(unpack_params()(lambda *args, **kwargs: (args, kwargs)), *arguments)


@fuzz
@given(st.dictionaries(KEYS, mutations(ENTRY, ANY | st.sampled_from(["pandas", "csv", "delta"])), max_size=2))
def test_any_transcoding_entry_is_expanded_or_an_error(entries: Any) -> None:
    """Entries with parts of any kind."""
    attempt(expand_transcoding, entries)


SMALL = values(
    leaves=st.none()
    | st.booleans()
    | st.integers(-2, 40)
    | st.floats(0, 1)
    | TEXTS
    | st.sampled_from(["cars.id", "id", "v", "trips.k"])
)


@fuzz
@given(mutations(TABLES, SMALL))
def test_any_tables_are_fabricated_or_an_error(tables: Any) -> None:
    """Declarations with parts of any kind; numbers of rows stay small here."""
    if isinstance(tables, dict):
        attempt(lambda: fabricate_datasets(tables))


@pytest.mark.parametrize(
    "place", [("fs_args",), ("load_args",), ("pandas", "save_args"), ("pandas", "fs_args")]
)
def test_arguments_of_an_entry_that_are_no_mapping_are_an_error(place: tuple[str, ...]) -> None:
    """The error names the place; it was a TypeError."""
    entry: dict[str, Any] = {"transcode": ["pandas"], "format": "csv", "filepath": "cars.csv"}
    entry |= {"pandas": {place[1]: 3}} if len(place) > 1 else {place[0]: 3}
    with pytest.raises(CatalogError):
        expand_transcoding({"cars": entry})


@pytest.mark.parametrize("text", ["2024-13-45", "!!int x", "[" * 5000, "1" * 5000, "[&a {a: *a}]"])
def test_an_override_that_yaml_cannot_read_is_an_error(text: str) -> None:
    """PyYAML raises errors of many kinds for these."""
    mapping = freeze({"p": ["a", "b"]}, (), source="test")
    with pytest.raises(MappingError, match="_P"):
        apply_overrides(mapping, {f"{OVERRIDE_PREFIX}P": text})


def test_what_holds_itself_is_an_error() -> None:
    """Python's own containers can; configuration files cannot."""
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(InjectionError, match="holds itself"):
        instantiate(endless)
    with pytest.raises(MappingError, match="holds itself"):
        dynamic_pipeline_mapping(endless)


@pytest.mark.parametrize(
    "amount", [10**400, float("nan"), "1e400", "9" * 400, "9" * 400 + "Gi", "1e999999999"]
)
@pytest.mark.parametrize("resource", ["mem", "cpu"])
def test_an_amount_beyond_counting_is_an_error(amount: Any, resource: str) -> None:
    """It was an OverflowError."""
    machine = {"mem": 1, "cpu": 1, resource: amount}
    with pytest.raises(ConfigurationError, match=rf"machine_types\.a\.{resource}"):
        parse_argo_config({"machine_types": {"a": machine}})


def test_a_duration_beyond_counting_is_an_error() -> None:
    """The sum of its parts was infinite."""
    with pytest.raises(ConfigurationError, match="longer than Kubernetes can count"):
        parse_argo_config({"ttl": {"after_completion": "9" * 400 + "h"}})

"""One key is never there twice: not in a file, and not as number and text in two layers."""

from __future__ import annotations

from typing import Any

import pytest
from omegaconf.errors import KeyValidationError

from kedro_matrix_ext.config.layers.key_rules import refuses_equal_keys
from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping
from kedro_matrix_ext.errors import ConfigurationError


@pytest.mark.parametrize(
    ("key", "written", "spelt"),
    [
        (2024, "2024", "'2024'"),
        (2024, "2024", '"2024"'),
        (1.5, "1.5", "'1.5'"),
        (True, "yes", "'true'"),
        (False, "no", "'False'"),
        (-1, "-1", "'-1'"),
        ("2024", "'2024'", "2024"),
        ("true", "'true'", "on"),
        ("1000.0", "'1000.0'", "1e3"),
    ],
)
@pytest.mark.parametrize("strategy", ["soft", "destructive"])
def test_an_upper_layer_overrides_a_key_in_quotes_or_not(
    conf: Any, key: Any, written: str, spelt: str, strategy: str
) -> None:
    """The key stays as the lower layer has it. Kedro refuses integers so, and keeps the others twice."""
    conf.write(
        {
            "base/parameters.yml": f"years: {{{written}: {{rate: 1}}}}\n{written}: 1\n",
            "cloud/parameters.yml": f"years: {{{spelt}: {{rate: 9}}}}\n{spelt}: 2\n",
        }
    )
    parameters = conf.layered("cloud", merge_strategy={"parameters": strategy})["parameters"]
    assert [value for name, value in parameters.items() if name != "years"] == [2]
    assert parameters[key] == 2
    assert list(parameters["years"].values()) == [{"rate": 9}]


@pytest.mark.parametrize(
    ("written", "params"),
    [("2024", {"2024": {"rate": 9}}), ("1.5", {"1.5": {"rate": 9}}), ("true", {"true": {"rate": 9}})],
)
def test_a_parameter_of_the_run_overrides_a_number_key(conf: Any, written: str, params: Any) -> None:
    """`--params years.2024.rate=9` gives text keys; the other keys of the mapping stay."""
    conf.write({"base/parameters.yml": f"years: {{{written}: {{rate: 1, size: 2}}}}\n"})
    years = conf.layered(None, {"years": params})["parameters"]["years"]
    assert list(years.values()) == [{"rate": 9, "size": 2}]


@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("1", "'1.0.0'"),
        ("2024", "'2024-01-01'"),
        ("1.1", "'1.10'"),
        ("'1.10'", "1.1"),
        ("15", "'017'"),
        ("90", "'1:30'"),
        ("10", "'1_0'"),
        ("2024", "'2024.0'"),
        ("1", "'+1'"),
        ("1", "'true'"),
        ("true", "'1'"),
        ("true", "'on'"),
        ("'no'", "off"),
        ("1000.0", "'1e3'"),
    ],
)
def test_other_text_than_the_number_s_stays_a_key_of_its_own(conf: Any, lower: str, upper: str) -> None:
    """A version, a date, a country code: both are there, as with Kedro."""
    conf.write(
        {"base/parameters.yml": f"m: {{{lower}: a}}\n", "cloud/parameters.yml": f"m: {{{upper}: b}}\n"}
    )
    soft = {"merge_strategy": {"parameters": "soft"}}
    assert list(conf.layered("cloud", **soft)["parameters"]["m"].values()) == ["a", "b"]
    assert conf.layered("cloud", **soft)["parameters"] == conf.omegaconf("cloud", **soft)["parameters"]


def test_the_override_of_a_number_key_is_found_and_explained(conf: Any) -> None:
    """Provenance follows a key through layers that write it differently."""
    from kedro_matrix_ext.config.inspection.provenance import find_provenance

    conf.write(
        {"base/parameters.yml": "m: {2024: {rate: 1}}\n", "cloud/parameters.yml": "m:\n  '2024': {rate: 2}\n"}
    )
    found = find_provenance(conf.layered("cloud"), "parameters", ["m", 2024, "rate"])
    assert found.written is not None
    assert (found.written.env, found.written.line, found.written.text) == ("cloud", 2, "2")
    assert [place.env for place in found.overridden] == ["base"]


@pytest.mark.parametrize(
    "keys",
    [("a", "a"), ("a", "'a'"), ("1", "1"), ("1", "0x1"), ("1.5", "1.50"), ("true", "yes"), ("1", "true")],
)
def test_a_key_given_twice_is_an_error_that_names_both_lines(keys: tuple[str, str]) -> None:
    """Text, numbers and truth values alike: the first would be lost."""
    with pytest.raises(ConfigurationError, match="line 2") as caught:
        parse_mapping(f"top:\n  {keys[0]}: 1\n  b: 2\n  {keys[1]}: 3\n", "f.yml")
    assert caught.value.line == 4


@pytest.mark.parametrize("top", ["", "top:\n  "])
def test_a_number_and_its_text_are_two_keys_of_one_mapping_or_refused(conf: Any, top: str) -> None:
    """OmegaConf 2.4 refuses the integer, 2.3 keeps both, and both keep decimals."""
    second = top.partition("\n")[2]
    conf.write({"base/parameters.yml": f"{top}1.5: a\n{second}'1.5': b\n"})
    assert conf.layered()["parameters"] == conf.omegaconf()["parameters"]
    conf.write({"base/parameters.yml": f"{top}'1': a\n{second}1: b\n"})
    if not refuses_equal_keys():
        assert conf.layered()["parameters"] == conf.omegaconf()["parameters"]
        return
    with pytest.raises(KeyValidationError):
        conf.omegaconf()["parameters"]
    with pytest.raises(KeyValidationError, match="with quotes and without, first at line") as caught:
        conf.layered()["parameters"]
    assert isinstance(caught.value, ConfigurationError)
    assert caught.value.line == 2 + bool(top)


@pytest.mark.parametrize(
    ("first", "second"), [("1", "true"), ("true", "'true'"), ("2", "'2'"), ("1.5", "'1.5'"), ("2.0", "2")]
)
def test_one_key_in_two_files_of_an_environment_is_refused_however_it_is_written(
    conf: Any, first: str, second: str
) -> None:
    """The value of the first file would be lost; both lines are named."""
    conf.write(
        {
            "base/parameters_a.yml": f"m: {{a: 0}}\nn: {{{first}: 1}}\n",
            "base/parameters_b.yml": f"n: {{{second}: 2}}\n",
        }
    )
    with pytest.raises(ValueError, match=r"parameters_a.yml:2 and .*parameters_b.yml:1 both give"):
        conf.layered()["parameters"]


def test_duplicates_across_files_name_the_environment_and_both_lines(conf: Any) -> None:
    """The environment is the one of the files, whichever the run is for."""
    conf.write(
        {
            "base/parameters_a.yml": "x: 1\na: {b: 1, c: 2}\n",
            "base/parameters_b.yml": "y: 1\nz: 2\na:\n  b: 2\n",
            "cloud/parameters.yml": "a: {b: 3}\n",
        }
    )
    with pytest.raises(ConfigurationError) as caught:
        conf.layered("cloud")["parameters"]
    message = caught.value.message
    assert all(part in message for part in ("'base'", "parameters_a.yml:2", "parameters_b.yml:4", "'a.b'"))
    assert (str(caught.value.file).rpartition("/")[2], caught.value.line) == ("parameters_b.yml", 4)

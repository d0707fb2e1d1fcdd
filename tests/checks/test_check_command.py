"""`kedro matrix config check`: which environments, loader and source; and that nothing hides a finding."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.checks.conftest import Checked, Plant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

BROKEN = {
    "base/parameters.yml": "\nlate: ${nowhere}\nlater: ${oc.env:SPACEFLIGHTS_LATER}\n",
    "test/catalog.yml": "hangars: [\n",
    "cloud/catalog.yml": "hangars:\n  type: pandas.CSVDatset\n  filepath: ${oc.env:SPACEFLIGHTS_HANGARS}\n",
}
PROD = {
    "prod/environment.yml": "inherits: [cloud]\n",
    "prod/globals.yml": "paths:\n  base: s3://prod\n  bass: s3://old\n",
}
# Environments that Kedro's loader resolves alone cannot refer to base's keys, nor build on each other.
ALONE = {
    "base/parameters.yml": "\nreport:\n  days: 7\n  hours: 2\n",
    "cloud/parameters.yml": ("report:\n  days: 7\nlate: ${nowhere}\nlater: ${price_predictor}\n"),
}
UNTYPED = """
companies: {filepath: s3://other/companies.csv}
reviews: {filepath: s3://other/reviews.csv}
"{namespace}.model_input_table": {filepath: s3://other/table.parquet}
"""
PLANTS = {
    "several": Plant(BROKEN, words=("--all-envs",)),
    "two": Plant(BROKEN, words=("-e", "base", "-e", "cloud")),
    "chain": Plant(PROD, words=("-e", "prod")),
    "KEDRO_ENV": Plant(BROKEN, words=(), variables={"KEDRO_ENV": "test"}),
    "default": Plant(words=()),
    "no type": Plant({"cloud/catalog.yml": UNTYPED}),
    "unknown": Plant(words=("-e", "clod")),
    "both": Plant(words=("-e", "cloud", "--all-envs")),
    "archive": Plant({"cloud/globals.yml": "late: ${nowhere}\n"}, archive=True),
    "kedro": Plant(words=("--all-envs",), loader="kedro"),
    "kedro alone": Plant(ALONE, loader="kedro"),
    "plain": Plant(words=("-e", "base"), loader="plain"),
    "params": Plant({"base/parameters.yml": "late: ${runtime_params:late}\n"}, words=("-e", "base")),
    "params given": Plant(
        {"base/parameters.yml": "late: ${runtime_params:late}\n"}, words=("-e", "base", "--params", "late=3")
    ),
}


@pytest.fixture(scope="module")
def checked(check_plants: Callable[..., dict[str, Checked]]) -> dict[str, Checked]:
    """What the command reports for each planted fault."""
    return check_plants(PLANTS)


def _found(checked: Checked) -> set[tuple[str, str | None]]:
    return {(each["code"], each["location"]["env"]) for each in checked.findings}


def test_nothing_hides_what_is_wrong_elsewhere(checked: dict[str, Checked]) -> None:
    """Faults of one type or environment leave all others to be found, each in every environment it is in."""
    everywhere = {"base", "cloud", "local", "test"}
    assert _found(checked["several"]) >= {
        *(("unresolved-interpolation", env) for env in everywhere),
        *(("missing-environment-variable", env) for env in everywhere),
        ("invalid-configuration", "test"),
        ("unknown-dataset-type", "cloud"),
    }
    cloud = [each for each in checked["several"].findings if each["location"]["env"] == "cloud"]
    variables = [each for each in cloud if each["code"] == "missing-environment-variable"]
    assert {each["location"]["config_path"] for each in variables} == {
        "parameters: later",
        "catalog: hangars.filepath",
    }
    assert checked["several"].status == 1


def test_environments_are_chosen(checked: dict[str, Checked]) -> None:
    """By name, several times; by KEDRO_ENV; the default one, which needs no folder."""
    names = {
        name: json.loads(checked[name].output)["environments"] for name in ("two", "KEDRO_ENV", "default")
    }
    assert names == {"two": ["base", "cloud"], "KEDRO_ENV": ["test"], "default": ["local"]}
    assert {env for _, env in _found(checked["two"])} == {"base", "cloud"}
    assert ("invalid-configuration", "test") in _found(checked["KEDRO_ENV"])
    assert checked["default"].findings == []


def test_an_environment_that_inherits_is_checked_as_one(checked: dict[str, Checked]) -> None:
    """`prod` on `cloud`: its own stale key is found, with its file."""
    assert _found(checked["chain"]) == {("stale-override", "prod")}
    assert checked["chain"].places("stale-override") == [checked["chain"].line("prod/globals.yml", "bass")]


def test_mistakes_of_usage_are_told(checked: dict[str, Checked]) -> None:
    """An unknown environment suggests one; naming environments and asking for all is refused."""
    assert checked["unknown"].status == 1
    assert "there is no environment 'clod'" in checked["unknown"].errors
    assert "Did you mean 'cloud'?" in checked["unknown"].errors
    assert checked["both"].status == 2


def test_an_entry_that_an_environment_replaces_names_the_soft_merge(checked: dict[str, Checked]) -> None:
    """It has a type in base and none in the environment; the remedy is in the finding."""
    found = {
        each["dataset"]: each["fix"]
        for each in checked["no type"].findings
        if "merge_strategy={'catalog': 'soft'}" in (each["fix"] or "")
    }
    assert "repeat its 'transcode'" in found["companies"]
    assert "repeat its 'type'" in found["reviews"]
    assert "repeat its 'type'" in found["{namespace}.model_input_table"]


def test_an_archive_is_checked_like_a_folder(checked: dict[str, Checked]) -> None:
    """`--conf-source conf.zip` gives the same files and lines."""
    (place,) = checked["archive"].places("unresolved-interpolation")
    assert place[0].endswith("cloud/globals.yml")
    assert place[1] == checked["archive"].line("cloud/globals.yml", "nowhere")[1]


def test_kedros_own_loader_is_taken_at_its_word(checked: dict[str, Checked]) -> None:
    """The example loads with it; an environment resolved alone knows no key of base."""
    assert [each for each in checked["kedro"].findings if each["severity"] == "error"] == []
    alone = checked["kedro alone"]
    places = alone.places("unresolved-interpolation")
    assert places == [alone.line("cloud/parameters.yml", name) for name in ("nowhere", "price_predictor")]
    assert alone.places("redundant-override") == [alone.line("cloud/parameters.yml", "days")]


def test_entries_that_only_our_loader_expands_are_told(checked: dict[str, Checked]) -> None:
    """Kedro's loader leaves `transcode:` to Kedro, which knows no such entry; nothing else follows."""
    found = checked["plain"].findings
    assert {each["code"] for each in found} == {"invalid-catalog-entry"}
    assert "TranscodingMixin" in found[0]["fix"]


def test_runtime_parameters_are_given_with_params(checked: dict[str, Checked]) -> None:
    """What needs one is unresolved without it."""
    assert _found(checked["params"]) == {("unresolved-interpolation", "base")}
    assert checked["params given"].findings == []


def test_pipelines_that_cannot_be_loaded_are_a_finding(copy_example: Callable[[str], KedroProject]) -> None:
    """Its place is the line of the project's code; the configuration is checked still; text is for people."""
    pytest.importorskip("pyspark", reason="the example's catalog names datasets of Spark")
    project = copy_example("spaceflights")
    registry = project.read("src/spaceflights/pipeline_registry.py")
    project.write(
        "src/spaceflights/pipeline_registry.py", registry.replace("mapping = settings.", "mapping = setings.")
    )
    project.write("conf/base/globals.yml", "paths: {base: '${oc.env:SPACEFLIGHTS_NONE}'}\n")
    result = project.kedro("matrix", "config", "check", "-e", "base", "-e", "local", check=False)
    assert result.returncode == 1
    assert (
        "error[pipelines-not-loaded]: the pipelines cannot be loaded: NameError: name 'setings'"
        in result.stdout
    )
    line = next(
        number for number, text in enumerate(registry.splitlines(), 1) if "mapping = settings." in text
    )
    assert f"at src/spaceflights/pipeline_registry.py:{line}" in result.stdout
    assert "at globals: paths.base (conf/base/globals.yml:1, env base, local)" in result.stdout
    assert result.stdout.endswith("2 errors\n")

"""A copy of the example with one fault per code is caught: the right code and place, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.checks.conftest import Checked, Plant

from kedro_matrix_ext.findings import FINDING_CODES, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.project


class Fault(NamedTuple):
    """What is planted, the code it is found by, a snippet of the line of a file, and words of the finding."""

    plant: Plant
    code: str
    file: str
    snippet: str
    words: str


PARAMETERS, CATALOG, GLOBALS = "base/parameters.yml", "base/catalog.yml", "base/globals.yml"
PRICES = "base/parameters_price_predictor.yml"
CLOUD_GLOBALS, CLOUD_CATALOG, CLOUD_PARAMETERS = (
    "cloud/globals.yml",
    "cloud/catalog.yml",
    "cloud/parameters.yml",
)
PAIR = """
table@pandas: {type: pandas.CSVDataset, filepath: a.csv}
table@polars: {type: polars.CSVDataset, filepath: b.csv}
"""

FAULTS = {
    "yaml": Fault(
        Plant({"base/catalog_more.yml": "cars:\n  type: [a\nx: 1\n"}),
        "invalid-configuration",
        "base/catalog_more.yml",
        "x: 1",
        "cannot read this file",
    ),
    "environment.yml": Fault(
        Plant({"cloud/environment.yml": "# what it builds on\ninherit: [base]\n"}),
        "invalid-configuration",
        "cloud/environment.yml",
        "inherit:",
        "Did you mean 'inherits'?",
    ),
    "argo.yml": Fault(
        Plant({"cloud/argo.yml": "deployment:\n  image: shop\n  imagee: shop\n"}),
        "invalid-configuration",
        "cloud/argo.yml",
        "imagee",
        "Did you mean 'image'?",
    ),
    "spark.yml": Fault(
        Plant({"cloud/spark.yml": "spark.driver.memory: 2 gigs\n"}),
        "invalid-configuration",
        "cloud/spark.yml",
        "2 gigs",
        "is not a size",
    ),
    "number": Fault(
        Plant({GLOBALS: "start: 22:30\n"}),
        "text-read-otherwise",
        GLOBALS,
        "22:30",
        "put it in quotes: '22:30'",
    ),
    "reference": Fault(
        Plant({PARAMETERS: "\nlate: ${nowhere.to_be_found}\n"}),
        "unresolved-interpolation",
        PARAMETERS,
        "nowhere",
        "'nowhere.to_be_found'",
    ),
    "resolver": Fault(
        Plant({GLOBALS: "late: ${no_resolver:3}\n"}, words=("-e", "test")),
        "unresolved-interpolation",
        GLOBALS,
        "no_resolver",
        "there is no resolver 'no_resolver'",
    ),
    "cycle": Fault(
        Plant({CATALOG: "\n_a: ${_b}\n_b: ${_a}\n"}),
        "unresolved-interpolation",
        CATALOG,
        "_b: ${_a}",
        "refers to itself",
    ),
    "variable": Fault(
        Plant(replaced={CLOUD_GLOBALS: ("SPACEFLIGHTS_BUCKET", "SPACEFLIGHTS_LATE")}),
        "missing-environment-variable",
        CLOUD_GLOBALS,
        "SPACEFLIGHTS_LATE",
        "'SPACEFLIGHTS_LATE' is not set",
    ),
    "stale parameter": Fault(
        Plant({CLOUD_PARAMETERS: "price_predictor:\n  candidate1:\n    model_optoins: {test_size: 0.1}\n"}),
        "stale-override",
        CLOUD_PARAMETERS,
        "model_optoins",
        "Did you mean 'model_options'?",
    ),
    "stale global": Fault(
        Plant({CLOUD_GLOBALS: "  bass: s3://old\n"}),
        "stale-override",
        CLOUD_GLOBALS,
        "bass",
        "Did you mean 'base'?",
    ),
    "stale pattern": Fault(
        Plant({CLOUD_CATALOG: '"{namespace}.regresor":\n  type: pickle.PickleDataset\n  filepath: a\n'}),
        "stale-override",
        CLOUD_CATALOG,
        "regresor",
        "no layer below it has",
    ),
    "redundant": Fault(
        Plant({PARAMETERS: "\nreport:\n  days: 7\n", CLOUD_PARAMETERS: "# the same\nreport:\n  days: 7\n"}),
        "redundant-override",
        CLOUD_PARAMETERS,
        "report:",
        "'report'",
    ),
    "no entry": Fault(
        Plant({CATALOG: "\nhangars: data/hangars.csv\n"}),
        "invalid-catalog-entry",
        CATALOG,
        "hangars",
        "not a mapping",
    ),
    "placeholder": Fault(
        Plant({CATALOG: '\n"{name}.hangars": {type: pickle.PickleDataset, filepath: "{nmae}.pkl"}\n'}),
        "invalid-catalog-entry",
        CATALOG,
        "hangars",
        "{nmae}",
    ),
    "catch-all": Fault(
        Plant({CLOUD_CATALOG: '"{anything}": {type: pickle.PickleDataset, filepath: "{anything}"}\n'}),
        "invalid-catalog-entry",
        CLOUD_CATALOG,
        "{anything}",
        "is a catch-all pattern, and so is '{undeclared}'",
    ),
    "transcode entry": Fault(
        Plant({CATALOG: "\ntable:\n  transcode: [pandas, polras]\n  format: csv\n  filepath: a.csv\n"}),
        "invalid-catalog-entry",
        CATALOG,
        "polras",
        "Did you mean 'polars'?",
    ),
    "transcoding": Fault(
        Plant({CATALOG: PAIR}),
        "transcoding-mismatch",
        CATALOG,
        "table@pandas",
        "different paths",
    ),
    "type": Fault(
        Plant({CATALOG: "\nhangars:\n  filepath: a\n  type: pandas.CSVDatset\n"}),
        "unknown-dataset-type",
        CATALOG,
        "CSVDatset",
        "Did you mean 'CSVDataset'",
    ),
    "argument": Fault(
        Plant({CATALOG: "\nhangars:\n  type: pandas.CSVDataset\n  filpath: a.csv\n"}),
        "invalid-catalog-entry",
        CATALOG,
        "filpath",
        "Did you mean 'filepath'",
    ),
    "missing argument": Fault(
        Plant({CATALOG: "\nhangars:\n  type: pandas.CSVDataset\n  load_args: {sep: ';'}\n"}),
        "invalid-catalog-entry",
        CATALOG,
        "hangars:",
        "lacks 'filepath'",
    ),
    "extra": Fault(
        Plant({CATALOG: "\nhangars:\n  type: huggingface.HFDataset\n  dataset_name: hangars\n"}),
        "unknown-dataset-type",
        CATALOG,
        "HFDataset",
        "Install 'kedro-datasets[huggingface-hfdataset]'.",
    ),
    "credentials": Fault(
        Plant({CATALOG: "\nhangars:\n  type: pandas.CSVDataset\n  filepath: a\n  credentials: dev_s3\n"}),
        "missing-credentials",
        CATALOG,
        "dev_s3",
        "'dev_s3'",
    ),
    "protocol": Fault(
        Plant({CATALOG: "\nhangars:\n  type: pandas.CSVDataset\n  filepath: abfs://hangars/a.csv\n"}),
        "missing-storage-package",
        CATALOG,
        "hangars:",
        "'adlfs'",
    ),
    "dataset": Fault(
        Plant(replaced={CATALOG: ("shuttles:\n", "shutles:\n")}, words=("-e", "base")),
        "undeclared-dataset",
        "",
        "",
        "Did you mean 'shutles'",
    ),
    "parameter": Fault(
        Plant(replaced={PRICES: ("  candidate3:\n", "  candidate3: {}\n  _candidate3:\n")}),
        "missing-parameter",
        PRICES,
        "  candidate3:",
        "'price_predictor.candidate3.model_options",
    ),
    "import": Fault(
        Plant(
            replaced={PARAMETERS: ("sklearn.linear_model.LinearRegression", "sklearn.linear_model.Linear")}
        ),
        "injected-object",
        PARAMETERS,
        "linear_model.Linear",
        "has no attribute 'Linear'",
    ),
    "data named as parameter": Fault(
        Plant({CATALOG: "\nparams:model:\n  type: json.JSONDataset\n  filepath: data/model.json\n"}),
        "data-named-as-parameter",
        CATALOG,
        "params:model",
        "'params:model'",
    ),
    "all parameters as data": Fault(
        Plant({CATALOG: "\nparameters:\n  type: json.JSONDataset\n  filepath: data/model.json\n"}),
        "data-named-as-parameter",
        CATALOG,
        "parameters:",
        "'parameters'",
    ),
    "a pattern named as parameters": Fault(
        Plant({CATALOG: "\n'params:{any}':\n  type: json.JSONDataset\n  filepath: data/model.json\n"}),
        "data-named-as-parameter",
        CATALOG,
        "params:{any}",
        "'params:{any}'",
    ),
    "arguments": Fault(
        Plant(replaced={PARAMETERS: ("n_estimators: 50", "n_estimator: 50")}),
        "injected-object",
        PARAMETERS,
        "  forest:",
        "'n_estimator'",
    ),
    "variant": Fault(
        Plant(
            replaced={PRICES: ("  candidate2:\n", "  candidate_2:\n")},
        ),
        "parameters-without-variant",
        PRICES,
        "candidate_2",
        "Did you mean 'candidate2'",
    ),
    "disable variable": Fault(
        Plant(variables={"KEDRO_HOOKS_DISABLE_NODE_TIMR": "1"}),
        "unmatched-disable-variable",
        "",
        "",
        "Did you mean 'KEDRO_HOOKS_DISABLE_NODE_TIMER'?",
    ),
}
# What a fault cannot but bring with it.
COMPANIONS = {
    "parameter": {"missing-parameter"},
    "variant": {"variant-without-parameters", "missing-parameter"},
}


@pytest.fixture(scope="module")
def checked(check_plants: Callable[..., dict[str, Checked]]) -> dict[str, Checked]:
    """What the command reports for each fault, and for the configuration without any."""
    return check_plants(
        {"none": Plant(words=("--all-envs",)), **{name: fault.plant for name, fault in FAULTS.items()}}
    )


def test_the_example_has_no_faults(checked: dict[str, Checked]) -> None:
    """In none of its environments is anything found."""
    assert checked["none"].findings == []
    assert checked["none"].status == 0


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_where_it_is(checked: dict[str, Checked], name: str) -> None:
    """The code, file, line and message; nothing else is found; errors are the exit status."""
    fault, result = FAULTS[name], checked[name]
    assert {each["code"] for each in result.findings} == {fault.code} | COMPANIONS.get(name, set())
    (found,) = [each for each in result.findings if each["code"] == fault.code][:1]
    assert fault.words in f"{found['message']} {found['fix']}"
    if fault.file:
        assert result.places(fault.code)[0] == result.line(fault.file, fault.snippet)
    severities = {FINDING_CODES[each["code"]].severity for each in result.findings}
    assert result.status == int(Severity.ERROR in severities)
    assert found["location"]["env"] in {None, fault.plant.words[-1]}

"""Right catalogs in which nothing is found, next to wrong ones of the same shape."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.checks import Project, check_environments

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_matrix_ext.findings import Finding


def _check(conf: Path, files: dict[str, Any], *environments: str) -> list[Finding]:
    for name, values in files.items():
        (conf / name).parent.mkdir(parents=True, exist_ok=True)
        (conf / name).write_text(json.dumps(values))
    project = Project(
        conf_source=str(conf), loader_class=LayeredConfigLoader, loader_arguments=config_loader_args()
    )
    return [found for found in check_environments(project, environments) if found.severity == "error"]


@pytest.mark.parametrize("inner", ["pandas.CSVDataset", {"type": "pandas.CSVDataset"}])
@pytest.mark.parametrize(
    "outer",
    [
        {"type": "partitions.PartitionedDataset", "path": "parts"},
        {"type": "partitions.IncrementalDataset", "path": "parts"},
    ],
)
def test_a_wrapped_dataset_may_be_given_by_its_type_alone(
    tmp_path: Path, outer: dict[str, Any], inner: object
) -> None:
    """As text or as a mapping: what it needs is given by the dataset around it."""
    pytest.importorskip("kedro_datasets")
    pytest.importorskip("pandas")
    assert _check(tmp_path, {"base/catalog.yml": {"parts": {**outer, "dataset": inner}}}, "base") == []
    (wrong,) = _check(
        tmp_path, {"base/catalog.yml": {"parts": {**outer, "dataset": "pandas.CVSDataset"}}}, "base"
    )
    assert (wrong.code, wrong.dataset) == ("unknown-dataset-type", "parts")


@pytest.mark.parametrize(
    ("count", "said"), [(1, None), (2, "; 1 other place has it"), (50, "; 49 other places have it")]
)
def test_a_type_that_cannot_be_imported_is_one_finding(tmp_path: Path, count: int, said: str | None) -> None:
    """At the first entry that has it, with the number of the others."""
    entries = {f"cars_{number}": {"type": "nowhere.CarDataset"} for number in range(count)}
    (wrong,) = _check(tmp_path, {"base/catalog.yml": entries}, "base")
    assert (wrong.code, wrong.dataset) == ("unknown-dataset-type", "cars_0")
    assert wrong.message.endswith(said or "")
    assert ("other" in wrong.message) is bool(said)


def test_credentials_are_kept_out_of_the_base_environment(tmp_path: Path) -> None:
    """What base alone lacks is given by an environment on top of it; what all lack is missing in all."""
    files = {
        "base/catalog.yml": {
            "sales": {"type": "MemoryDataset", "metadata": {}, "credentials": "shop"},
            "stock": {"type": "MemoryDataset", "metadata": {}, "credentials": "shp"},
        },
        "local/credentials.yml": {"shop": {"key": "a"}},
        "cloud/credentials.yml": {"shop": {"key": "b"}},
    }
    missing = [
        (found.dataset, found.location.env)
        for found in _check(tmp_path, files, "base", "local", "cloud")
        if found.code == "missing-credentials"
    ]
    assert missing == [("stock", "base"), ("stock", "local"), ("stock", "cloud")]
    alone = [found.dataset for found in _check(tmp_path, {}, "base") if found.code == "missing-credentials"]
    assert alone == ["sales", "stock"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            {"path": "p", "dataset": {"type": "pandas.CSVDataset", "load_arg": {}}},
            "take the argument 'load_arg'",
        ),
        ({"type": "CachedDataset", "dataset": {"type": "pandas.CSVDataset"}}, "lacks 'filepath'"),
        ({"type": "CachedDataset", "dataset": "pandas.CSVDataset"}, "lacks 'filepath'"),
        (
            {"type": "CachedDataset", "dataset": {"type": "MemoryDataset", "dta": 1}},
            "take the argument 'dta'",
        ),
        ({"type": "MemoryDataset", "credentials": 3}, "'credentials' of 'parts' is 3 of type 'int'"),
        (
            {"type": "MemoryDataset", "credentials": ["shop"]},
            "'credentials' of 'parts' is a value of type 'list'",
        ),
    ],
)
def test_what_is_wrong_inside_an_entry_is_found(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    """Once, at the entry; a dataset of partitions is given its path and lacks nothing."""
    pytest.importorskip("kedro_datasets")
    pytest.importorskip("pandas")
    entry = {"type": "partitions.PartitionedDataset", **entry}
    (found,) = _check(tmp_path, {"base/catalog.yml": {"parts": entry}}, "base")
    assert (found.code, found.dataset) == ("invalid-catalog-entry", "parts")
    assert words in found.message

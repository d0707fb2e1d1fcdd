"""The catch-all entry keeps what nobody declares, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from kedro.io import DataCatalog, DatasetError

pytest.importorskip("kedro_datasets", reason="needs the extra 'datasets'")

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_storage import ObjectStorage

TYPE = "kedro_matrix_ext.catalog.UndeclaredDataset"


def _catalog(base: Path | str, **arguments: object) -> DataCatalog:
    entry = {"type": TYPE, "filepath": f"{base}/undeclared/{{undeclared}}", **arguments}
    return DataCatalog.from_config({"{undeclared}": entry, "cars": {"type": "MemoryDataset"}})


def test_what_nobody_declares_outlives_its_process(tmp_path: Path) -> None:
    """A second catalog loads what a first one saved; a declared dataset is not touched."""
    first = _catalog(tmp_path)
    first["price.base.scores"].save({"r2": 0.5})
    first["cars"].save(1)
    assert _catalog(tmp_path)["price.base.scores"].load() == {"r2": 0.5}
    assert [file.name for file in tmp_path.rglob("*.pickle")] == ["price.base.scores.pickle"]


def test_it_keeps_data_in_object_storage(object_storage: ObjectStorage) -> None:
    """On S3 as on disk."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    bucket = object_storage.create_bucket("undeclared")
    credentials = {"key": "testing", "secret": "testing", "endpoint_url": object_storage.url}
    base = f"s3://{bucket}"
    _catalog(base, credentials=credentials)["scores"].save([1])
    assert _catalog(base, credentials=credentials)["scores"].load() == [1]


@pytest.mark.parametrize("place", ["disk", "s3"])
def test_what_cannot_be_pickled_leaves_the_former_pickle(
    object_storage: ObjectStorage, tmp_path: Path, place: str
) -> None:
    """Also where half of it was written already; nothing is left next to it."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    base = str(tmp_path)
    arguments: dict[str, Any] = {}
    if place == "s3":
        base = f"s3://{object_storage.create_bucket('unpicklable')}"
        login = {"key": "testing", "secret": "testing", "endpoint_url": object_storage.url}
        arguments = {"credentials": login}
    catalog = _catalog(base, **arguments)
    catalog["scores"].save([1])
    with pytest.raises(DatasetError, match="pickle"):
        catalog["scores"].save([b"x" * 2**20, lambda: 1])
    assert _catalog(base, **arguments)["scores"].load() == [1]
    folder = f"{base}/undeclared"
    found = fsspec.filesystem(place.replace("disk", "file"), **arguments.get("credentials", {})).ls(folder)
    assert [str(one["name"] if isinstance(one, dict) else one).rpartition("/")[2] for one in found] == [
        "scores.pickle"
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("params:rate", "there is no parameter 'rate'"),
        ("parameters", "there is no parameter 'parameters'"),
        ("price.table@spark", "no entry declares 'price.table@spark'"),
    ],
)
def test_parameters_and_engines_are_refused(tmp_path: Path, name: str, message: str) -> None:
    """A missing parameter or engine is an error, not an empty file."""
    with pytest.raises(DatasetError, match=message):
        _catalog(tmp_path)[name].load()
    assert not list(tmp_path.iterdir())


def test_its_configuration_comes_back(tmp_path: Path) -> None:
    """What Kedro reads off the dataset makes the same dataset again."""
    made = _catalog(tmp_path, save_args={"protocol": 4})
    made["scores"].save(3)
    again = DataCatalog.from_config(*made.to_config())  # type: ignore[arg-type]
    assert again["scores"].load() == 3
    assert again.to_config() == made.to_config()

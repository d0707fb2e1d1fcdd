"""What is at a path stays until the new file or folder is complete."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import fsspec
import pytest
from kedro.io import DatasetError
from tests.catalog.frames import pd

from kedro_matrix_ext.catalog import datasets
from kedro_matrix_ext.catalog.datasets.replacement import MARKER, replace_file, replace_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_storage import ObjectStorage

pytest.importorskip("s3fs", reason="s3fs is not installed")


@pytest.fixture(params=["file", "memory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, object_storage: ObjectStorage) -> tuple[Any, str]:
    """A file system and a folder on it."""
    if request.param == "s3":
        options = {"key": "testing", "secret": "testing", "endpoint_url": object_storage.url}
        bucket = f"replacement-{abs(hash(request.node.name)) % 10**9}"
        return fsspec.filesystem("s3", **options), object_storage.create_bucket(bucket)
    fs = fsspec.filesystem(request.param)
    folder = str(tmp_path) if request.param == "file" else f"/{request.node.originalname}"
    fs.makedirs(folder, exist_ok=True)
    return fs, folder


def _content(fs: Any, folder: str) -> dict[str, bytes]:
    fs.invalidate_cache()
    start = len(folder.strip("/")) + 1
    return {str(key).strip("/")[start:]: fs.cat_file(key) for key in fs.find(folder)}


def _write_folder(fs: Any, path: str, files: dict[str, Any]) -> None:
    with replace_folder(fs, path) as new:
        for name, content in files.items():
            fs.makedirs(f"{new}/{name}".rpartition("/")[0], exist_ok=True)
            if isinstance(content, BaseException):
                raise content
            fs.pipe_file(f"{new}/{name}", content)


def test_files_and_folders_replace_each_other(place: tuple[Any, str]) -> None:
    """A file, a folder, another folder, a file, a file: only the last is there each time."""
    fs, folder = place
    path = f"{folder}/t"
    replace_file(fs, path, lambda file: _write(file, b"1"))
    assert _content(fs, folder) == {"t": b"1"}
    _write_folder(fs, path, {"part-0": b"2", "p=1/part-1": b"3"})
    assert _content(fs, folder) == {"t/part-0": b"2", "t/p=1/part-1": b"3"}
    _write_folder(fs, path, {"part-9": b"4"})
    assert _content(fs, folder) == {"t/part-9": b"4"}
    replace_file(fs, path, lambda file: _write(file, b"5"))
    replace_file(fs, path, lambda file: _write(file, b"6"))
    assert _content(fs, folder) == {"t": b"6"}


def test_what_fails_half_way_changes_nothing(place: tuple[Any, str]) -> None:
    """A file and a folder that cannot be completed, over a file and over a folder."""
    fs, folder = place

    def fail(file: IO[bytes]) -> None:
        file.write(b"half" * 2**20)
        raise KeyboardInterrupt

    replace_file(fs, f"{folder}/file", lambda file: _write(file, b"1"))
    _write_folder(fs, f"{folder}/folder", {"part-0": b"2"})
    before = _content(fs, folder)
    for path in (f"{folder}/file", f"{folder}/folder"):
        with pytest.raises(KeyboardInterrupt):
            replace_file(fs, path, fail)
        with pytest.raises(KeyboardInterrupt):
            _write_folder(fs, path, {"part-1": b"half", "part-2": KeyboardInterrupt()})
    assert _content(fs, folder) == before


def test_a_folder_whose_exchange_was_killed_is_refused(object_storage: ObjectStorage) -> None:
    """Object storage cannot rename, so the files may be mixed: the error names the complete ones."""
    bucket = object_storage.create_bucket("exchange")
    client = object_storage.client()
    client.put_object(Bucket=bucket, Key="t/part-0.parquet", Body=b"old")
    client.put_object(Bucket=bucket, Key=f"t/{MARKER}", Body=b"exchange/.t.new")
    login = {"key": "testing", "secret": "testing", "endpoint_url": object_storage.url}
    for file_format in ("parquet", "csv"):
        arguments: dict[str, Any] = {
            "filepath": f"s3://{bucket}/t",
            "file_format": file_format,
            "credentials": login,
        }
        with pytest.raises(DatasetError, match=r"interrupted(?s:.)*'exchange/\.t\.new'"):
            datasets.PolarsFrameDataset(**arguments).load()
        datasets.PandasFrameDataset(**arguments).save(pd.DataFrame({"x": [1]}))
        assert len(datasets.PolarsFrameDataset(**arguments).load()) == 1
        client.put_object(Bucket=bucket, Key=f"t/{MARKER}", Body=b"exchange/.t.new")
        client.delete_object(Bucket=bucket, Key="t")


def _write(file: IO[bytes], content: bytes) -> None:
    file.write(content)

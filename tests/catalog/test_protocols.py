"""Every format over every protocol: what one class writes, every other class reads, ours and Kedro's."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from kedro.io import DataCatalog, DatasetError
from tests.catalog.frames import pd, pl
from tests.catalog.spark_servers import free_port
from tests.catalog.web_server import make_certificate, serve_folder, serve_status

from kedro_matrix_ext.catalog import expand_transcoding
from kedro_matrix_ext.catalog.datasets.storage_options import to_delta_options, to_fsspec_options
from kedro_matrix_ext.errors import CatalogError

pytest.importorskip("kedro_datasets", reason="needs the extra 'datasets'")
pytest.importorskip("s3fs", reason="s3fs is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.object_storage import ObjectStorage

ROWS = [
    {"id": 1, "name": 'é "q", b', "share": 0.25, "known": True},
    {"id": 2, "name": "b", "share": -1.5, "known": False},
]
TAB = {"load_args": {"sep": "\t"}, "save_args": {"sep": "\t", "index": False}}
LINES = {"load_args": {"lines": True}, "save_args": {"lines": True, "orient": "records"}}
POLARS = {"type": "polars.EagerPolarsDataset"}
KEDRO: dict[tuple[str, str], dict[str, Any]] = {  # the same format, by kedro-datasets
    ("pandas", "parquet"): {"type": "pandas.ParquetDataset"},
    ("pandas", "csv"): {"type": "pandas.CSVDataset", "save_args": {"index": False}},
    ("pandas", "tsv"): {"type": "pandas.CSVDataset", **TAB},
    ("pandas", "json"): {"type": "pandas.JSONDataset", **LINES},
    ("pandas", "delta"): {"type": "pandas.DeltaTableDataset", "save_args": {"mode": "overwrite"}},
    ("polars", "parquet"): {**POLARS, "file_format": "parquet"},
    ("polars", "csv"): {**POLARS, "file_format": "csv"},
    ("polars", "tsv"): {
        **POLARS,
        "file_format": "csv",
        "load_args": {"separator": "\t"},
        "save_args": {"separator": "\t"},
    },
    ("polars", "json"): {**POLARS, "file_format": "ndjson"},
}
FORMATS = ["parquet", "csv", "tsv", "json", "delta"]
PROTOCOLS = ["file", "memory", "s3", "s3a"]


def _catalog(file_format: str, filepath: str, credentials: dict[str, dict[str, Any]]) -> DataCatalog:
    """Declare a table for each class: ``t@pandas`` by our entry, ``kedro-pandas`` by Kedro's."""
    ours = {"transcode": ["pandas", "polars"], "format": file_format, "filepath": filepath}
    entries = expand_transcoding({"t": {**ours, "credentials": "ours"} if credentials else ours})
    for (engine, kept), entry in KEDRO.items():
        if kept == file_format:
            login = {"credentials": "kedro"} if credentials else {}
            entries[f"kedro-{engine}"] = {**entry, "filepath": filepath, **login}
    return DataCatalog.from_config(entries, credentials)


def _frame(name: str) -> Any:
    return pl.DataFrame(ROWS) if name.endswith("polars") else pd.DataFrame(ROWS)


def _rows(frame: Any) -> list[dict[str, Any]]:
    rows = frame.to_dicts() if isinstance(frame, pl.DataFrame) else frame.to_dict("records")
    return sorted(rows, key=lambda row: int(row["id"]))


def _logins(storage: ObjectStorage) -> dict[str, dict[str, Any]]:
    """The same login in both spellings."""
    return {
        "fsspec": {"key": "testing", "secret": "testing", "client_kwargs": {"endpoint_url": storage.url}},
        "deltalake": {
            "AWS_ACCESS_KEY_ID": "testing",
            "aws_secret_access_key": "testing",
            "AWS_ENDPOINT_URL": storage.url,
            "region": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        },
    }


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, where nothing may be written."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("file_format", FORMATS)
def test_what_one_class_writes_every_class_reads(
    object_storage: ObjectStorage, empty_folder: Path, tmp_path: Path, file_format: str, protocol: str
) -> None:
    """Our entry and kedro-datasets agree on where a table is, and nothing is written anywhere else."""
    bucket = f"{protocol}-{file_format}-tables"
    logins = _logins(object_storage)
    credentials: dict[str, dict[str, Any]] = {}
    place = {"file": str(tmp_path / bucket), "memory": f"memory:///{bucket}"}.get(protocol)
    if place is None:
        place = f"{protocol}://{object_storage.create_bucket(bucket)}"
        kedros = logins["deltalake" if file_format == "delta" else "fsspec"]
        credentials = {"ours": logins["fsspec"], "kedro": kedros}
    if file_format == "delta" and protocol == "memory":
        with pytest.raises(DatasetError, match="delta cannot be stored at 'memory://"):
            _catalog(file_format, f"{place}/t", credentials)["t@pandas"].exists()
        return
    names = [name for name in _catalog(file_format, f"{place}/t", credentials).keys()]  # noqa: SIM118, C416
    for writer in names:
        path = f"{place}/{writer}"
        catalog = _catalog(file_format, path, credentials)
        assert catalog["t@pandas"].exists() is False
        catalog[writer].save(_frame(writer))
        for reader in names:
            dataset = _catalog(file_format, path, credentials)[reader]
            assert _rows(dataset.load()) == ROWS, f"{writer} -> {reader}"
        assert _catalog(file_format, path, credentials)["t@polars"].exists() is True
    if protocol.startswith("s3"):
        listed = object_storage.client().list_objects_v2(Bucket=bucket)["Contents"]
        keys = {one["Key"].partition("/")[0] for one in listed}
        assert keys == set(names)
        assert all("/_delta_log/" in one["Key"] or one["Key"].endswith(".parquet") for one in listed) or (
            {one["Key"] for one in listed} == set(names)
        )
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize("spelling", ["fsspec", "deltalake"])
def test_delta_takes_credentials_in_both_spellings(
    object_storage: ObjectStorage, empty_folder: Path, spelling: str
) -> None:
    """A versioned log in the bucket, found by ``exists`` too, and overwritten."""
    bucket = object_storage.create_bucket(f"delta-{spelling}")
    login = _logins(object_storage)[spelling]
    for rows in (1, 2):
        catalog = _catalog("delta", f"s3://{bucket}/a/t", {"ours": login, "kedro": {}})
        catalog["t@polars"].save(_frame("polars").head(rows))
        assert len(catalog["t@pandas"].load()) == rows
        assert catalog["t@pandas"].exists()
    listed = object_storage.client().list_objects_v2(Bucket=bucket)["Contents"]
    logs = [one["Key"] for one in listed if "_delta_log" in one["Key"] and one["Key"].endswith(".json")]
    assert sorted(logs) == [f"a/t/_delta_log/{number:020}.json" for number in range(2)]
    assert list(empty_folder.iterdir()) == []


@pytest.fixture
def web_server(tmp_path: Path) -> Iterator[str]:
    """A folder on the web, without support for parts of files."""
    (tmp_path / "web").mkdir()
    with serve_folder(tmp_path / "web") as address:
        yield address


@pytest.mark.parametrize("file_format", ["parquet", "csv", "tsv", "json"])
def test_web_addresses_are_read(web_server: str, tmp_path: Path, file_format: str) -> None:
    """By both engines; a missing file is named with its address, and saving is refused."""
    _catalog(file_format, str(tmp_path / "web/t"), {})["t@pandas"].save(_frame("pandas"))
    catalog = _catalog(file_format, f"{web_server}/t", {})
    for name in ("t@pandas", "t@polars"):
        assert _rows(catalog[name].load()) == ROWS
        assert catalog[name].exists()
        with pytest.raises(DatasetError, match="can be read only"):
            catalog[name].save(_frame(name))
        missing = _catalog(file_format, f"{web_server}/none", {})[name]
        assert not missing.exists()
        with pytest.raises(DatasetError, match=f"no file or folder '{web_server}/none'"):
            missing.load()


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_what_a_web_server_answers_is_in_the_error(file_format: str) -> None:
    """Its status, or that nobody listens, without the login of the address; only 404 is a missing file."""
    with serve_status() as server:
        login = server.replace("://", "://me:hunter2@")
        places = {
            f"{server}/404": "there is no file or folder",
            f"{server}/500": "the server answers 500 Internal Server Error",
            f"{login}/401": "the server answers 401 Unauthorized",
            f"http://127.0.0.1:{free_port()}/t": "Cannot connect to host",
        }
        for place, message in places.items():
            with pytest.raises(DatasetError, match=message) as raised:
                _catalog(file_format, place, {})["t@pandas"].load()
            assert "hunter2" not in str(raised.value)


CERTIFIED = """
import sys
from kedro_matrix_ext.catalog import datasets

server, *options = sys.argv[1:]
arguments = {"fs_args": {"ssl": False}} if options else {}
for file_format in ("parquet", "csv", "json"):
    for engine in (datasets.PandasFrameDataset, datasets.PolarsFrameDataset):
        dataset = engine(filepath=f"{server}/{file_format}", file_format=file_format, **arguments)
        print(file_format, len(dataset.load()), dataset.exists())
"""


def test_a_certificate_of_ones_own_is_trusted_where_it_is_named(tmp_path: Path) -> None:
    """Over HTTPS: by ``SSL_CERT_FILE``, or unchecked by ``ssl: false`` in ``fs_args``; otherwise refused."""
    for file_format in ("parquet", "csv", "json"):
        place = str(tmp_path / "web" / file_format)
        _catalog(file_format, place, {})["t@pandas"].save(_frame("pandas"))
    certificate = make_certificate(tmp_path)
    with serve_folder(tmp_path / "web", certificate) as server:

        def load(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-c", CERTIFIED, server, *options]
            environment = {**os.environ, **variables}
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

        for loaded in (load(SSL_CERT_FILE=str(certificate)), load("unchecked")):
            expected = [f"{name} 2 True" for name in ("parquet", "csv", "json") for _ in range(2)]
            assert loaded.stdout.splitlines() == expected, loaded.stderr
        refused = load()
    assert refused.returncode != 0
    assert "certificate verify failed" in refused.stderr.lower()


@pytest.mark.parametrize("address", ["http://localhost/t", "https://example.com/t", "memory://t"])
def test_addresses_that_an_engine_cannot_use_are_refused_with_what_to_do(address: str) -> None:
    """Delta over the web or in memory, and Spark on either."""
    from kedro_matrix_ext.catalog import datasets

    with pytest.raises(CatalogError, match="delta cannot be stored"):
        datasets.PandasFrameDataset(filepath=address, file_format="delta")
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    with pytest.raises(CatalogError, match="pandas or polars"):
        datasets.SparkFrameDataset(filepath=address, file_format="parquet")


@pytest.mark.parametrize(
    ("protocol", "fsspecs", "deltas"),
    [
        (
            "s3",
            {"key": "k", "secret": "s", "token": "t", "endpoint_url": "https://x"},
            {
                "access_key_id": "k",
                "secret_access_key": "s",
                "session_token": "t",
                "endpoint_url": "https://x",
            },
        ),
        ("s3", {"anon": True}, {"skip_signature": "true"}),
        ("s3", {"client_kwargs": {"region_name": "eu-west-1"}}, {"region": "eu-west-1"}),
        ("gcs", {"token": "key.json"}, {"service_account": "key.json"}),
        ("gs", {"token": {"type": "x"}}, {"service_account_key": '{"type": "x"}'}),
        (
            "abfs",
            {"account_name": "a", "account_key": "k", "tenant_id": "t"},
            {"account_name": "a", "account_key": "k", "tenant_id": "t"},
        ),
        ("az", {"sas_token": "?sv=1", "client_secret": "c"}, {"sas_token": "?sv=1", "client_secret": "c"}),
    ],
)
def test_each_spelling_becomes_the_other(
    protocol: str, fsspecs: dict[str, Any], deltas: dict[str, str]
) -> None:
    """Of the credentials of S3, Google and Azure; what is in the right spelling already stays."""
    assert to_delta_options(protocol, fsspecs) == deltas
    assert to_fsspec_options(protocol, deltas) == fsspecs
    assert to_delta_options(protocol, deltas) == deltas
    assert to_fsspec_options(protocol, fsspecs) == fsspecs


def test_options_of_one_library_alone_do_not_reach_the_other() -> None:
    """An option without counterpart is left out, or refused where it is a mapping."""
    assert to_fsspec_options("s3", {"AWS_S3_ALLOW_UNSAFE_RENAME": "true", "allow_http": "true"}) == {}
    assert to_delta_options("gs", {"token": "google_default", "project": "p"}) == {}
    assert to_delta_options("gs", {"token": "anon"}) == {"skip_signature": "true"}
    connection = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=k==;BlobEndpoint=http://127.0.0.1/a"
    assert to_delta_options("abfs", {"connection_string": connection}) == {
        "account_name": "a",
        "account_key": "k==",
        "endpoint": "http://127.0.0.1/a",
        "allow_http": "true",
    }
    with pytest.raises(CatalogError, match=r"'config_kwargs\.retries'"):
        to_delta_options("s3", {"config_kwargs": {"retries": 3}})

"""Addresses: each is the place that it names for every engine, or is refused with what to write."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from kedro.io.core import Version
from tests.catalog.frames import pd, pl

from kedro_matrix_ext.catalog import EngineFormat, datasets, expand_transcoding
from kedro_matrix_ext.catalog.datasets.addresses import parse_address
from kedro_matrix_ext.errors import CatalogError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.object_storage import ObjectStorage

HOME = os.path.expanduser("~")  # noqa: PTH111  as text


@pytest.mark.parametrize(
    ("filepath", "expected"),
    [
        ("t.csv", ("file", "", "{here}/t.csv")),
        ("./a/../t.csv", ("file", "", "{here}/t.csv")),
        ("a:b/t.csv", ("file", "", "{here}/a:b/t.csv")),
        ("day::1", ("file", "", "{here}/day::1")),
        ("2026-01-01T00:00/t.csv", ("file", "", "{here}/2026-01-01T00:00/t.csv")),
        ("~/t.csv", ("file", "", f"{HOME}/t.csv")),
        ("/data/t.csv", ("file", "", "/data/t.csv")),
        ("file:/data/t.csv", ("file", "", "/data/t.csv")),
        ("FILE:///data/a b%20c", ("file", "", "/data/a b%20c")),
        ("file://localhost/data/t.csv", ("file", "", "/data/t.csv")),
        ("local:///data/t.csv", ("file", "", "/data/t.csv")),
        ("memory://a/t", ("memory", "a", "t")),
        ("memory:///a/t", ("memory", "", "a/t")),
        ("S3://Bucket/a#b/", ("s3", "Bucket", "a#b")),
        ("s3a://bucket", ("s3a", "bucket", "")),
        ("gcs://bucket/t", ("gcs", "bucket", "t")),
        ("az://box/t", ("az", "box", "t")),
        ("abfss://box@account.dfs.core.windows.net/t", ("abfss", "box@account.dfs.core.windows.net", "t")),
        ("hdfs://node:9000/t", ("hdfs", "node:9000", "t")),
        ("https://example.com/a/?u=../t/", ("https", "example.com", "a/?u=../t/")),
    ],
)
def test_an_address_is_the_place_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filepath: str, expected: tuple[str, str, str]
) -> None:
    """Host, bucket and container stay; a local path is absolute."""
    monkeypatch.chdir(tmp_path)
    found = parse_address(filepath)
    wanted = tuple(part.replace("{here}", str(tmp_path)) for part in expected)
    assert (found.protocol, found.authority, found.path) == wanted


@pytest.mark.parametrize(
    ("filepath", "what", "remedy"),
    [
        ("file://t.csv", "no absolute path", "'file:///data/t.csv'"),
        ("file://data/t.csv", "no absolute path", "'file:///data/t.csv'"),
        ("file:t.csv", "no absolute path", "'file:///data/t.csv'"),
        ("local://t.csv", "no absolute path", "'file:///data/t.csv'"),
        ("C:\\data\\t.csv", "a path of Windows", "this system"),
        ("C:/data/t.csv", "a path of Windows", "this system"),
        ("file:///C:/data/t.csv", "a path of Windows", "this system"),
        ("\\\\server\\share\\t.csv", "a path of Windows", "this system"),
        ("s3:/bucket/t.csv", "no two slashes", "'s3://bucket/t.csv'"),
        ("abfss:box/t.csv", "no two slashes", "'abfss://box/t.csv'"),
        ("http:/example.com/t.csv", "no two slashes", "'http://example.com/t.csv'"),
        ("gss://bucket/t.csv", "unknown protocol 'gss'", "'gs'"),
        ("wasbs://box@account/t.csv", "unknown protocol 'wasbs'", "fsspec"),
        ("s3:///t.csv", "names no bucket", "'s3://'"),
        ("gs://", "names no bucket", "'gs://'"),
        ("memory://", "names no place", "'memory://'"),
        ("https:///t.csv", "names no place", "'https://'"),
        ("s3://bucket/../other/t.csv", "relative parts", "Write them out"),
        ("simplecache::s3://bucket/t.csv", "a chain", "one table"),
        ("zip://t.csv::s3://bucket/t.zip", "a chain", "one table"),
    ],
)
def test_an_address_that_could_be_another_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filepath: str, what: str, remedy: str
) -> None:
    """With the address and what to write; nothing is made in the working directory."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatalogError, match=what) as raised:
        datasets.PandasFrameDataset(filepath=filepath, file_format="csv")
    assert remedy in str(raised.value.hint)
    assert repr(filepath)[1:].partition("//")[0] in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_address_hides_its_password() -> None:
    """Only scheme and host are shown."""
    with pytest.raises(CatalogError, match=r"'sftpp://example\.com'") as raised:
        datasets.PandasFrameDataset(filepath="sftpp://me:hunter2@example.com/t.csv", file_format="csv")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("filepath", ["file://t.csv", "s3:/bucket/{name}", "C:\\data\\t.csv"])
def test_an_entry_with_such_an_address_is_refused_with_its_place(
    monkeypatch: pytest.MonkeyPatch, filepath: str
) -> None:
    """When the catalog is read; what a pattern decides, and the datasets of other engines, are left alone."""
    entry = {"transcode": ["pandas"], "format": "csv", "filepath": filepath}
    with pytest.raises(CatalogError, match="the address") as raised:
        expand_transcoding({"t": entry}, locate=lambda _: ("catalog.yml", 3))
    assert raised.value.config_path == "catalog: t.filepath"
    assert raised.value.line == 3
    assert expand_transcoding({"{store}.t": {**entry, "filepath": "{store}:/t"}})
    row = {("archive", "csv"): EngineFormat("archives.CSVDataset")}
    monkeypatch.setattr("kedro_matrix_ext.catalog.engines._ROWS", row)
    assert expand_transcoding({"t": {**entry, "transcode": "archive"}})


@pytest.mark.parametrize(
    ("filepath", "arguments", "message"),
    [
        ("s3://bucket", {}, "names a bucket, not a table"),
        ("http://localhost/t", {"version": Version(None, None)}, "no versions"),
    ],
)
def test_a_table_needs_a_path_in_its_bucket_and_a_disk_for_versions(
    filepath: str, arguments: dict[str, Any], message: str
) -> None:
    """What is written next to a bucket would be in another one, and the web keeps no versions."""
    with pytest.raises(CatalogError, match=message):
        datasets.PandasFrameDataset(filepath=filepath, file_format="csv", **arguments)


@pytest.mark.parametrize("name", ["_t.csv", ".t.csv", "9:30"])
def test_names_that_spark_skips_are_refused_for_spark(tmp_path: Path, name: str) -> None:
    """It takes such files for markers and unfinished parts."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    with pytest.raises(CatalogError, match="Rename it"):
        datasets.SparkFrameDataset(filepath=str(tmp_path / name), file_format="csv")


class _StandIn(MemoryFileSystem):  # type: ignore[misc]
    """Object storage in memory, which sees addresses as the real file system sees them."""

    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    opened: ClassVar[list[dict[str, Any]]] = []
    cachable = False

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.opened.append(options)


class GoogleStandIn(_StandIn):
    """As gcsfs."""

    protocol: ClassVar[tuple[str, ...]] = ("gs", "gcs")

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.partition("://")[2].strip("/") if "://" in path else f"/{path.strip('/')}"


class AzureStandIn(GoogleStandIn):
    """As adlfs: the account of ``container@account.dfs.core.windows.net`` is an option, not in the path."""

    protocol: ClassVar[tuple[str, ...]] = ("abfs", "abfss", "az")

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        box, _, rest = super()._strip_protocol(path).strip("/").partition("/")
        return f"/{box.partition('@')[0]}/{rest}".rstrip("/")

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        account = path.partition("@")[2].partition(".")[0]
        return {"account_name": account} if account else {}


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> type[_StandIn]:
    """Register both for the time of a test, with nothing stored."""
    registry: dict[str, type] = importlib.import_module(
        "fsspec.registry"
    )._registry  # the public one is read-only
    monkeypatch.setattr(_StandIn, "store", {})
    monkeypatch.setattr(_StandIn, "pseudo_dirs", [""])
    monkeypatch.setattr(_StandIn, "opened", [])
    for kind in (GoogleStandIn, AzureStandIn):
        for protocol in kind.protocol:
            monkeypatch.setitem(registry, protocol, kind)
    return _StandIn


AZURE = "box@account.dfs.core.windows.net"


@pytest.mark.parametrize("file_format", ["csv", "parquet", "json"])
@pytest.mark.parametrize(
    ("address", "key", "options"),
    [
        ("gs://bucket/a/t", "/bucket/a/t", {}),
        ("gcs://bucket/a/t", "/bucket/a/t", {}),
        ("az://box/a/t", "/box/a/t", {}),
        ("abfs://box/a/t", "/box/a/t", {}),
        (f"abfs://{AZURE}/a/t", "/box/a/t", {"account_name": "account"}),
        (f"abfss://{AZURE}/a/t", "/box/a/t", {"account_name": "account"}),
    ],
)
def test_a_table_is_in_its_bucket(
    stand_ins: type[_StandIn], address: str, key: str, options: dict[str, str], file_format: str
) -> None:
    """Under the container or bucket of its address, with the account of it, also as a version."""
    names: dict[str, Any] = {"filepath": address, "file_format": file_format}
    datasets.PandasFrameDataset(**names).save(pd.DataFrame({"a": [1, 2]}))
    assert list(stand_ins.store) == [key]
    assert datasets.PolarsFrameDataset(**names).load()["a"].to_list() == [1, 2]
    assert all(opened == options for opened in stand_ins.opened)
    names["filepath"] += "s"
    version = Version(None, "2026-01-01T00.00.00.000Z")
    datasets.PolarsFrameDataset(**names, version=version).save(pl.DataFrame({"a": [3]}))
    assert f"{key}s/2026-01-01T00.00.00.000Z/ts" in stand_ins.store
    assert datasets.PandasFrameDataset(**names, version=version).load()["a"].tolist() == [3]


@pytest.mark.parametrize(
    ("address", "delta", "hadoop"),
    [
        ("gcs://bucket/t", "gs://bucket/t", "gs://bucket/t"),
        ("az://box/t", "az://box/t", "az://box/t"),
        (f"abfss://{AZURE}/t", f"abfss://{AZURE}/t", f"abfss://{AZURE}/t"),
        ("/data/t", "file:///data/t", "file:///data/t"),
    ],
)
@pytest.mark.usefixtures("stand_ins")
def test_engines_get_the_address_whole(address: str, delta: str, hadoop: str) -> None:
    """Deltalake and Hadoop take container, account and path, also those of a version."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    from kedro_matrix_ext.catalog.datasets.storage_options import DELTA_SCHEMES

    pandas = datasets.PandasFrameDataset(filepath=address, file_format="delta")
    scheme = DELTA_SCHEMES.get(pandas._protocol, "file")
    assert pandas._url(scheme, pandas._get_load_path()) == delta
    version = Version("2026-01-01T00.00.00.000Z", None)
    spark = datasets.SparkFrameDataset(filepath=address, file_format="delta", version=version)
    assert spark._hadoop_url(str(spark._get_load_path())) == f"{hadoop}/2026-01-01T00.00.00.000Z/t"


def test_two_places_in_memory_are_two_tables() -> None:
    """The first part of an address in memory is part of the place."""
    for name, rows in (("a", 1), ("b", 2)):
        frame = pd.DataFrame({"x": range(rows)})
        datasets.PandasFrameDataset(filepath=f"memory://addresses-{name}/t", file_format="csv").save(frame)
    first = datasets.PolarsFrameDataset(filepath="memory://addresses-a/t", file_format="csv").load()
    assert first["x"].to_list() == [0]
    assert MemoryFileSystem().exists("/addresses-b/t")


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_spark_reads_one_table_whatever_its_name(make: Any, file_format: str) -> None:
    """Not all those whose names match: ``t*`` is the name of one."""
    for name, rows in (("tx", 1), ("t*", 2), ("t?", 3), ("t[x]", 4), ("{tx,t}", 5), ("t x%20", 6)):
        make("pandas", file_format, name).save(pd.DataFrame({"x": range(rows)}))
        assert make("spark", file_format, name).load().count() == rows


@pytest.mark.parametrize("name", ["h#a", "q?x=1", "a b", "a*", "é", "{a}"])
@pytest.mark.parametrize("protocol", ["file", "s3"])
def test_delta_is_where_its_address_says(
    object_storage: ObjectStorage, tmp_path: Path, protocol: str, name: str
) -> None:
    """Characters that have a meaning in a URL are part of the name: ``h#a`` and ``h#b`` are two tables."""
    pytest.importorskip("deltalake", reason="deltalake is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    place, login = str(tmp_path), None
    if protocol == "s3":
        bucket = object_storage.create_bucket(f"delta-names-{name.encode().hex()}")
        place = f"s3://{bucket}"
        login = {
            "username": "testing",
            "password": "testing",
            "client_kwargs": {"endpoint_url": object_storage.url},
        }
    for suffix, rows in (("", 1), ("b", 2)):
        table: dict[str, Any] = {
            "filepath": f"{place}/{name}{suffix}",
            "file_format": "delta",
            "credentials": login,
        }
        assert not datasets.PandasFrameDataset(**table).exists()
        datasets.PandasFrameDataset(**table).save(pd.DataFrame({"x": range(rows)}))
        assert datasets.PolarsFrameDataset(**table).exists()
        assert len(datasets.PolarsFrameDataset(**table).load()) == rows
    if protocol == "s3":
        keys = {one["Key"] for one in object_storage.client().list_objects_v2(Bucket=bucket)["Contents"]}
        assert {key.partition("/")[0] for key in keys} == {name, f"{name}b"}
    else:
        assert {one.name for one in tmp_path.iterdir()} == {name, f"{name}b"}


@pytest.mark.parametrize("name", ["z%20z", "[a]", "a^b", "a|b", "a\\b"])
def test_names_that_deltalake_cannot_use_are_refused(name: str) -> None:
    """Where it would panic, or write to another name."""
    with pytest.raises(CatalogError, match="delta cannot be stored") as raised:
        datasets.PandasFrameDataset(filepath=f"/data/{name}/t", file_format="delta")
    assert "rename it" in str(raised.value.hint)


def test_delta_takes_the_endpoint_of_the_environment(
    object_storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As csv does: a server over HTTP that ``AWS_ENDPOINT_URL`` names, without credentials in the entry."""
    pytest.importorskip("deltalake", reason="deltalake is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    for name, value in object_storage.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", object_storage.url)
    bucket = object_storage.create_bucket("delta-of-the-environment")
    for file_format in ("csv", "delta"):
        table: dict[str, Any] = {"filepath": f"s3://{bucket}/{file_format}", "file_format": file_format}
        datasets.PandasFrameDataset(**table).save(pd.DataFrame({"x": [1]}))
        assert len(datasets.PolarsFrameDataset(**table).load()) == 1


def test_arguments_of_files_in_fs_args_are_refused() -> None:
    """What kedro-datasets' own classes take there has no meaning for a table."""
    with pytest.raises(CatalogError, match="takes no 'open_args_save'") as raised:
        datasets.PandasFrameDataset(
            filepath="t", file_format="csv", fs_args={"open_args_save": {"mode": "wb"}}
        )
    assert "Remove it" in str(raised.value.hint)

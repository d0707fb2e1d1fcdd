"""Targets of installed libraries: what does harm is refused, and what people declare is let through."""

from __future__ import annotations

import base64
import importlib
import os
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext import instantiate
from kedro_matrix_ext.errors import RefusedTargetError
from kedro_matrix_ext.injection.targets.refusals import find_refusal

if TYPE_CHECKING:
    from pathlib import Path


def _split(paths: str) -> list[str]:
    return paths.split()


REFUSED = {
    "loads a pickle": """
        pandas.compat.pickle_compat.loads pandas.compat.pickle_compat.Unpickler pandas.read_hdf
        joblib.numpy_pickle_compat.load_compatibility joblib.numpy_pickle.load_compatibility
        joblib.numpy_pickle.load_temporary_memmap joblib.numpy_pickle.NumpyUnpickler
        sqlalchemy.ext.serializer.loads sqlalchemy.ext.serializer.Deserializer sqlalchemy.PickleType
        sqlalchemy.types.PickleType huey.SqliteHuey huey.serializer.Serializer.deserialize
        compress_pickle.load compress_pickle.loads skops.io.load polars.DataFrame.deserialize
    """,
    "starts a process": """
        imaplib.IMAP4_stream imaplib.IMAP4_stream.open socketserver.ForkingTCPServer
        http.server.CGIHTTPRequestHandler dynaconf.vendor.click.edit botocore.credentials.ProcessProvider
        botocore.credentials.ProcessProvider.load databricks.sdk.oauth.Refreshable.token
        databricks.sdk.credentials_provider.CliTokenSource pyspark.RDD.pipe matplotlib.animation.FFMpegWriter
        databricks.sdk.credentials_provider.AzureCliTokenSource google.auth.pluggable.Credentials
        matplotlib.texmanager.TexManager.make_dvi jedi.api.environment.Environment execnet.makegateway
        PIL.EpsImagePlugin.Ghostscript watchdog.tricks.ShellCommandTrick ptyprocess.PtyProcess.spawn
        kedro.runner.ParallelRunner
    """,
    "runs code": """
        dynaconf.loaders.py_loader.load dynaconf.Dynaconf kedro.ipython.reload_kedro sympy.simplify
        sympy.solve sympy.lambdify
    """,
    "opens a file for writing": """
        pandas.show_versions pandas.io.common.get_handle pandas.io.json.to_json pandas.io.orc.to_orc
        pandas.io.formats.style.Styler.to_html pandas.io.formats.style.Styler.to_excel
        pandas.io.formats.style.Styler.to_latex pandas.io.feather_format.to_feather
        pandas.io.parquet.to_parquet pandas.io.stata.StataWriter pandas.io.formats.csvs.CSVFormatter
        pandas.io.formats.excel.ExcelFormatter pandas.io.formats.format.DataFrameRenderer.to_csv
        pandas.io.sql.to_sql pandas.core.generic.NDFrame.to_csv sklearn.datasets.dump_svmlight_file
        sklearn.tree.export_graphviz joblib.compressor.BinaryZlibFile joblib.compressor.BinaryGzipFile
        numpy.lib.format.write_array scipy.io.netcdf_file scipy.io.FortranFile scipy.io.mmwrite
        networkx.write_graphml networkx.write_gexf networkx.write_edgelist networkx.write_pajek
        networkx.drawing.nx_pydot.write_dot networkx.readwrite.adjlist.write_adjlist
        matplotlib.image.imsave matplotlib.backends.backend_pdf.PdfPages matplotlib.figure.Figure.savefig
        matplotlib.cbook.open_file_cm rich.console.Console.save_text rich.console.Console.save_html
        rich.console.Console.save_svg pyspark.RDD.saveAsTextFile pyspark.RDD.saveAsPickleFile
        pyarrow.ipc.new_file http.cookiejar.MozillaCookieJar.save coverage.Coverage.save
        kedro_datasets.text.TextDataset.save kedro_datasets.pandas.CSVDataset.save
        kedro_datasets.matplotlib.MatplotlibDataset.save kedro.io.DataCatalog.save
        fsspec.implementations.zip.ZipFileSystem fsspec.implementations.local.LocalFileOpener
        fsspec.implementations.local.LocalFileSystem._open fsspec.implementations.arrow.ArrowFSWrapper._open
    """,
    "deletes or links files, or sets what runs later": """
        joblib.Memory.clear joblib.Memory.reduce_size joblib.memory.MemorizedFunc.clear
        fsspec.implementations.local.LocalFileSystem.link matplotlib.rc matplotlib.rcParams.update
        fsspec.implementations.local.LocalFileSystem.symlink
        fsspec.implementations.cached.CachingFileSystem.clear_cache s3transfer.utils.OSUtils.remove_file
        scipy.datasets.clear_cache parso.cache.clear_cache
    """,
    "imports by name": """
        fsspec.spec.AbstractFileSystem.from_json fsspec.AbstractFileSystem.from_dict
        fsspec.json.FilesystemJSONDecoder.decode fsspec.json.FilesystemJSONDecoder.try_resolve_path_cls
        importlib_metadata.EntryPoint.load pyspark.sql.types._parse_datatype_json_string
        pyspark.sql.types.StructType.fromJson pyspark.sql.types.UserDefinedType.fromJson
        huey.utils.load_class matplotlib.pyplot.switch_backend matplotlib.use six.MovedModule._resolve
        six.MovedModule skops.io._utils.gettype lazy_loader.load lazy_loader.attach
        traitlets.traitlets.ClassBasedTraitType._resolve_string traitlets.Type traitlets.Instance
        kedro.io.AbstractDataset.from_config kedro.io.MemoryDataset.from_config kedro.io.CachedDataset
        kedro.io.DataCatalog.from_config kedro.io.core.parse_dataset_definition
        kedro_datasets.partitions.PartitionedDataset kedro.inspection.get_project_snapshot
        sqlalchemy.dialects.registry.load gunicorn.util.import_app numpy.info
    """,
    "reaches attributes by text": """
        pandas.core.apply.Apply.apply_str pandas.core.apply.frame_apply pandas.core.common.pipe
        pandas.core.groupby.DataFrameGroupBy.agg pandas.core.groupby.SeriesGroupBy.apply
        pandas.core.groupby.generic.DataFrameGroupBy.pipe pandas.core.window.rolling.Rolling.apply
        pandas.core.window.ewm.ExponentialMovingWindow.agg pandas.core.resample.Resampler.apply
        pandas.io.formats.style.Styler.pipe narwhals.DataFrame.pipe joblib.Memory.cache
    """,
}

LET_THROUGH = _split("""
    pandas.read_csv pandas.read_parquet pandas.read_json pandas.read_excel pandas.read_sql pandas.read_feather
    pandas.read_orc pandas.read_xml pandas.read_table pandas.read_fwf pandas.DataFrame pandas.Series
    pandas.Timestamp pandas.Timedelta pandas.DateOffset pandas.Grouper pandas.NamedAgg pandas.CategoricalDtype
    pandas.date_range pandas.to_datetime pandas.concat pandas.merge pandas.cut pandas.get_dummies
    pandas.DataFrame.from_dict pandas.DataFrame.fillna pandas.DataFrame.groupby pandas.DataFrame.rolling
    pandas.tseries.offsets.BusinessDay pandas.DataFrame.sort_values pandas.core.groupby.DataFrameGroupBy.mean
    polars.read_csv polars.read_parquet polars.scan_parquet polars.scan_csv polars.read_json polars.DataFrame
    polars.Series polars.col polars.lit polars.Datetime polars.Enum polars.List polars.concat
    polars.read_excel
    polars.GPUEngine polars.Schema polars.LazyFrame.collect polars.when
    numpy.array numpy.linspace numpy.random.default_rng numpy.loadtxt numpy.mean numpy.log1p numpy.dtype
    numpy.genfromtxt numpy.random.Generator.normal
    scipy.stats.norm scipy.stats.uniform scipy.stats.randint scipy.stats.gaussian_kde scipy.optimize.minimize
    scipy.sparse.csr_matrix scipy.interpolate.interp1d scipy.signal.butter scipy.spatial.KDTree
    sklearn.pipeline.Pipeline sklearn.pipeline.make_pipeline sklearn.compose.ColumnTransformer
    sklearn.preprocessing.FunctionTransformer sklearn.model_selection.cross_val_score
    sklearn.model_selection.train_test_split sklearn.metrics.make_scorer sklearn.metrics.f1_score
    sklearn.datasets.make_classification sklearn.datasets.load_iris sklearn.base.clone joblib.Memory
    sklearn.feature_extraction.text.TfidfVectorizer sklearn.ensemble.StackingClassifier
    networkx.DiGraph networkx.read_edgelist networkx.shortest_path matplotlib.figure.Figure
    matplotlib.pyplot.figure matplotlib.pyplot.subplots matplotlib.colors.LinearSegmentedColormap
    omegaconf.OmegaConf.create fsspec.filesystem pyarrow.parquet.read_table pyarrow.schema pyarrow.table
    pyarrow.dataset.dataset kedro.io.MemoryDataset kedro_datasets.pandas.CSVDataset sqlalchemy.create_engine
    sqlalchemy.text sqlalchemy.Integer requests.Session boto3.client pydantic.SecretStr rich.table.Table
    collections.OrderedDict collections.Counter datetime.timedelta datetime.datetime.fromisoformat
    decimal.Decimal fractions.Fraction functools.partial itertools.chain json.loads logging.Formatter
    logging.StreamHandler math.sqrt operator.itemgetter pathlib.Path pathlib.Path.read_text random.Random
    re.compile statistics.mean string.Template uuid.UUID zoneinfo.ZoneInfo types.SimpleNamespace csv.reader
    hashlib.sha256 base64.b64decode urllib.parse.urlparse ast.literal_eval textwrap.dedent
""")


@pytest.mark.parametrize("path", [path for paths in REFUSED.values() for path in _split(paths)])
def test_what_does_harm_through_a_library_is_refused(path: str) -> None:
    """By the path that a user would write, whether a row names it or its code shows it."""
    try:
        importlib.import_module(path.split(".", maxsplit=1)[0])
    except ImportError:
        pytest.skip("not installed")
    with pytest.raises(RefusedTargetError):
        instantiate({"object": path, "instantiate": False})


@pytest.mark.parametrize("path", LET_THROUGH)
def test_what_people_declare_is_let_through(path: str) -> None:
    """Loaders, models, transformers, types and plain functions."""
    assert instantiate({"object": path, "instantiate": False}) is not None


def test_no_public_function_of_scientific_libraries_is_refused() -> None:
    """The net is not too wide: of some thousand names, none that computes is refused."""
    names = "sklearn.metrics sklearn.preprocessing sklearn.model_selection scipy.stats numpy.linalg"
    functions = {
        f"{module}.{name}": value
        for module in _split(names)
        for name, value in vars(importlib.import_module(module)).items()
        if callable(value) and not name.startswith("_")
    }
    assert len(functions) > 400
    assert [name for name, value in functions.items() if find_refusal(value) is not None] == []


class _Payload:
    """A pickle of this runs a command when it is loaded."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


def test_no_attack_by_parameters_alone_succeeds(tmp_path: Path) -> None:
    """Pickles as text, commands as arguments, and callables that another target would call."""
    marker = tmp_path / "marker"
    encoded = base64.b64encode(pickle.dumps(_Payload(marker))).decode()
    decoded = {"object": "base64.b64decode", "args": [encoded]}
    loads = "pandas.compat.pickle_compat.loads"
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    for block in (
        {"object": loads, "args": [decoded]},
        {"object": "sqlalchemy.ext.serializer.loads", "args": [decoded]},
        {"object": "builtins.max", "args": [[decoded]], "key": {"object": loads, "instantiate": False}},
        {"object": "imaplib.IMAP4_stream", "args": [f"mkdir {marker}"]},
        {"object": "dynaconf.vendor.click.edit", "args": ["x"], "editor": f"mkdir {marker} #"},
        {"object": "pandas.show_versions", "as_json": str(kept)},
        {"object": "pandas.io.common.get_handle", "args": [str(kept), "w"]},
        {"object": "joblib.compressor.BinaryZlibFile", "args": [str(kept), "wb"]},
        {"object": "fsspec.implementations.zip.ZipFileSystem", "args": [str(kept)], "mode": "w"},
        {"object": "scipy.io.FortranFile", "args": [str(kept), "w"]},
        {"object": "kedro.io.DataCatalog.from_config", "args": [{"a": {"type": "pickle.PickleDataset"}}]},
    ):
        with pytest.raises(RefusedTargetError):
            instantiate(block)
    assert not marker.exists()
    assert kept.read_text() == "kept"

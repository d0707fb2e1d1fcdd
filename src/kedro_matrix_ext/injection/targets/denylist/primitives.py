"""What the reader of code looks for: functions that do harm, and the libraries whose code is read."""

from __future__ import annotations

from types import MappingProxyType

from kedro_matrix_ext.injection.targets.denylist.rows import DELETE, ENDS, EVAL, NATIVE, PICKLE, PROCESS

__all__ = ["HARMLESS", "IMPORTS", "LIBRARIES", "METHODS", "OPENERS", "OPENS", "PRIMITIVES", "WRITES"]


def _split(names: str) -> frozenset[str]:
    return frozenset(names.split())


IMPORTS = "imports a module by name"
"""Libraries import their optional parts so: it counts where the name is the caller's."""
WRITES, OPENS = "open for writing", "open with a mode that is given"
"""How a file is opened: a constant mode that writes counts anywhere, a variable one in the target alone."""

_BY_REASON = MappingProxyType(
    {
        PROCESS: (
            "os.system os.popen os.fork os.posix_spawn os.posix_spawnp os.spawnl os.spawnv os.spawnve "
            "os.spawnvp os.execl os.execv os.execve os.execvp os.execvpe subprocess.run subprocess.call "
            "subprocess.check_call subprocess.check_output subprocess.Popen subprocess.getoutput "
            "subprocess.getstatusoutput pty.spawn pty.fork webbrowser.open asyncio.create_subprocess_exec "
            "asyncio.create_subprocess_shell "
        ),
        ENDS: "os._exit os.abort os.kill os.killpg",
        EVAL: (
            "builtins.exec builtins.eval builtins.compile runpy.run_path runpy.run_module code.interact "
            "code.InteractiveConsole timeit.timeit "
        ),
        IMPORTS: (
            "builtins.__import__ importlib.import_module importlib.reload "
            "importlib.util.spec_from_file_location importlib.util.module_from_spec "
            "importlib.machinery.SourceFileLoader pkgutil.resolve_name pydoc.locate "
        ),
        PICKLE: (
            "pickle.load pickle.loads pickle.Unpickler pickle._Unpickler pickle._load pickle._loads "
            "marshal.load marshal.loads shelve.open joblib.load cloudpickle.load cloudpickle.loads "
            "dill.load dill.loads dill.Unpickler yaml.load yaml.load_all yaml.unsafe_load yaml.full_load "
        ),
        DELETE: (
            "os.remove os.unlink os.rmdir os.removedirs os.rename os.renames os.replace os.truncate os.link "
            "os.symlink os.chmod os.chown shutil.rmtree shutil.move shutil.copyfile shutil.copy shutil.copy2 "
            "shutil.copytree shutil.unpack_archive shutil.copyfileobj urllib.request.urlretrieve "
        ),
        NATIVE: "ctypes.CDLL ctypes.PyDLL ctypes.cdll",
    }
)
METHODS = MappingProxyType(
    {"exec_module": EVAL}
    | dict.fromkeys(
        _split(
            "rmtree unlink write_text write_bytes symlink_to hardlink_to to_csv to_excel to_feather to_hdf "
            "to_orc to_parquet to_pickle to_stata write_csv write_parquet sink_csv sink_parquet savefig "
            "tofile"
        ),
        DELETE,
    )
)
"""Methods that count by their names, on objects of which only the name is known."""
OPENERS = _split(
    "builtins.open io.open io.FileIO _io.open _io.FileIO codecs.open gzip.open gzip.GzipFile bz2.open "
    "bz2.BZ2File lzma.open "
    "lzma.LZMAFile tarfile.open tarfile.TarFile zipfile.ZipFile os.fdopen fsspec.open "
    "pandas.io.common.get_handle smart_open.open "
)
"""Functions that open files, by the mode that is given."""
PRIMITIVES = MappingProxyType(
    {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
    | METHODS
    | {WRITES: DELETE, OPENS: DELETE}
)
"""What counts, by name, and what it does."""
HARMLESS = frozenset(
    (
        "ast.parse",
        "fsspec.registry.get_filesystem_class",  # of known names
        "yaml.safe_load",
        "yaml.safe_load_all",
        "collections.namedtuple",
        "re._compile",
        "enum.property",
        "omegaconf.omegaconf.OmegaConf._create_impl",  # with a safe loader
        "typing.ForwardRef.__init__",
        "inspect._signature_fromstr",  # of functions in C
        "inspect.get_annotations",
        "pickle._Pickler.save_global",
        "scipy.stats._distn_infrastructure.rv_generic._attach_argparser_methods",  # checks its text
        "matplotlib.pyplot.figure",  # imports what its settings name
        "polars.lazyframe.engine._LocalEngine.__init__",
    )
)
"""Functions that refer to what does harm, and do none."""
LIBRARIES = _split(
    "_pytest _yaml accelerate aiobotocore aiohttp aiosqlite airflow alembic altair annoy antlr4 anyio "
    "appdirs apscheduler arrow arviz astropy asttokens asyncpg attr attrs azure babel backrefs bentoml "
    "binaryornot blinker bokeh boto3 botocore botorch bs4 cachecontrol cached_property cachetools "
    "casadi catboost category_encoders cattrs causalml celery certifi cffi cfnlint charset_normalizer "
    "clearml click clickhouse_connect cloudpathlib cloudpickle comet_ml compress_pickle confection "
    "contourpy cookiecutter coverage cryptography cupy cvxpy cycler dacite dagshub dagster darts dash "
    "dask databricks databricks_sdk datasets dateutil decorator delta deltalake diffusers dill "
    "distributed django docker docutils dotenv dowhy dramatiq duckdb dvc dynaconf econml einops eli5 "
    "et_xmlfile evaluate execnet executing fabric faiss faker fastai fastapi fastavro feather "
    "feature_engine featuretools fiona flask flask_cors folium fontTools fsspec gcsfs gensim geopandas "
    "git gitdb google gpytorch graphene graphql graphviz great_expectations great_tables griffe grimp "
    "gunicorn gurobipy h5py hdbscan hnswlib holoviews html5lib httpx huey huggingface_hub hvplot hydra "
    "hyperopt hypothesis ibis ibis_framework idna imageio imblearn importlib_metadata "
    "importlib_resources invoke ipykernel IPython itsdangerous jax jedi jinja2 jmespath joblib joserfc "
    "jsonpatch jsonpath_ng jsonpointer jsonschema jupyter_client jupyter_core kedro kedro_datasets "
    "kedro_datasets_experimental kedro_telemetry keras kiwisolver kombu kubernetes langchain "
    "langchain_core lazy_loader lazy_object_proxy lightfm lightgbm lightning lightning_fabric "
    "llama_index luigi lxml lz4 mako markdown markdown_it markupsafe marshmallow matplotlib "
    "matplotlib_inline mechanize mergedeep metaflow mkdocs mkdocstrings mlflow mlxtend more_itertools "
    "moto mpl_toolkits mpmath msgpack multidict mypy mysql MySQLdb narwhals natsort nbconvert nbformat "
    "networkx nevergrad ninja nltk notebook numba numexpr numpy numpyro oauthlib odf omegaconf onnx "
    "onnxruntime openai openapi_schema_validator openapi_spec_validator openml openpyxl opentelemetry "
    "optuna orjson ortools osqp packaging pandas pandera paramiko parse parso pathable pathspec patsy "
    "peewee peft pexpect PIL pip pkg_resources pkginfo platformdirs playwright plotly plotnine pluggy "
    "plumbum pmdarima polars prefect prettytable prometheus_client prompt_toolkit propcache prophet "
    "psutil psycopg2 ptyprocess pulp pure_eval py4j pyarrow pyasn1 pycparser pydantic pydantic_settings "
    "pyecharts pygments pylab pymc pymdownx pymongo pymysql pyodbc pyomo pyparsing pyproj "
    "pyproject_hooks pyro pysftp pyspark pytest pytorch_lightning pytz pyxlsb pyzmq rasterio ray redis "
    "referencing regex requests requests_oauthlib responses rfc3339_validator rich rpds rpy2 ruamel "
    "s3fs s3path s3transfer safetensors scipy scrapy seaborn selenium sentencepiece setuptools sh shap "
    "shapely simplejson six skimage sklearn skops skopt sktime slugify smart_open smmap snowflake "
    "sortedcontainers spacy sqlalchemy sqlglot sqlmodel sqlparse srsly stack_data starlette statsmodels "
    "streamlit sympy tables tabulate tenacity tensorboard tensorflow text_unidecode tf_keras thinc "
    "threadpoolctl tiktoken timm tldextract tokenizers toml tomli_w tomlkit toolz toposort torch "
    "torchaudio torchmetrics torchvision tornado tqdm traitlets transformers tree trino tsfresh tslearn "
    "twisted typer typing_extensions typing_inspection tzdata ujson umap urllib3 uvicorn uvloop "
    "virtualenv wandb watchdog wcmatch wcwidth webencodings websocket websockets werkzeug wheel wrapt "
    "xarray xdist xgboost xlrd xlsxwriter xmltodict yaml yarl ydata_profiling yellowbrick zarr zipp zmq "
)
"""The libraries whose functions are read, besides the standard library."""

"""Which refused functions the code of a library's function refers to by name.

A library's function that deletes a folder or runs a program refers to ``shutil.rmtree`` or
``subprocess.run`` in its own code. Reading its bytecode finds many more of them than any table names. Only
the standard library and well-known libraries are read this way: what a project's own functions do is the
project's decision.
"""

from __future__ import annotations

import builtins
import dis
import sys
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._import_path import find_loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_reference", "is_library"]


def _split(names: str) -> frozenset[str]:
    return frozenset(names.split())


_REASONS = MappingProxyType(
    {
        "starts a process": (
            "os.system os.popen os.fork os.posix_spawn os.posix_spawnp os.spawnl os.spawnv os.spawnve "
            "os.spawnvp os.execl os.execv os.execve os.execvp os.execvpe subprocess.run subprocess.call "
            "subprocess.check_call subprocess.check_output subprocess.Popen subprocess.getoutput "
            "subprocess.getstatusoutput pty.spawn webbrowser.open asyncio.create_subprocess_exec "
            "asyncio.create_subprocess_shell "
        ),
        "ends a process": "os._exit os.abort os.kill os.killpg",
        "runs code given as text or bytes": (
            "builtins.exec builtins.eval builtins.compile runpy.run_path runpy.run_module code.interact "
            "code.InteractiveConsole timeit.timeit "
        ),
        "imports a module by name": (
            "builtins.__import__ importlib.import_module importlib.reload "
            "importlib.util.spec_from_file_location importlib.util.module_from_spec "
            "importlib.machinery.SourceFileLoader pkgutil.resolve_name pydoc.locate "
        ),
        "runs code that a pickle holds": (
            "pickle.load pickle.loads pickle.Unpickler marshal.load marshal.loads shelve.open joblib.load "
            "cloudpickle.load cloudpickle.loads dill.load dill.loads yaml.load yaml.load_all "
            "yaml.unsafe_load yaml.full_load "
        ),
        "deletes, moves or overwrites files": (
            "os.remove os.unlink os.rmdir os.removedirs os.rename os.renames os.replace os.truncate "
            "os.symlink os.chmod os.chown shutil.rmtree shutil.move shutil.copyfile shutil.copy shutil.copy2 "
            "shutil.copytree shutil.unpack_archive shutil.copyfileobj urllib.request.urlretrieve "
        ),
        "loads or calls native code": "ctypes.CDLL ctypes.PyDLL ctypes.cdll",
    }
)
_METHODS = frozenset({"exec_module", "rmtree", "unlink", "write_text", "write_bytes"})
_DELETES = "deletes, moves or overwrites files"
_BY_NAME = MappingProxyType(
    {name: reason for reason, names in _REASONS.items() for name in names.split()}
    | dict.fromkeys(_METHODS - {"exec_module"}, _DELETES)
    | {"exec_module": "runs code given as text or bytes"}
)
# The libraries whose functions are read, besides the standard library.
_LIBRARIES = _split(
    "_pytest _yaml aiobotocore aiohttp airflow alembic altair antlr4 anyio arviz astropy attr attrs "
    "azure bokeh boto3 botocore bs4 cachecontrol cachetools catboost cattrs certifi cffi "
    "charset_normalizer click cloudpickle cookiecutter cryptography cupy dask databricks "
    "databricks_sdk datasets dateutil delta deltalake diffusers dill distributed django docker "
    "docutils dotenv duckdb evaluate fabric faker fastapi fastavro feather flask fsspec gcsfs gensim "
    "geopandas git gitdb google graphene graphviz great_expectations gunicorn h5py html5lib httpx "
    "huggingface_hub hydra hyperopt hypothesis ibis idna imageio imblearn invoke ipykernel IPython jax "
    "jinja2 jmespath joblib jsonschema jupyter_client jupyter_core kedro kedro_datasets keras kombu "
    "kubernetes lightgbm lightning lxml mako markdown markupsafe marshmallow matplotlib mlflow "
    "more_itertools moto msgpack mypy nbconvert nbformat networkx ninja nltk notebook numba numexpr "
    "numpy omegaconf onnx onnxruntime openai openpyxl opentelemetry optuna orjson packaging pandas "
    "paramiko parse patsy peewee pexpect PIL pip pkg_resources plotly pluggy plumbum polars prefect "
    "prometheus_client prophet psutil psycopg2 py4j pyarrow pycparser pydantic pygments pymongo "
    "pyspark pytest pytorch_lightning pytz pyzmq ray redis requests responses rich rpy2 ruamel s3fs "
    "s3transfer scipy seaborn sentencepiece setuptools sh shap simplejson six skimage sklearn skops "
    "smart_open smmap sqlalchemy sqlglot sqlmodel sqlparse starlette statsmodels streamlit sympy "
    "tables tabulate tenacity tensorboard tensorflow tf_keras threadpoolctl tokenizers toml tomlkit "
    "toolz toposort torch torchvision tornado tqdm traitlets transformers tree twisted typer tzdata "
    "ujson urllib3 uvicorn uvloop virtualenv wandb watchdog webencodings websocket websockets werkzeug "
    "wheel wrapt xarray xgboost xmltodict yaml zarr zmq"
)
_DEPTH = 2  # how many functions a library calls one from another to get there
_HARMLESS = ("yaml.safe_load", "yaml.safe_load_all", "collections.namedtuple", "re._compile", "enum.property")
_IMPORTS = "imports a module by name"  # libraries import their optional parts so: counts in the target alone
_CONSTRUCTORS = ("__init__", "__new__", "__post_init__")


def is_library(module: str) -> bool:
    """Return whether a module belongs to the standard library or to a well-known library.

    Examples:
        >>> is_library("pandas.io.common"), is_library("shop.nodes")
        (True, False)
    """
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in _LIBRARIES


def find_reference(target: object) -> tuple[str, str] | None:
    """Find a refused function that calling a library's function or class refers to.

    Args:
        target: A function, or a class, whose constructor is read.

    Returns:
        Its name and what it does; None for other objects, other modules, and if there is none.

    Examples:
        >>> import statistics, tabnanny
        >>> find_reference(statistics.mean) is None
        True
    """
    known = {id(found): name for name in _BY_NAME if (found := find_loaded(name)) is not None}
    pending = [(function, _DEPTH) for function in _constructors(target)]
    seen: set[int] = set()
    while pending:
        function, depth = pending.pop(0)
        if id(function) in seen or not is_library(function.__module__ or "") or _is_harmless(function):
            continue
        seen.add(id(function))
        for found in _Reader(function.__globals__).read(function.__code__):
            name = found if isinstance(found, str) else known.get(id(found), "")
            reason = _BY_NAME.get(name)
            if reason is not None and (reason != _IMPORTS or depth == _DEPTH):
                return name, reason
            if depth and isinstance(found, FunctionType):
                pending.append((found, depth - 1))
    return None


def _is_harmless(function: FunctionType) -> bool:
    return f"{function.__module__}.{function.__qualname__}" in _HARMLESS


def _constructors(target: object) -> list[FunctionType]:
    found = [vars(target).get(name) for name in _CONSTRUCTORS] if isinstance(target, type) else [target]
    return [function for function in found if isinstance(function, FunctionType)]


class _Reader:
    """Follows the names of a function's code to the objects that they refer to.

    Args:
        names: The globals of the function.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self._globals = names
        self._imported: dict[str, object] = {}  # local name -> a module's name, or an object

    def read(self, code: CodeType) -> Iterator[object]:
        """List what code refers to: objects, and dotted names of what it imports itself."""
        current: object = None
        for step in dis.get_instructions(code):
            name = str(step.argval)
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                current = self._imported.get(name) or self._globals.get(name, vars(builtins).get(name))
            elif step.opname.startswith(("LOAD_FAST", "LOAD_DEREF")):
                current = self._imported.get(name)
            elif step.opname == "IMPORT_NAME":
                current = name
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"):
                current = name if name in _METHODS and current is None else _attribute(current, name)
            elif step.opname.startswith("STORE_") and current is not None:
                self._imported[name] = current
                continue
            else:
                continue
            if current is not None:
                yield current
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from self.read(constant)


def _attribute(current: object, name: str) -> object:
    """Return an attribute of a module, or of one that is only named; None for anything else."""
    if isinstance(current, str):
        loaded = find_loaded(f"{current}.{name}")
        return f"{current}.{name}" if loaded is None else loaded
    return vars(current).get(name) if isinstance(current, ModuleType) else None

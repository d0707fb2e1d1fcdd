"""Read Spark options from ``spark.yml``, and write them as PySpark takes them; without pyspark."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Locate = Callable[[Sequence[object]], tuple[str | None, int | None]]

__all__ = [
    "SparkOptions",
    "find_mistakes",
    "join_submit_arguments",
    "parse_spark_options",
    "split_submit_arguments",
]

_TIMEOUT = "spark.remote.timeout"  # ours: Spark has no such option
_DEFAULT_TIMEOUT = 5.0

_SHELL = "pyspark-shell"


@dataclass(frozen=True)
class SparkOptions:
    """The content of ``spark.yml``.

    Attributes:
        options: Spark options as text, ``spark.remote`` among them.
        timeout: How long to wait for a Spark Connect server, in seconds.
    """

    options: dict[str, str]
    timeout: float = _DEFAULT_TIMEOUT


def parse_spark_options(config: Mapping[str, Any], *, locate: Locate | None = None) -> SparkOptions:
    """Turn the content of ``spark.yml`` into options as Spark writes them.

    Options that are null are left out, so that an environment can undo what it inherits.

    Raises:
        HookError: If names or values are not what Spark takes; all of them in one error, with file and line.

    Examples:
        >>> parse_spark_options({"spark.ui.enabled": False, "spark.jars": None}).options
        {'spark.ui.enabled': 'false'}
    """
    mistakes = [f"  {_place(name, locate)}: {mistake}" for name, mistake in find_mistakes(config)]
    if mistakes:
        raise HookError("spark.yml cannot be used:\n" + "\n".join(mistakes), config_path="spark")
    given = {name: value for name, value in config.items() if value is not None}
    timeout = float(given.pop(_TIMEOUT, _DEFAULT_TIMEOUT))
    return SparkOptions({name: _spell(value) for name, value in given.items()}, timeout)


def find_mistakes(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each option that Spark would not take, with the reason.

    Examples:
        >>> list(find_mistakes({"spark.ui.enabled": "maybe"}))
        [('spark.ui.enabled', "'maybe' is not true or false")]
    """
    for name, value in config.items():
        for mistake in _mistakes(name, value):
            yield name, mistake


def join_submit_arguments(options: Mapping[str, str], others: str | None) -> str:
    """Return options as the environment variable ``PYSPARK_SUBMIT_ARGS`` takes them.

    PySpark starts its JVM with these arguments, whoever asks for a session first (``launch_gateway`` in
    PySpark's ``java_gateway.py``). The later of two values for one option wins, so ``others`` go last.

    Examples:
        >>> join_submit_arguments({"spark.app.name": "my shop"}, None)
        "--conf 'spark.app.name=my shop' pyspark-shell"
    """
    ours = " ".join(f"--conf {shlex.quote(f'{name}={value}')}" for name, value in options.items())
    return f"{ours} {others or _SHELL}".strip()


def split_submit_arguments(arguments: str) -> dict[str, str]:
    """Read the options back that ``join_submit_arguments`` wrote.

    Examples:
        >>> split_submit_arguments("--conf 'spark.app.name=my shop' --master local pyspark-shell")
        {'spark.app.name': 'my shop'}
    """
    words = shlex.split(arguments)
    pairs = [value.partition("=") for word, value in pairwise(words) if word == "--conf"]
    return {name: value for name, _, value in pairs}


def _place(name: object, locate: Locate | None) -> str:
    place = render_config_path("spark", [name])
    file, line = locate((name,)) if locate else (None, None)
    return f"{place} ({file}:{line})" if file else place


def _mistakes(name: object, value: object) -> Iterator[str]:
    if name == "spark" and isinstance(value, dict):
        yield f"options are not nested; write each in one line, as '{_first_option(name, value)}: <value>'"
    elif not isinstance(name, str) or not name.startswith("spark."):
        yield f"{name!r} is not a Spark option; Hadoop's own go under 'spark.hadoop.{name}'"
    elif not isinstance(value, (str, int, float, type(None))):
        yield f"a {type(value).__name__} is not a value; write '{name}.<option>: <value>' in one line"
    elif value is not None:
        yield from (
            f"{'the value' if form.may_hold_token else repr(value)} is not {form.meaning}"
            for form in _FORMS
            if form.applies(name) and not form.fits(value)
        )


def _first_option(name: str, value: object) -> str:
    """Return the name of the first of nested options as Spark writes it."""
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        name = f"{name}.{key}"
    return name


@dataclass(frozen=True)
class _Form:
    """The form of the values of some options, as Spark's documentation of its configuration has it."""

    names: re.Pattern[str]
    values: re.Pattern[str]
    meaning: str
    may_hold_token: bool = False

    def applies(self, name: str) -> bool:
        return self.names.fullmatch(name) is not None

    def fits(self, value: object) -> bool:
        return self.values.fullmatch(_spell(value).strip()) is not None


_SIZES = (
    r"spark\.(driver|executor)\.(memory|memoryOverhead)|spark\.driver\.maxResultSize|spark\.memory\.offHeap\.size"
    r"|spark\.executor\.pyspark\.memory|spark\.kryoserializer\.buffer(\.max)?|spark\.sql\.files\.maxPartitionBytes"
    r"|spark\.sql\.adaptive\.advisoryPartitionSizeInBytes"
)
_NUMBERS = (
    r"spark\.(driver|executor|task)\.cores|spark\.task\.cpus|spark\.executor\.instances|spark\.cores\.max"
    r"|spark\.default\.parallelism|spark\.sql\.shuffle\.partitions"
    r"|spark\.dynamicAllocation\.(min|max|initial)Executors"
)
_FORMS = (
    _Form(
        re.compile(_SIZES),
        re.compile(r"\d+(k|m|g|t|p)?b?", re.IGNORECASE),
        "a size; write a whole number and a unit, as '2g' or '512m'",
    ),
    _Form(re.compile(_NUMBERS), re.compile(r"\d+"), "a whole number"),
    _Form(
        re.compile(r"spark\.(?!hadoop\.).+\.enabled"),
        re.compile(r"true|false", re.IGNORECASE),
        "true or false",
    ),
    _Form(
        re.compile(r"spark\.remote"),
        re.compile(r"sc://.+"),
        "an address as 'sc://host:15002'",
        may_hold_token=True,
    ),
    _Form(re.compile(re.escape(_TIMEOUT)), re.compile(r"(?=.*[1-9])\d+(\.\d+)?"), "a number of seconds"),
)


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

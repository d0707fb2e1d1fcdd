"""Spark options as ``spark.yml`` gives them, and as PySpark takes them; nothing here imports pyspark."""

from __future__ import annotations

import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["join_submit_arguments", "parse_spark_options", "split_submit_arguments"]

_SHELL = "pyspark-shell"


def parse_spark_options(config: Mapping[str, Any]) -> dict[str, str]:
    """Turn the content of ``spark.yml`` into options as Spark spells them.

    Raises:
        HookError: If names or values are not what Spark takes; all of them in one error.

    Examples:
        >>> parse_spark_options({"spark.ui.enabled": False, "spark.executor.cores": 8, "spark.jars": None})
        {'spark.ui.enabled': 'false', 'spark.executor.cores': '8'}
    """
    mistakes = [mistake for name, value in config.items() for mistake in _mistakes(name, value)]
    if mistakes:
        raise HookError("spark.yml cannot be used:\n" + "\n".join(mistakes), config_path="spark")
    return {name: _spell(value) for name, value in config.items() if value is not None}


def join_submit_arguments(options: Mapping[str, str], others: str | None) -> str:
    """Write options as the environment variable ``PYSPARK_SUBMIT_ARGS`` takes them.

    PySpark starts its JVM with these arguments, whoever asks for a session first. See ``launch_gateway`` in
    PySpark's ``java_gateway.py``; of two values for one option the later wins.

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


def _mistakes(name: object, value: object) -> Iterator[str]:
    place = render_config_path("spark", [name])
    if not isinstance(name, str) or not name.startswith("spark."):
        yield f"  {place}: {name!r} is not a Spark option; Hadoop's own go under 'spark.hadoop.{name}'"
    elif name == "spark.remote":
        yield f"  {place}: a Spark Connect server is chosen by the environment variable SPARK_REMOTE"
    elif not isinstance(value, (str, int, float, type(None))):
        kind = type(value).__name__
        yield f"  {place}: a {kind} is not a value; write '{name}.<option>: <value>' in one line"


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

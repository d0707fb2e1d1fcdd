"""The JVM that PySpark starts in this process, and its session.

PySpark has no public way to ask whether its JVM or a session runs without starting them, so two attributes of
``SparkContext`` are read that have existed since Spark 1: ``_gateway`` and ``_active_spark_context``.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.hooks.spark.options import join_submit_arguments, split_submit_arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["has_jvm_session", "offer_options", "stop_jvm_session"]

_SUBMIT_VARIABLE = "PYSPARK_SUBMIT_ARGS"
_OURS_VARIABLE = "KEDRO_MATRIX_SPARK_SUBMIT_ARGS"  # what we added, so that the next session can undo it
_SHELL_DEFAULTS = {"spark.master": "local[*]", "spark.app.name": "pyspark-shell"}  # as spark-submit sets them
_FIXED_AT_JVM_START = (
    "spark.driver.memory",
    "spark.driver.extra",
    "spark.driver.defaultJavaOptions",
    "spark.jars.",
)


def has_jvm_session() -> bool:
    """Return whether a Spark session runs in this process, without importing or starting anything."""
    context_class = _context_class()
    return context_class is not None and context_class._active_spark_context is not None  # noqa: SLF001  see above


def stop_jvm_session() -> None:
    """Stop the running session, if there is one; its JVM stays until the process ends."""
    if has_jvm_session():
        from pyspark.sql import SparkSession

        SparkSession.builder.getOrCreate().stop()


def offer_options(options: Mapping[str, str]) -> dict[str, tuple[str, str | None]]:
    """Make these the options of the session that this process starts next, whoever starts it.

    If no JVM runs yet, nothing is imported or started: PySpark reads an environment variable when it starts
    one. In a running JVM, system properties are set, from which a new session takes its options. In a running
    session, the options that can change are changed.

    Returns the options that cannot take effect on what already runs: wanted and present value by name.
    """
    before = split_submit_arguments(os.environ.get(_OURS_VARIABLE, ""))
    if not options and not before:
        return {}
    _set_submit_variable(options)
    if not _jvm_runs():
        return {}
    wanted = {**{name: _SHELL_DEFAULTS.get(name) for name in before}, **options}
    fixed = {name for name in wanted if name.startswith(_FIXED_AT_JVM_START)}
    _write_properties({name: value for name, value in wanted.items() if name not in fixed})
    if has_jvm_session():
        return _reconfigure_session(options)
    return _unmet({name: options[name] for name in options if name in fixed}, _system().getProperty)


def _set_submit_variable(options: Mapping[str, str]) -> None:
    present = os.environ.get(_SUBMIT_VARIABLE, "").removeprefix(os.environ.get(_OURS_VARIABLE, "")).strip()
    ours = join_submit_arguments(options, "pyspark-shell").removesuffix("pyspark-shell").strip()
    os.environ[_OURS_VARIABLE] = ours
    os.environ[_SUBMIT_VARIABLE] = join_submit_arguments(options, present)


def _reconfigure_session(options: Mapping[str, str]) -> dict[str, tuple[str, str | None]]:
    from pyspark.sql import SparkSession

    conf = SparkSession.builder.getOrCreate().conf
    differing = _unmet(options, lambda name: conf.get(name, None))
    changeable = [name for name in differing if conf.isModifiable(name)]
    for name in changeable:
        conf.set(name, options[name])
    return {name: values for name, values in differing.items() if name not in changeable}


def _unmet(
    options: Mapping[str, str], read: Callable[[str], str | None]
) -> dict[str, tuple[str, str | None]]:
    present = {name: read(name) for name in options}
    return {name: (value, present[name]) for name, value in options.items() if present[name] != value}


def _write_properties(options: Mapping[str, str | None]) -> None:
    system = _system()
    for name, value in options.items():
        if value is None:
            system.clearProperty(name)
        else:
            system.setProperty(name, value)


def _system() -> Any:
    from pyspark import SparkContext

    context_class: Any = SparkContext
    context_class._ensure_initialized()  # noqa: SLF001  connects where a launcher has started the JVM
    return context_class._jvm.java.lang.System  # noqa: SLF001  setSystemProperty can set but not clear


def _jvm_runs() -> bool:
    context_class = _context_class()
    started_here = context_class is not None and context_class._gateway is not None  # noqa: SLF001  see above
    return started_here or "PYSPARK_GATEWAY_PORT" in os.environ


def _context_class() -> Any:
    return getattr(sys.modules.get("pyspark"), "SparkContext", None)

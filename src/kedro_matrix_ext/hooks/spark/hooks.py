"""A Spark session for the runs that use Spark, configured by ``spark.yml`` of the environment."""

from __future__ import annotations

import logging
import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kedro_matrix_ext.hooks.hook_config import locate_hook_config, read_hook_config
from kedro_matrix_ext.hooks.spark.connect import (
    check_server,
    choose_server,
    connect_session,
    ignored_options,
    offer_server,
)
from kedro_matrix_ext.hooks.spark.jvm import has_jvm_session, offer_options, stop_jvm_session
from kedro_matrix_ext.hooks.spark.options import parse_spark_options

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline.node import Node

__all__ = ["SparkHooks"]

logger = logging.getLogger(__name__)


class SparkHooks:
    """Give every Spark session of the project the options in ``spark.yml``, and end what a run started.

    The hook starts no session. It writes the options where PySpark looks when it starts its JVM or connects
    to a server, so the first Spark dataset that is loaded or saved, or the first
    ``SparkSession.builder.getOrCreate()`` in a node or a notebook, starts the one session with them. A run
    without Spark never imports it.

    Examples:
        >>> hooks = SparkHooks()
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = 0
        self._session_is_foreign = False
        self._server: str | None = None
        self._timeout = 0.0

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Read ``spark.yml`` and offer its options to the next session."""
        loader = context.config_loader
        config = read_hook_config(loader, "spark")
        parsed = parse_spark_options(config, locate=locate_hook_config(loader, "spark"))
        self._server, self._timeout = choose_server(parsed.options), parsed.timeout
        offer_server(self._server, parsed.options)
        if self._server is None:
            _warn_of_unmet(offer_options(parsed.options))
            return
        ignored = ignored_options(parsed.options)
        if ignored:
            logger.warning(
                "Spark Connect does not take these options of spark.yml; set them on the server: %s",
                ", ".join(ignored),
            )

    @hook_impl
    def before_pipeline_run(self) -> None:
        """Note whether another session runs already."""
        with self._lock:
            if not self._runs:
                self._session_is_foreign = _has_session()
            self._runs += 1

    @hook_impl
    def before_node_run(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Check that the Spark Connect server listens, if the node uses Spark."""
        if self._server is not None and _uses_spark(node, catalog):
            check_server(self._server, self._timeout)

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Stop the session that the run started."""
        self._end_run()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Stop the session that the failed run started."""
        self._end_run()

    def _end_run(self) -> None:
        with self._lock:
            self._runs -= 1
            if not self._runs and not self._session_is_foreign:
                stop_jvm_session()
                session = connect_session()
                if session is not None:
                    session.stop()


def _has_session() -> bool:
    return has_jvm_session() or connect_session() is not None


def _warn_of_unmet(unmet: dict[str, tuple[str, str | None]]) -> None:
    if unmet:
        listed = "".join(
            f"\n  {name}: wanted {wanted!r}, is {present!r}" for name, (wanted, present) in unmet.items()
        )
        logger.warning("Spark already runs, and these options cannot change any more:%s", listed)


def _uses_spark(node: Node, catalog: CatalogProtocol[Any, Any]) -> bool:
    """Return whether a dataset of a node is one of Spark's, or its function or module imports pyspark."""
    names = {*node.inputs, *node.outputs} & set(catalog.keys())
    classes = [type(catalog.get(name)) for name in names]
    if any("spark" in one.__module__.split(".") or one.__name__.startswith("Spark") for one in classes):
        return True
    module = sys.modules.get(getattr(node.func, "__module__", ""))
    imported = [_origin(value) for value in vars(module).values()] if module else []
    imported += getattr(getattr(node.func, "__code__", None), "co_names", ())
    return any(name.partition(".")[0] == "pyspark" for name in imported)


def _origin(value: object) -> str:
    """Return the name of a module, or of the module of a class or function."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return str(name)

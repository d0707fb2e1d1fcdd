"""A Spark session for the runs that use Spark, configured by ``spark.yml`` of the environment."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from kedro.framework.hooks import hook_impl

from kedro_matrix_ext.hooks.hook_config import read_hook_config
from kedro_matrix_ext.hooks.spark.jvm import has_session, offer_options, stop_session
from kedro_matrix_ext.hooks.spark.options import parse_spark_options

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext

__all__ = ["SparkHooks"]

logger = logging.getLogger(__name__)


class SparkHooks:
    """Give every Spark session of the project the options in ``spark.yml``, and end what a run started.

    No session is started here. The options are laid where PySpark looks when it starts its JVM, so the first
    Spark dataset that is loaded or saved, or the first ``SparkSession.builder.getOrCreate()`` in a node or a
    notebook, starts the one session with them. A run that does without Spark never imports it.

    Examples:
        >>> hooks = SparkHooks()
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = 0
        self._session_is_foreign = False

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Read ``spark.yml`` and offer its options to the session to come."""
        options = parse_spark_options(read_hook_config(context.config_loader, "spark"))
        if options and "SPARK_REMOTE" in os.environ:
            logger.warning(
                "The options in spark.yml have no effect: SPARK_REMOTE names a Spark Connect server,"
                " which has its own."
            )
            return
        unmet = offer_options(options)
        if unmet:
            listed = "".join(
                f"\n  {name}: wanted {wanted!r}, is {present!r}" for name, (wanted, present) in unmet.items()
            )
            logger.warning("Spark already runs, and these options cannot change any more:%s", listed)

    @hook_impl
    def before_pipeline_run(self) -> None:
        """Note whether somebody else's session runs already."""
        with self._lock:
            if not self._runs:
                self._session_is_foreign = has_session()
            self._runs += 1

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
                stop_session()

"""Spark's options, and the session that starts with them: when, how often, and who ends it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.pipeline import Pipeline, node
from tests.kedro_project import KedroProject

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks import SparkHooks
from kedro_matrix_ext.hooks.spark.options import (
    join_submit_arguments,
    parse_spark_options,
    split_submit_arguments,
)

Run = Callable[..., dict[str, Any]]
PIPELINE = Pipeline([node(lambda: 1, None, "x", name="a")])
OURS, SUBMIT = "KEDRO_MATRIX_SPARK_SUBMIT_ARGS", "PYSPARK_SUBMIT_ARGS"


@pytest.fixture(autouse=True)
def _spark_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables are as if no shell had set them, and no other test had started a JVM; all is put back."""
    for name in (OURS, SUBMIT, "SPARK_REMOTE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr("kedro_matrix_ext.hooks.spark.jvm._jvm_runs", lambda: False)


@given(
    st.dictionaries(
        st.from_regex(r"spark\.[a-z.]+", fullmatch=True),
        st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    )
)
def test_options_come_through_the_variable_whole(options: dict[str, str]) -> None:
    """Spaces, quotes, line ends and equals signs in values survive; what was there before stays last."""
    joined = join_submit_arguments(options, "--master local pyspark-shell")
    assert split_submit_arguments(joined) == options
    assert joined.endswith("--master local pyspark-shell")


def test_mistakes_in_spark_yml_are_told_at_once(run_with_hooks: Run) -> None:
    """Unknown options, nested values, a wrong size and address are one error, with line and remedy."""
    conf = {
        "base/spark.yml": """
            fs.s3a.endpoint: http://localhost
            spark.sql: {shuffle.partitions: 4}
            spark.remote: https://server/;token=hidden
            spark.remote.timeout: 0
            spark.driver.memory: lots
        """
    }
    with pytest.raises(HookError, match=r"spark\.yml cannot be used") as raised:
        run_with_hooks([SparkHooks()], PIPELINE, conf=conf)
    text = str(raised.value)
    assert "'spark.hadoop.fs.s3a.endpoint'" in text
    assert "'spark.sql.<option>: <value>'" in text
    assert re.search(r"spark\.yml:\d\): the value is not an address as 'sc://", text)
    assert re.search(r"'spark\.driver\.memory'.*spark\.yml:\d\): 'lots' is not a size", text)
    assert "0 is not a number of seconds" in text
    assert "hidden" not in text


@pytest.mark.parametrize(
    ("option", "what"),
    [
        ("spark.executor.memory: 4 gigs", "'4 gigs' is not a size"),
        ("spark.driver.memory: 1.5g", "'1.5g' is not a size"),
        ("spark.sql.shuffle.partitions: many", "'many' is not a whole number"),
        ("spark.executor.cores: 2.5", "2.5 is not a whole number"),
        ("spark.dynamicAllocation.maxExecutors: ten", "'ten' is not a whole number"),
        ("spark.speculation.enabled: perhaps", "'perhaps' is not true or false"),
        ("spark.sql.execution.arrow.pyspark.enabled: 1", "1 is not true or false"),
        ("spark: {hadoop: {fs.s3a.secret.key: hidden}}", "'spark.hadoop.fs.s3a.secret.key: <value>'"),
    ],
)
def test_a_value_that_spark_would_refuse_is_an_error_before_java_starts(
    run_with_hooks: Run, option: str, what: str
) -> None:
    """With its place; PySpark's variable is not set."""
    conf = {"base/spark.yml": f"spark.app.name: shop\n{option}\n"}
    with pytest.raises(HookError, match=r"spark\.yml:2\)") as raised:
        run_with_hooks([SparkHooks()], PIPELINE, conf=conf)
    assert what in str(raised.value)
    assert "hidden" not in str(raised.value)
    assert SUBMIT not in os.environ


def test_values_as_spark_takes_them_are_kept() -> None:
    """Sizes with and without unit, booleans in any case, and Hadoop's own options, whatever they are."""
    options = {
        "spark.driver.memory": "512mb",
        "spark.executor.memory": "1073741824",
        "spark.sql.adaptive.enabled": "True",
        "spark.hadoop.fs.s3a.x.enabled": "perhaps",
    }
    assert parse_spark_options(options).options == options


def test_options_are_where_pyspark_looks_and_are_replaced_by_the_next_session(run_with_hooks: Run) -> None:
    """The variable that PySpark reads holds them all, before what the user has there; next time, the next."""
    os.environ[SUBMIT] = "--master local[4] pyspark-shell"
    hooks = SparkHooks()
    conf = {"base/spark.yml": "spark.ui.enabled: false\nspark.app.name: my shop"}
    run_with_hooks([hooks], PIPELINE, conf=conf)
    assert os.environ[SUBMIT] == (
        "--conf spark.ui.enabled=false --conf 'spark.app.name=my shop' --master local[4] pyspark-shell"
    )
    run_with_hooks([SparkHooks()], PIPELINE, conf={"base/spark.yml": "spark.ui.enabled: true"})
    assert os.environ[SUBMIT] == "--conf spark.ui.enabled=true --master local[4] pyspark-shell"
    run_with_hooks([SparkHooks()], PIPELINE, conf={"base/spark.yml": "{}"})
    assert os.environ[SUBMIT] == "--master local[4] pyspark-shell"


def test_without_options_no_variable_is_set(run_with_hooks: Run) -> None:
    """A project without spark.yml, and one whose options are all null, leave the process as it is."""
    run_with_hooks([SparkHooks()], PIPELINE)
    run_with_hooks([SparkHooks()], PIPELINE, conf={"base/spark.yml": "spark.jars: null"})
    assert SUBMIT not in os.environ
    assert parse_spark_options({"spark.x": None}).options == {}


PROJECT = {
    "src/shop/settings.py": "from kedro_matrix_ext.hooks import SparkHooks\nHOOKS = (SparkHooks(),)\n",
    "src/shop/pipeline_registry.py": """
        from kedro.pipeline import Pipeline, node
        from shop.nodes import ask, count, fail, plain

        def register_pipelines():
            return {
                "__default__": Pipeline([]),
                "plain": Pipeline([node(plain, None, "number", name="plain")]),
                "spark": Pipeline([
                    *[node(count, f"cars_{i}", f"seen_{i}", name=f"count_{i}") for i in range(3)],
                    node(ask, None, "asked", name="ask"),
                ]),
                "asks": Pipeline([node(ask, None, "asked", name="ask")]),
                "fails": Pipeline([node(fail, "cars_0", "never", name="fail")]),
            }
    """,
    "src/shop/nodes.py": """
        from pathlib import Path

        def plain():
            return 1

        def note(spark):
            names = ["spark.app.name", "spark.master", "spark.sql.shuffle.partitions", "spark.hadoop.x"]
            values = [spark.conf.get(name, "unset") for name in names]
            with Path("sessions.txt").open("a") as stream:
                stream.write("|".join([spark.sparkContext.applicationId, *values]) + "\\n")

        def count(cars):
            note(cars.sparkSession)
            return cars.count()

        def ask():
            from pyspark.sql import SparkSession
            note(SparkSession.builder.getOrCreate())
            return 1

        def fail(cars):
            raise ValueError("broken on purpose")
    """,
    "conf/base/catalog.yml": "".join(
        f"cars_{i}:\n  type: spark.SparkDatasetV2\n  file_format: csv\n  filepath: cars.csv\n"
        f"  load_args: {{header: true}}\n"
        for i in range(3)
    ),
    "cars.csv": "name,wheels\na,4\nb,3\n",
    "conf/base/spark.yml": """
        spark.master: local[1]
        spark.app.name: base shop
        spark.ui.enabled: false
        spark.sql.shuffle.partitions: 3
        spark.driver.memory: 512m
        spark.hadoop.x: from base
        spark.driver.bindAddress: 127.0.0.1
    """,
    "conf/other/spark.yml": """
        spark.master: local[1]
        spark.app.name: other shop
        spark.ui.enabled: false
        spark.sql.shuffle.partitions: 5
        spark.driver.memory: 640m
        spark.hadoop.x: null
        spark.driver.bindAddress: 127.0.0.1
    """,
}

SCRIPT = """
import json, logging, sys
from pathlib import Path
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner, ThreadRunner
from kedro_matrix_ext.hooks.spark.jvm import has_jvm_session

bootstrap_project(Path.cwd())
told, results = [], {}

class Listener(logging.Handler):
    def emit(self, record):
        told.append(record.getMessage())

logging.getLogger("kedro_matrix_ext").addHandler(Listener(logging.WARNING))

def run(name, pipeline, runner=None, env=None):
    told.clear()
    Path("sessions.txt").unlink(missing_ok=True)
    with KedroSession.create(project_path=Path.cwd(), env=env) as session:
        try:
            session.run(pipeline_names=[pipeline], runner=runner or SequentialRunner())
        except ValueError:
            pass
    sessions = Path("sessions.txt")
    results[name] = {
        "sessions": sessions.read_text().splitlines() if sessions.exists() else [],
        "runs_after": has_jvm_session(),
        "told": list(told),
    }

def jvm_was_started():
    pyspark = sys.modules.get("pyspark")
    return pyspark is not None and pyspark.SparkContext._gateway is not None

run("plain", "plain")
results["jvm_after_plain"] = jvm_was_started()
run("threads", "spark", ThreadRunner(max_workers=4))
run("asks", "asks")
run("fails", "fails")
run("other", "asks", env="other")

with KedroSession.create(project_path=Path.cwd()) as session:
    catalog = session.load_context().catalog
    frame = catalog.load("cars_0")
    results["notebook"] = frame.sparkSession.conf.get("spark.sql.shuffle.partitions")
    results["notebook_app"] = frame.sparkSession.conf.get("spark.app.name")
run("beside_notebook", "asks", env="other")
results["frame_lives"] = frame.count()
print("RESULTS" + json.dumps(results))
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process with one JVM has seen over several sessions."""
    if find_spec("pyspark") is None:
        pytest.skip("needs the extra 'spark'")
    if shutil.which("java") is None:
        pytest.skip("needs Java")
    project = KedroProject.create(tmp_path_factory.mktemp("spark") / "shop", "shop")
    for name, text in PROJECT.items():
        project.write(name, text)
    done = project.python(SCRIPT)
    found: dict[str, Any] = json.loads(done.stdout.partition("RESULTS")[2])
    return found


@pytest.mark.spark
@pytest.mark.project
def test_a_run_without_spark_starts_no_jvm(results: dict[str, Any]) -> None:
    """Although the catalog declares Spark datasets and spark.yml has options."""
    assert results["jvm_after_plain"] is False
    assert results["plain"] == {"sessions": [], "runs_after": False, "told": []}


@pytest.mark.spark
@pytest.mark.project
def test_threads_that_load_and_ask_at_once_share_one_session(results: dict[str, Any]) -> None:
    """Three loads and a node's own call meet in one application with the options, stopped with the run."""
    sessions = results["threads"]["sessions"]
    assert len(sessions) == 4
    assert {session.partition("|")[2] for session in sessions} == {"base shop|local[1]|3|from base"}
    assert len({session.partition("|")[0] for session in sessions}) == 1
    assert results["threads"]["runs_after"] is False


@pytest.mark.spark
@pytest.mark.project
def test_a_later_run_has_a_session_of_its_own_in_the_same_jvm(results: dict[str, Any]) -> None:
    """Also after a failed run, and with another environment's options, those gone that it takes back."""
    (asked,) = results["asks"]["sessions"]
    assert asked.partition("|")[2] == "base shop|local[1]|3|from base"
    assert asked.partition("|")[0] not in results["threads"]["sessions"][0]
    assert results["fails"]["runs_after"] is False
    (other,) = results["other"]["sessions"]
    assert other.partition("|")[2] == "other shop|local[1]|5|unset"
    (warning,) = results["other"]["told"]
    assert "spark.driver.memory: wanted '640m', is '512m'" in warning
    assert "spark.app.name" not in warning


@pytest.mark.spark
@pytest.mark.project
def test_a_notebook_that_loads_a_dataset_gets_the_options_and_keeps_its_session(
    results: dict[str, Any],
) -> None:
    """A second run changes what can be changed, warns about the rest once, and stops nothing."""
    assert (results["notebook"], results["notebook_app"]) == ("3", "base shop")
    (beside,) = results["beside_notebook"]["sessions"]
    assert beside.partition("|")[2] == "base shop|local[1]|5|from base"
    (warning,) = results["beside_notebook"]["told"]
    assert "spark.app.name: wanted 'other shop', is 'base shop'" in warning
    assert "shuffle" not in warning
    assert results["beside_notebook"]["runs_after"] is True
    assert results["frame_lives"] == 2

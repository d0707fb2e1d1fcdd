"""Sessions for contributors; `nox --list` shows them."""

from __future__ import annotations

import csv
import json
import shutil
import tarfile
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.10.14"
nox.options.sessions = ["tests", "lint", "typing", "contracts"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = False  # `compatibility` runs on the Pythons that are installed

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
BENCHMARKS = sorted(Path("tests/bench").glob("bench_*.py"))
EXAMPLE = Path("conf_examples/spaceflights")
LEFTOVERS = ["__pycache__", ".env", ".kedro_matrix", "0[2-9]_*"]  # of runs inside the checkout
SPREAD = ["-n", "auto", "--dist", "worksteal"]  # a few tests run whole projects, most are short
FAST = [
    "-m",
    "not project and not spark and not long",
    "--hypothesis-profile=fast",
    "--ignore=tests/robustness",
]
# Spark, pages and fuzzing are tested by `tests`, and do not depend on the wheel.
ON_THE_WHEEL = ["-m", "not spark", "--ignore=tests/docs", "--ignore=tests/robustness"]
ARGO_BUILD = "tests/argo/real/build.py"  # skips what the installed Go cannot build
ARGO_KEDRO = "argo-kedro==0.1.41"
ENGINES = ["kedro-datasets[pandas-parquetdataset,polars-eagerpolarsdataset]>=9", "pyarrow>=17"]
OLDEST = ["kedro==1.3.0", "omegaconf==2.3.0", "packaging==23.*", "pydantic==2.7.*", "python-dotenv==1.0.*"]
REHEARSE = [  # one predictor; nodes that share data in memory share a task
    *("argo", "rehearse", "--env", "base", "--namespaces", "price_predictor", "--group-by", "memory"),
    *("--pass-env", "KEDRO_HOOKS_DISABLE_MLFLOW"),
]
VERSIONS = {  # the oldest version of a library is the oldest that supports the Python
    "newest": [],  # with OmegaConf 2.4
    "oldest-kedro": ["kedro==1.3.0; python_version<'3.14'", "kedro==1.4.0; python_version>='3.14'"],
    "omegaconf-2.3": ["omegaconf==2.3.*"],
    "oldest-pydantic": [
        "pydantic==2.7.*; python_version<'3.13'",
        "pydantic==2.8.*; python_version=='3.13'",
        "pydantic==2.12.*; python_version>='3.14'",
    ],
}
PLUGINS = {  # kedro-viz is in `viz`
    "kedro-airflow": "kedro-airflow>=0.11",
    "kedro-docker": "kedro-docker>=0.6.2",
    "kedro-mlflow": "kedro-mlflow>=2.0.3",
}
SPARK_PLACES = {  # what is installed, and the tests; Delta Lake's newest package is for Spark 4.2
    "standalone": ["pyspark", "tests/catalog/test_datasets.py"],
    "connect": [
        "pyspark[connect]",
        "tests/catalog/test_datasets.py",
        "tests/hooks/spark/test_spark_connect.py",
    ],
    "delta": ["pyspark==4.2.*", "tests/catalog/test_spark_delta.py"],
}
LIGHT = ".[datasets,fabrication,argo]"  # the extras that all supported versions of Python and Kedro have


def _groups(*names: str) -> list[str]:
    return nox.project.dependency_groups(PYPROJECT, *names)


def _quieten(session: nox.Session) -> None:
    """Turn off Kedro's telemetry and keep bytecode, which makes each `kedro` command seconds faster."""
    session.env.update({"DO_NOT_TRACK": "1", "PYTHONDONTWRITEBYTECODE": ""})


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests with branch coverage; arguments go to pytest."""
    _quieten(session)
    session.install("-e", ".[all]", *_groups("test", "example", "browser"))
    session.run("python", ARGO_BUILD, "v4", "pods")
    if session.posargs:
        session.run("pytest", *session.posargs)
    else:
        session.run("pytest", *SPREAD, "--cov", "--cov-report=term", "--cov-fail-under=95")


@nox.session
def fast(session: nox.Session) -> None:
    """Run the tests without projects, Spark and long properties; arguments are folders, or go to pytest."""
    _quieten(session)
    session.install("-e", ".[all]", *_groups("test", "example"))
    session.run("pytest", *SPREAD, *FAST, *(session.posargs or ["tests"]))


@nox.session
def demo(session: nox.Session) -> None:
    """Run the example project in a copy, rehearse it as an Argo workflow, and show the results.

    Only the results are shown; ``-- --verbose`` shows the logs too.
    """
    _quieten(session)
    quiet = "--verbose" not in session.posargs
    session.install(".[datasets]", *_groups("example"))
    project = _copy_example(Path("build/demo"))
    without_mlflow = {"KEDRO_HOOKS_DISABLE_MLFLOW": "1"}  # MLflow is not installed here
    session.log("two predictors in six variants: half a minute for the run, another for the rehearsal")
    with session.chdir(project):
        session.run("kedro", "run", env=without_mlflow, silent=quiet)
        session.run("kedro", "argo", "init", env=without_mlflow, silent=quiet)
        rehearsed = session.run("kedro", *REHEARSE, env=without_mlflow, silent=quiet)
    if quiet:
        output = str(rehearsed)
        session.log(
            "rehearsed as an Argo workflow, one process per task:\n\n" + output[output.rindex("TASK ") :]
        )
    for table in sorted(project.glob("data/08_reporting/*/comparison.csv")):
        _show_comparison(session, table)
    session.log(f"all results: {project / 'data/08_reporting'}")


def _copy_example(parent: Path) -> Path:
    """Copy the example project, without what earlier runs wrote."""
    project = parent.resolve() / EXAMPLE.name
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns(*LEFTOVERS))
    return project


def _show_comparison(session: nox.Session, table: Path) -> None:
    with table.open(newline="") as file:
        header, *rows = csv.reader(file)
    rounded = [[variant, *(f"{float(number):.3f}" for number in numbers)] for variant, *numbers in rows]
    lines = ["".join(f"{cell:>22}" for cell in row) for row in (header, *rounded)]
    session.log("\n".join([f"{table.parent.name}: its variants, the best first", *lines]))
    session.log(f"open in a browser: {(table.parent / 'report.html').as_uri()}")


@nox.session
def pictures(session: nox.Session) -> None:
    """Draw the README's pictures, from a run and a plan of the example project."""
    _quieten(session)
    session.install(".[datasets]", *_groups("example"))
    session.env["KEDRO_HOOKS_DISABLE_MLFLOW"] = "1"  # MLflow is not installed here
    session.run("python", "docs/pictures/capture.py", str(_copy_example(Path(session.create_tmp()))))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff, and prose with a word list."""
    session.install(*_groups("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "tests/docs/word_list.py")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy, strict over source and tests."""
    session.install("-e", ".[all]", *_groups("test", "example", "typing"))
    session.run("mypy")


@nox.session
def contracts(session: nox.Session) -> None:
    """Check that imports point downward only."""
    session.install("-e", ".", *_groups("contracts"))
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation's site, strictly and offline; ``-- serve`` shows it, with search."""
    session.install("-e", ".", *_groups("docs", "lint"))
    session.env["NO_MKDOCS_2_WARNING"] = "1"
    configuration = ["--strict", "--config-file", "docs/mkdocs/mkdocs.yml"]
    session.run("mkdocs", *(session.posargs or ["build", "--quiet"]), *configuration)
    session.log(f"built: {Path('build/docs/index.html').resolve().as_uri()}")


@nox.session
def wheel(session: nox.Session) -> None:
    """Build sdist and wheel; run the sdist's tests on the installed wheel, without the source tree."""
    _quieten(session)
    folder = Path(session.create_tmp()).resolve()
    shutil.rmtree(folder / "dist", ignore_errors=True)
    shutil.rmtree(folder / "sdist", ignore_errors=True)
    session.install(*_groups("packaging"))
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"))
    (built,) = (folder / "dist").glob("*.whl")
    (archive,) = (folder / "dist").glob("*.tar.gz")
    session.run("twine", "check", "--strict", str(built), str(archive))
    session.run("check-wheel-contents", str(built))
    session.run("python", "tests/docs/pypi_page.py", str(built))
    with tarfile.open(archive) as sdist:
        sdist.extractall(folder / "sdist", filter="data")
    (unpacked,) = (folder / "sdist").iterdir()
    shutil.rmtree(unpacked / "src")
    session.install(f"kedro-matrix-ext[all] @ {built.as_uri()}", *_groups("test", "example"))
    session.env["INSTALLED_WHEEL"] = str(built)  # images of small projects are installed with it
    session.chdir(unpacked)
    session.run("pytest", *(session.posargs or [*SPREAD, *ON_THE_WHEEL, "tests"]))


@nox.session
def audit(session: nox.Session) -> None:
    """Look up every dependency in the index of known vulnerabilities."""
    session.install(".[all]", *_groups("audit"))
    report = Path(session.create_tmp()).resolve() / "report.json"
    session.run(
        "pip-audit", "--local", "--progress-spinner=off", "--format=json", f"--output={report}", silent=True
    )
    packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    skipped = sum("skip_reason" in package for package in packages)
    checked = len(packages) - skipped
    session.log(f"{checked} packages have no known vulnerability; {skipped} are not in the index")


@nox.session(python="3.10")
def minimums(session: nox.Session) -> None:
    """Run the tests on the oldest supported dependencies."""
    _quieten(session)
    session.install("-e", LIGHT, *OLDEST, *_groups("test", "example"))
    session.run("pytest", *(session.posargs or SPREAD))


@nox.session(python=PYTHONS)
@nox.parametrize("pins", list(VERSIONS.values()), ids=list(VERSIONS))
def compatibility(session: nox.Session, pins: list[str]) -> None:
    """Run the tests on each installed Python, with the newest and the oldest supported dependencies."""
    _quieten(session)
    session.install("-e", LIGHT, *pins, *_groups("test", "example"))
    session.run("pytest", *(session.posargs or SPREAD))


@nox.session
def viz(session: nox.Session) -> None:
    """Let Kedro-Viz draw the example project."""
    _quieten(session)
    session.install("-e", ".[datasets,spark]", "kedro-viz>=12", *_groups("test", "example"))
    session.run("pytest", "tests/spaceflights/test_kedro_viz.py", *session.posargs)


@nox.session
@nox.parametrize("plugin", list(PLUGINS), ids=list(PLUGINS))
def plugins(session: nox.Session, plugin: str) -> None:
    """Try another plugin on the example project; kedro-docker needs a running Docker."""
    _quieten(session)
    session.install("-e", ".[datasets,spark]", PLUGINS[plugin], *_groups("test", "example"))
    session.run("pytest", "tests/spaceflights/test_plugins.py", *session.posargs)


@nox.session
@nox.parametrize("place", list(SPARK_PLACES), ids=list(SPARK_PLACES))
def spark_servers(session: nox.Session, place: str) -> None:
    """Let Spark share tables on a standalone master, by a Connect server, and in Delta Lake's format."""
    _quieten(session)
    pyspark, *tests = SPARK_PLACES[place]
    session.install("-e", ".[datasets,spark,pandas,polars,delta]", pyspark, *_groups("test", "example"))
    session.env["TEST_SPARK_ON"] = place
    # The client of Spark Connect warns when it is imported, which is in the tests.
    newer_pandas = "ignore:PySpark does not yet:FutureWarning"
    session.run("pytest", "-W", newer_pandas, *tests, "-k", "spark", *session.posargs)


@nox.session
def spark_s3(session: nox.Session) -> None:
    """Let Spark, pandas and polars share tables on an S3 server; downloads 700 MB of hadoop-aws."""
    _quieten(session)
    session.install("-e", ".[datasets,spark,pandas,polars]", *_groups("test", "example"))
    session.env["FETCH_HADOOP_AWS"] = "1"
    session.run("pytest", "tests/catalog/test_spark_on_s3.py", *session.posargs)


@nox.session
def image(session: nox.Session) -> None:
    """Build the example's image with docker or podman, twice; minutes and a gigabyte."""
    _quieten(session)
    session.install("-e", LIGHT, *_groups("test", "example", "packaging"))
    session.env["BUILD_IMAGES"] = "1"
    session.run("pytest", "tests/argo/image/test_real_build.py", *session.posargs)


@nox.session
def argo_validate(session: nox.Session) -> None:
    """Let Argo 4, Argo 3.7 and Kubernetes judge all manifests of the tests; needs Go 1.25 or newer."""
    _quieten(session)
    session.install("-e", ".[all]", *_groups("test", "example"))
    session.run("python", ARGO_BUILD, "v4", "v3", "pods")
    session.env["ARGO_VERSIONS"] = "v4 v3"
    session.run("pytest", *SPREAD, *(session.posargs or ["tests/argo"]))


@nox.session
def cluster(session: nox.Session) -> None:
    """Run the example on the cluster that KUBECONFIG names; ``-- --cluster-image IMAGE`` is what it runs."""
    _quieten(session)
    session.install("-e", ".[all]", *_groups("test", "example", "packaging"))
    session.run("pytest", "tests/argo/real_cluster", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed and memory as ratios, side by side in one run; arguments name benchmarks."""
    _quieten(session)
    session.install("-e", ".[all]", *_groups("test", "example"))
    chosen = [Path("tests/bench") / f"bench_{name}.py" for name in session.posargs] or BENCHMARKS
    if any(script.name == "bench_argo_manifest.py" for script in chosen):
        session.env["ARGO_KEDRO_PYTHON"] = _install_apart(session, "argo-kedro", ARGO_KEDRO)
    failed = [script.name for script in chosen if not _succeeds(session, "python", str(script))]
    if failed:
        session.error(f"failed or missed the target: {', '.join(failed)}")


def _install_apart(session: nox.Session, name: str, *requirements: str) -> str:
    """Install packages in a separate environment, since a plugin changes every command of Kedro."""
    folder = Path(session.create_tmp()).resolve() / name
    session.run("python", "-m", "venv", "--clear", str(folder))
    python = str(folder / "bin/python")
    session.run(python, "-m", "pip", "install", "--quiet", *requirements, external=True)
    return python


@nox.session
def comparison(session: nox.Session) -> None:
    """Verify every cell of the README's table of features, each tool in a separate environment."""
    _quieten(session)
    tools = {
        "KEDRO": ["kedro"],
        "ARGO_KEDRO": [ARGO_KEDRO],
        "KEDRO_AIRFLOW": ["kedro-airflow==0.11.*", "apache-airflow>=3.2,<4"],
        "KEDRO_MATRIX_EXT": ["kedro-matrix-ext[argo] @ " + Path.cwd().as_uri()],
    }
    for name, requirements in tools.items():
        session.env[f"{name}_PYTHON"] = _install_apart(session, name, *requirements, *ENGINES)
    session.env["PYTHONPATH"] = "."
    session.run("python", "tests/comparison/compare.py")


@nox.session
def kedro_suite(session: nox.Session) -> None:
    """Run Kedro's own tests with our classes in place of Kedro's; ``-- PATH`` is a clone of Kedro."""
    _quieten(session)
    session.install("-e", ".[all]", *_groups("test"), "pytest-mock", "pandas")
    session.run("python", "tests/kedro_suite/compare.py", *(session.posargs or ["kedro"]))


def _succeeds(session: nox.Session, *command: str) -> bool:
    try:
        session.run(*command)
    except CommandFailed:
        return False
    return True

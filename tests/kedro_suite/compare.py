"""Run Kedro's own tests twice, with its classes and with ours, and list the tests that differ.

Give the path of a clone of Kedro at the installed version::

    git clone --depth 1 --branch 1.7.0 https://github.com/kedro-org/kedro
    nox -s kedro_suite -- kedro

Words behind the path go to pytest.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

SUITES = ("tests/config", "tests/framework/session", "tests/pipeline")
PLUGIN = Path(__file__).with_name("substitution.py")


def main(clone: str, *options: str) -> int:
    """Print the tests that pass with Kedro's classes and not with ours."""
    source = Path(clone, "tests")
    if not source.is_dir():
        print(f"{source} does not exist; clone Kedro {version('kedro')} there")  # noqa: T201
        return 2
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(
            source, Path(folder, "tests")
        )  # without its package, so that the installed one is tested
        kedro = _run(Path(folder), options, ours=False)
        ours = _run(Path(folder), options, ours=True)
    passed = [test for test, outcome in kedro.items() if outcome == "passed"]
    differing = [test for test in passed if ours.get(test) != "passed"]
    for test in differing:
        print(test)  # noqa: T201
    print(  # noqa: T201
        f"Kedro {version('kedro')}, tests of {_read_version(Path(clone))}: {len(passed)} of {len(kedro)} "
        f"pass with its own classes, {len(passed) - len(differing)} of these with ours"
    )
    return int(not passed)


def _read_version(clone: Path) -> str:
    """Return the version of Kedro that a clone holds, which can differ from the installed one."""
    text = (clone / "kedro/__init__.py").read_text(encoding="utf-8")
    return text.partition('__version__ = "')[2].partition('"')[0] or "an unknown version"


def _run(folder: Path, options: tuple[str, ...], *, ours: bool) -> dict[str, str]:
    """Run the suites in a new process, and return each test's outcome."""
    outcomes = folder / f"outcomes-{ours}.json"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COV_")},
        "PYTHONPATH": str(PLUGIN.parent),
        "KEDRO_SUITE_OUTCOMES": str(outcomes),
        "DO_NOT_TRACK": "1",
        **({"KEDRO_SUITE_OURS": "1"} if ours else {}),
    }
    words = ["-p", PLUGIN.stem, "-p", "no:cacheprovider", "-q", "--no-header", "-o", "addopts=", *options]
    subprocess.run(
        [str(Path(sys.executable).with_name("pytest")), *words, *SUITES],
        cwd=folder,
        env=environment,
        check=False,
    )
    found: dict[str, str] = json.loads(outcomes.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

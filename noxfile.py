"""Sessions a contributor runs; `nox --list` shows them."""

from __future__ import annotations

from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["tests", "lint", "typing", "contracts"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_external_run = True

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
BENCHMARKS = sorted(Path("tests/bench").glob("bench_*.py"))


def _groups(*names: str) -> list[str]:
    return nox.project.dependency_groups(PYPROJECT, *names)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests with branch coverage."""
    session.install("-e", ".[all]", *_groups("test", "example"))
    if session.posargs:
        session.run("pytest", *session.posargs)
    else:
        session.run("pytest", "-n", "auto", "--cov", "--cov-report=term", "--cov-fail-under=95")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    session.install(*_groups("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


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
def bench(session: nox.Session) -> None:
    """Measure speed and memory as ratios, side by side in one run."""
    session.install("-e", ".[all]", *_groups("test", "example"))
    chosen = [Path("tests/bench") / f"bench_{name}.py" for name in session.posargs] or BENCHMARKS
    for script in chosen:
        session.run("python", str(script))

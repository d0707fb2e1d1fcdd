"""What commands of Kedro print in a project that uses this package: no tracebacks, no warnings of others."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.kedro_project import KedroProject

KEDRO = "from kedro_matrix_ext import config_loader_args\nCONFIG_LOADER_ARGS = config_loader_args()\n"
LAYERED = (
    "from kedro_matrix_ext import LayeredConfigLoader\nCONFIG_LOADER_CLASS = LayeredConfigLoader\n" + KEDRO
)
NODE = """
from kedro.pipeline import Pipeline, node
from kedro_matrix_ext import inject_object


@inject_object()
def use(model):
    return model


def fail(rate):
    raise RuntimeError("a defect of the node")


def register_pipelines():
    return {
        "__default__": Pipeline([node(use, "params:model", "out", name="use")]),
        "fail": Pipeline([node(fail, "params:rate", "out", name="fail")]),
    }
"""
GOOD = "rate: 1\nmodel: 1\n"


def _run(project: KedroProject, *words: str, **variables: str) -> tuple[int, list[str]]:
    """Run a command; return its status and the lines of its output, those of the log without their time."""
    done = subprocess.run(
        [sys.executable, "-m", "kedro", *words],
        cwd=project.path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "COLUMNS": "200", **variables},
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


@pytest.fixture
def shop(project: KedroProject) -> Callable[..., KedroProject]:
    """Write a project with settings and parameters."""

    def write(settings: str = LAYERED, parameters: str = GOOD, **files: str | None) -> KedroProject:
        project.write("src/shop/settings.py", settings)
        project.write("src/shop/pipeline_registry.py", NODE)
        project.write("conf/base/catalog.yml", "{}\n")
        project.write("conf/base/parameters.yml", parameters)
        project.write("conf/local/credentials.yml", "{}\n")
        for name, text in files.items():
            if text is None:
                (project.path / name).unlink()
            else:
                project.write(name, text)
        return project

    return write


MISTAKES: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "reference": ({"parameters": "rate: ${rat}\nrats: 1\n"}, ("run",), "parameters.yml:1"),
    "syntax": ({"parameters": "rate: [\n"}, ("run",), "parameters.yml:2"),
    "environment": ({}, ("run", "-e", "lcal"), "Did you mean 'local'?"),
    "environment of a list": ({}, ("registry", "list", "-e", "x"), ""),
    "catalog": ({"conf/base/catalog.yml": "a: ${b}\n"}, ("catalog", "describe-datasets"), "catalog.yml:1"),
    "catalog's file": (
        {"conf/base/catalog.yml": None, "conf/base/catlog.yml": "{}\n"},
        ("run",),
        "catlog.yml",
    ),
    "settings": (
        {"settings": "from kedro_matrix_ext import determine_hooks_to_execute as d\nHOOKS = d([1])\n"},
        ("run",),
        "mapping of names to hooks",
    ),
    "mapping": (
        {"settings": "from kedro_matrix_ext import dynamic_pipeline_mapping as d\nX = d({'a': []})\n"},
        ("run",),
        "the list is empty",
    ),
    "strategy": ({"settings": LAYERED.replace("args()", "args(merge_strategy={'x': 's'})")}, ("run",), "'x'"),
    "hook": (
        {
            "settings": "from kedro_matrix_ext import determine_hooks_to_execute as d\n"
            "HOOKS = d({'a': 'no.such.Hook'})\n"
        },
        ("run",),
        "hook 'a'",
    ),
    "entry without a type": ({"conf/base/catalog.yml": "zz: {filepath: x}\n"}, ("run",), "'type' is missing"),
    "entry without credentials": (
        {"conf/base/catalog.yml": "zz: {type: json.JSONDataset, filepath: x, credentials: nope}\n"},
        ("run",),
        "Unable to find credentials 'nope'",
    ),
    "entry with a mistyped argument": (
        {"conf/base/catalog.yml": "out: {type: json.JSONDataset, filpath: x}\n"},
        ("run",),
        "must only contain arguments valid for the constructor",
    ),
    "entry with an unknown type": (
        {"settings": KEDRO, "conf/base/catalog.yml": "out: {type: json.JSONDatset, filepath: x}\n"},
        ("run",),
        "JSONDatset",
    ),
    "object": ({"parameters": "rate: 1\nmodel: {object: decimal.Decimel}\n"}, ("run",), "'Decimal'"),
    "kedros loader": (
        {"settings": KEDRO, "parameters": "rate: '${oc.int:abc}'\n"},
        ("run",),
        "rate",
    ),
}


@pytest.mark.project
@pytest.mark.parametrize("name", [name for name in MISTAKES if name != "environment of a list"])
def test_a_mistake_in_configuration_ends_a_command_with_a_few_lines(
    shop: Callable[..., KedroProject], name: str
) -> None:
    """The message is last, without a traceback and without warnings about OmegaConf or Kedro."""
    given, words, expected = MISTAKES[name]
    files = {file: text for file, text in given.items() if "/" in file}
    project = shop(**{key: text for key, text in given.items() if "/" not in key}, **files)
    status, lines = _run(project, *words)
    text = "\n".join(lines)
    assert status == 1
    assert "Traceback" not in text
    assert "deprecated" not in text
    start = next(index for index, line in enumerate(lines) if line.startswith("Error: "))
    assert expected in "\n".join(lines[start:])
    assert len(lines) - start <= 6, text


@pytest.mark.project
def test_a_project_whose_settings_do_not_use_this_package_has_few_lines_too(
    shop: Callable[..., KedroProject],
) -> None:
    """Commands of Kedro find the hook by its entry point."""
    status, lines = _run(shop("", "rate: 1\nmodel: {object: decimal.Decimel}\n"), "run")
    start = next(index for index, line in enumerate(lines) if line.startswith("Error: "))
    assert (status, [line for line in lines if "Traceback" in line]) == (1, [])
    assert "'Decimal'" in "\n".join(lines[start:])
    assert len(lines) - start <= 6


@pytest.mark.project
def test_other_errors_have_their_traceback(shop: Callable[..., KedroProject]) -> None:
    """A defect in a node is shown as before; ours too where the variable asks for it."""
    project = shop()
    status, lines = _run(project, "run", "-p", "fail")
    assert (status, any("Traceback" in line for line in lines)) == (1, True)
    status, lines = _run(project, "run", "-e", "lcal", KEDRO_MATRIX_TRACEBACK="1")
    assert (status, any("Traceback" in line for line in lines)) == (1, True)


@pytest.mark.project
@pytest.mark.parametrize("settings", [KEDRO, LAYERED])
def test_commands_print_no_warnings_about_omegaconf(shop: Callable[..., KedroProject], settings: str) -> None:
    """Kedro's loader uses what OmegaConf 2.4 deprecates; projects cannot change that."""
    project = shop(settings)
    for words in (["run"], ["matrix", "init", "--dry-run"], ["catalog", "describe-datasets"]):
        status, lines = _run(project, *words)
        assert status == 0, lines
        assert not [line for line in lines if "deprecated" in line or "Warning" in line]

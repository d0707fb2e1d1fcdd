from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from kedro.config import AbstractConfigLoader, OmegaConfigLoader
from tests.kedro_project import KedroProject

from kedro_matrix_ext import LayeredConfigLoader
from kedro_matrix_ext.cli.matrix.scaffold import plan_scaffold
from kedro_matrix_ext.cli.matrix.settings_lines import SettingsLines, add_settings_lines
from kedro_matrix_ext.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from kedro_matrix_ext.cli.matrix.scaffold import Scaffold

_LAYOUT = {
    "conf/base/globals.yml",
    "conf/cloud/environment.yml",
    "conf/cloud/globals.yml",
    "conf/test/environment.yml",
    "conf/test/globals.yml",
    ".env.defaults",
    ".gitignore",
    "src/shop/settings.py",
}


def _plan(project: KedroProject) -> Scaffold:
    return plan_scaffold(project.path, settings_file=project.path / "src/shop/settings.py")


def _execute(text: str) -> dict[str, object]:
    """Run the text of a settings.py and give what it sets."""
    names: dict[str, object] = {"__name__": "shop.settings"}
    exec(compile(text, "settings.py", "exec"), names)  # noqa: S102  as Kedro does with settings.py
    return names


def test_an_empty_project_gets_the_whole_layout(project: KedroProject) -> None:
    """Planning writes nothing; after writing, a second plan has nothing to do and nothing to note."""
    scaffold = _plan(project)
    assert {change.name for change in scaffold.changes} == _LAYOUT
    assert not (project.path / "conf/cloud").exists()
    for change in scaffold.changes:
        change.write(project.path)
    again = _plan(project)
    assert (again.changes, again.notes) == ((), ())


def test_what_is_there_is_left_alone(project: KedroProject) -> None:
    """Existing files, a globals file of another name, and environments that are in use are not touched."""
    project.write("conf/base/paths/globals_paths.yml", "paths: {base: mine}\n")
    project.write("conf/test/parameters.yml", "real: true\n")
    project.write(".env.defaults", "MINE=1\n")
    scaffold = _plan(project)
    assert {change.name for change in scaffold.changes} == {
        "conf/cloud/environment.yml",
        "conf/cloud/globals.yml",
        ".gitignore",
        "src/shop/settings.py",
    }
    assert scaffold.notes == (
        ".env.defaults is there already and was left alone.",
        "conf/base/globals.yml was not written: conf/base/paths/globals_paths.yml is there.",
        "conf/test/environment.yml was not written: the environment 'test' is there already.",
        "conf/test/globals.yml was not written: the environment 'test' is there already.",
    )


def test_gitignore_gets_the_lines_it_lacks(project: KedroProject) -> None:
    """Lines that are there are not repeated, the rest goes below, and line ends stay as they were."""
    (project.path / ".gitignore").write_bytes(b"*.log\r\n  .env\r\n")
    change = next(change for change in _plan(project).changes if change.name == ".gitignore")
    change.write(project.path)
    expected = b"*.log\r\n  .env\r\n\r\n!.env.defaults\r\nconf/local/**\r\n!conf/local/.gitkeep\r\n"
    assert (project.path / ".gitignore").read_bytes() == expected
    assert [line for line in change.diff().splitlines() if line.startswith("-")] == ["--- a/.gitignore"]


def test_a_file_in_another_encoding_is_one_error(project: KedroProject) -> None:
    """It is named, and nothing is written."""
    (project.path / ".gitignore").write_bytes("für".encode("latin-1"))
    before = sorted(project.path.rglob("*.yml"))
    ran = project.kedro("matrix", "init", "--yes", check=False)
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False)
    assert ".gitignore" in ran.stderr
    assert "Save it as UTF-8" in ran.stderr
    assert sorted(project.path.rglob("*.yml")) == before


def test_folders_go_by_the_projects_own_names(project: KedroProject) -> None:
    """The configuration folder and the lowest environment are where the project has them."""
    scaffold = plan_scaffold(
        project.path,
        settings_file=project.path / "src/shop/settings.py",
        conf_source="settings/conf",
        base_env="shared",
    )
    names = {change.name for change in scaffold.changes}
    assert {"settings/conf/shared/globals.yml", "settings/conf/test/environment.yml"} <= names


@pytest.mark.parametrize("conf_source", ["s3://bucket/conf", "/etc/conf", "../conf", "conf/../../other"])
def test_configuration_kept_elsewhere_is_not_laid_out(project: KedroProject, conf_source: str) -> None:
    """Nothing is written outside the project."""
    with pytest.raises(SettingsError, match="not inside the project"):
        plan_scaffold(
            project.path, settings_file=project.path / "src/shop/settings.py", conf_source=conf_source
        )


def test_settings_keep_docstring_and_future_imports_on_top() -> None:
    """The import goes below them, the settings to the end, and the result runs."""
    text = '"""Settings."""\n\nfrom __future__ import annotations\n\nimport os\n\nCONF_SOURCE = "conf"\n'
    lines = add_settings_lines(text, file="settings.py")
    assert lines.text.startswith(
        '"""Settings."""\n\nfrom __future__ import annotations\n\nfrom kedro_matrix_ext'
    )
    assert lines.text.index("load_environment_variables()") < lines.text.index("import os")
    names = _execute(lines.text)
    assert names["CONF_SOURCE"] == "conf"
    assert names["CONFIG_LOADER_CLASS"].__name__ == "LayeredConfigLoader"  # type: ignore[attr-defined]
    assert list(names["HOOKS"]) == []  # type: ignore[call-overload]
    assert add_settings_lines(lines.text, file="settings.py") == SettingsLines(lines.text)


def test_arguments_that_are_set_are_laid_over_ours() -> None:
    """A dictionary that we understand is merged with our defaults; any other keeps every key it has."""
    ours = add_settings_lines("CONFIG_LOADER_ARGS = {'config_patterns': {'x': ['x*']}}\n", file="s.py")
    arguments = _execute(ours.text)["CONFIG_LOADER_ARGS"]
    assert isinstance(arguments, dict)
    assert {"x", "globals"} <= arguments["config_patterns"].keys()
    theirs = "CONFIG_LOADER_ARGS = dict(ignore_hidden=False, config_patterns={'x': ['x*']})\n"
    arguments = _execute(add_settings_lines(theirs, file="s.py").text)["CONFIG_LOADER_ARGS"]
    assert isinstance(arguments, dict)
    assert (arguments["ignore_hidden"], arguments["config_patterns"]) == (False, {"x": ["x*"]})
    assert "merge" in arguments["custom_resolvers"]


@pytest.mark.parametrize(
    ("text", "kept", "advice"),
    [
        ("from kedro.config import OmegaConfigLoader\nCONFIG_LOADER_CLASS = OmegaConfigLoader\n", 3, "CLASS"),
        ("import kedro.config\nCONFIG_LOADER_CLASS = kedro.config.OmegaConfigLoader\n", 2, "CLASS"),
        ("from shop.more_settings import HOOKS\n", 3, "HOOKS"),
        ("HOOKS: tuple = ()\n", 3, "HOOKS"),
    ],
)
def test_a_loader_and_hooks_that_are_set_stay(text: str, kept: int, advice: str) -> None:
    """They are not overwritten, and a note says what to do by hand."""
    lines = add_settings_lines(text, file="settings.py")
    assert f"{advice} already" in " ".join(lines.notes)
    assert lines.text.count("kedro_matrix_ext import") == 1
    assert lines.text.count("CONFIG_LOADER_CLASS =") == 1
    names = ("load_environment_variables()", "config_loader_args()", "HOOKS = det", "CLASS = Layered")
    assert sum(name in lines.text for name in names) == kept


def test_settings_that_are_no_python_are_an_error(project: KedroProject) -> None:
    """The error names file and line; a project without settings.py gets an error."""
    project.write("src/shop/settings.py", "A = 1\nB = = 2\n")
    with pytest.raises(SettingsError, match=r"'src/shop/settings.py' is not valid Python") as caught:
        _plan(project)
    assert (caught.value.file, caught.value.line) == ("src/shop/settings.py", 2)
    (project.path / "src/shop/settings.py").unlink()
    with pytest.raises(SettingsError, match=r"there is no 'src/shop/settings.py'"):
        _plan(project)


_PIPELINE = """
from kedro.pipeline import Pipeline, node


def register_pipelines():
    def show(rate, rows, kept):
        print("RESULT", rate, rows, kept)
        return 1

    inputs = ["params:rate", "params:rows", "params:kept"]
    return {"__default__": Pipeline([node(show, inputs, "shown", name="show")])}
"""


@pytest.fixture
def new_project(tmp_path: Path) -> KedroProject:
    """What `kedro new` makes, with parameters in two environments and a pipeline that prints them."""
    arguments = ["new", "--name", "shop", "--tools", "none", "--example", "no", "--telemetry", "no"]
    subprocess.run([sys.executable, "-m", "kedro", *arguments], cwd=tmp_path, check=True, capture_output=True)
    project = KedroProject(tmp_path / "shop")
    project.write("conf/base/parameters.yml", "rate: 0.1\nrows: 10\nkept: base\n")
    project.write("conf/local/parameters.yml", "rows: 20\n")
    project.write("src/shop/pipeline_registry.py", _PIPELINE)
    return project


def _results(project: KedroProject, *arguments: str, env: dict[str, str] | None = None) -> list[str]:
    output = project.kedro("run", *arguments, env=env).stdout
    return [line for line in output.splitlines() if line.startswith("RESULT")]


@pytest.mark.project
def test_a_project_of_kedro_new_runs_as_before(new_project: KedroProject) -> None:
    """A dry run and a refusal change nothing; with --yes it runs as before, and has new environments."""
    before = _results(new_project)
    files = {file: file.read_bytes() for file in new_project.path.rglob("*") if file.is_file()}
    assert before == ["RESULT 0.1 20 base"]
    dry = new_project.kedro("matrix", "init", "--dry-run")
    assert "+++ b/conf/cloud/globals.yml" in dry.stdout
    assert "Nothing was changed." in dry.stdout
    refused = new_project.kedro("matrix", "init", check=False)
    assert refused.returncode == 1
    kept = {file: file.read_bytes() for file in files if "__pycache__" not in file.parts}
    assert kept == {file: text for file, text in files.items() if "__pycache__" not in file.parts}
    assert not (new_project.path / "conf/test").exists()
    new_project.kedro("matrix", "init", "--yes")
    assert _results(new_project) == before
    assert _results(new_project, "-e", "test") == ["RESULT 0.1 10 base"]
    again = new_project.kedro("matrix", "init")
    assert again.stdout.rstrip().endswith("Nothing to change.")


@pytest.mark.parametrize("written", range(len(_LAYOUT) + 1))
def test_an_init_that_was_killed_is_completed_by_the_next(project: KedroProject, written: int) -> None:
    """After any number of files; settings.py comes last, so an incomplete layout is never in use."""
    changes = _plan(project).changes
    assert changes[-1].name == "src/shop/settings.py"
    for change in changes[:written]:
        change.write(project.path)
    again = _plan(project)
    assert {change.name for change in again.changes} == {change.name for change in changes[written:]}
    assert again.notes == ()


def test_a_link_out_of_the_project_is_not_written_through(project: KedroProject, tmp_path: Path) -> None:
    """Nor a link to nothing; the error names the file."""
    outside = tmp_path / "outside.py"
    outside.write_text("")
    settings = project.path / "src/shop/settings.py"
    change = next(change for change in _plan(project).changes if change.name == "src/shop/settings.py")
    settings.unlink()
    for target in (outside, tmp_path / "absent.py"):
        settings.unlink(missing_ok=True)
        settings.symlink_to(target)
        with pytest.raises(SettingsError, match=r"link to|leads out") as caught:
            change.write(project.path)
        assert caught.value.file == str(settings)
    assert outside.read_text() == ""


def test_a_guard_is_offered_for_the_cloud(project: KedroProject) -> None:
    """The file that is written guards nothing; without the comment's sign, runs there need consent."""
    project.write("src/shop/pipeline_registry.py", _PIPELINE)
    project.write("conf/base/parameters.yml", "rate: 0.1\nrows: 10\nkept: base\n")
    project.write("conf/base/catalog.yml", "{}\n")
    project.kedro("matrix", "init", "--yes")
    offered = project.read("conf/cloud/environment.yml")
    assert _results(project, "-e", "cloud") == ["RESULT 0.1 10 base"]
    project.write("conf/cloud/environment.yml", offered.replace("# guarded:", "guarded:"))
    refused = project.kedro("run", "-e", "cloud", check=False)
    assert refused.returncode == 1
    assert "KEDRO_MATRIX_RUN_GUARDED=cloud" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert _results(project, "-e", "cloud", env={"KEDRO_MATRIX_RUN_GUARDED": "cloud"}) == [
        "RESULT 0.1 10 base"
    ]


_HAND = "from somewhere import *\n"
_TUPLE = 'HOOKS, CONFIG_LOADER_ARGS = (), {"base_env": "base"}\n'
_GLOBALS = 'globals()["HOOKS"] = ()\n'
_UPDATED = "globals().update(HOOKS=(), CONFIG_LOADER_ARGS={})\n"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (_HAND, {"CONFIG_LOADER_CLASS", "CONFIG_LOADER_ARGS", "HOOKS"}),
        (_TUPLE, {"CONFIG_LOADER_ARGS", "HOOKS"}),
        ("[HOOKS, *REST] = [(), 1]\n", {"HOOKS"}),
        (
            "HOOKS = SHARED = ()\n(DISABLE_HOOKS_FOR_PLUGINS, (CONFIG_LOADER_ARGS, B)) = (), ({}, 1)\n",
            {"CONFIG_LOADER_ARGS"},
        ),
        ("if (HOOKS := ()):\n    pass\n", {"HOOKS"}),
        (_GLOBALS, {"HOOKS"}),
        (_UPDATED, {"CONFIG_LOADER_ARGS", "HOOKS"}),
    ],
)
def test_settings_that_come_another_way_are_left(text: str, left: set[str]) -> None:
    """The note gives the lines to add by hand, and nothing below sets them again."""
    lines = add_settings_lines(text, file="settings.py")
    by_hand = [note for note in lines.notes if "by hand" in note]
    assert {name for name in _SETTINGS if any(f"; {name} = " in note for note in by_hand)} == left
    assert all("from kedro_matrix_ext import " in note for note in by_hand)
    below = lines.text.partition(text)[2]
    assert not any(f"{name} =" in below for name in left)


_SETTINGS = ("CONFIG_LOADER_CLASS", "CONFIG_LOADER_ARGS", "HOOKS")


def test_what_a_star_import_brings_is_seen(project: KedroProject) -> None:
    """What the shared module sets in our way needs nothing, another loader and hooks are left with a note."""
    project.write("src/shop/settings.py", "from shop.shared import *\n")
    project.write("src/shop/shared.py", _SHARED.format(hooks="determine_hooks_to_execute({})"))
    done = project.kedro("matrix", "init", "--dry-run").stdout
    assert "+++ b/src/shop/settings.py" not in done
    assert "by hand" not in done
    project.write("src/shop/shared.py", _SHARED.format(hooks="()"))
    left = project.kedro("matrix", "init", "--dry-run").stdout
    assert "; HOOKS = determine_hooks_to_execute" in left
    assert "; CONFIG_LOADER_CLASS" not in left
    project.write("src/shop/shared.py", "HOOKS = ()\n")
    added = project.kedro("matrix", "init", "--dry-run").stdout
    assert "+CONFIG_LOADER_CLASS = LayeredConfigLoader" in added
    assert "+HOOKS =" not in added


class _OwnLoader(OmegaConfigLoader):
    """A loader of the project's."""


@pytest.mark.parametrize(
    ("loader", "added"), [(_OwnLoader, True), (LayeredConfigLoader, True), (AbstractConfigLoader, False)]
)
@pytest.mark.parametrize(
    "text",
    [
        "from shop.common import *\n",
        "from shop.common import OwnLoader as CONFIG_LOADER_CLASS\n",
        "import shop.common\nCONFIG_LOADER_CLASS = shop.common.OwnLoader\n",
    ],
)
def test_a_subclass_of_a_known_loader_gets_its_arguments(text: str, loader: type, added: object) -> None:
    """Without them it would not know the resolvers and patterns of the environments that are written."""
    values = {"CONFIG_LOADER_CLASS": loader, "HOOKS": ()}
    lines = add_settings_lines(text, file="settings.py", values=values)
    assert ("CONFIG_LOADER_ARGS = config_loader_args()" in lines.text) is added


_SHARED = """
from kedro_matrix_ext import (
    LayeredConfigLoader, config_loader_args, defer_node_imports, determine_hooks_to_execute,
    load_environment_variables,
)

load_environment_variables()
CONFIG_LOADER_CLASS = LayeredConfigLoader
CONFIG_LOADER_ARGS = config_loader_args()
HOOKS = {hooks}
"""


def test_no_environment_file_is_laid_that_nothing_reads(project: KedroProject) -> None:
    """Globals of environments override `paths.base`, which the project's own globals do not have."""
    project.write("conf/base/globals.yml", "bucket: mine\n")
    scaffold = _plan(project)
    names = {change.name for change in scaffold.changes}
    unread = {"conf/cloud/globals.yml", "conf/test/globals.yml", ".env.defaults"}
    assert names == _LAYOUT - unread - {"conf/base/globals.yml"}
    (note,) = [note for note in scaffold.notes if "no 'paths.base'" in note]
    assert all(name in note for name in unread)


def test_what_is_left_to_do_is_named(project: KedroProject) -> None:
    """A catalog with plain paths uses one place in all environments."""
    project.write("conf/base/catalog.yml", "cars:\n  type: pandas.CSVDataset\n  filepath: data/cars.csv\n")
    (note,) = _plan(project).notes
    assert note.startswith("left to do: the catalog in conf/base does not refer to ${globals:paths.base}")
    project.write("conf/base/catalog.yml", "cars:\n  filepath: ${globals:paths.base}/cars.csv\n")
    assert _plan(project).notes == ()

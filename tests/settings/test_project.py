"""What settings.py calls, in a whole Kedro project with plugins that register hooks by themselves."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

_SETTINGS = """
from kedro_matrix_ext import determine_hooks_to_execute, load_environment_variables, plugins_to_disable

load_environment_variables()
HOOKS = determine_hooks_to_execute({
    "first": "shop.hooks.First",
    "second": "shop.hooks.Second",
    "tracking": "km_tracking.tracking_hook",
})
DISABLE_HOOKS_FOR_PLUGINS = plugins_to_disable(
    HOOKS, {"tracking": "kedro-km-tracking", "viewing": "kedro_km_viewing"}
)
"""

_HOOKS = """
import os
from kedro.framework.hooks import hook_impl


class First:
    @hook_impl
    def before_pipeline_run(self):
        print("HOOK first", os.environ["KM_COLOUR"])


class Second:
    @hook_impl
    def before_pipeline_run(self):
        print("HOOK second")
"""

_REGISTRY = """
from kedro.pipeline import Pipeline, node


def register_pipelines():
    return {"__default__": Pipeline([node(lambda: 1, None, "one", name="one")])}
"""

_PLUGIN = """
from kedro.framework.hooks import hook_impl


class Hook:
    @hook_impl
    def before_pipeline_run(self):
        print("HOOK {name}")


{name}_hook = Hook()
"""


def _install_plugin(project: KedroProject, name: str) -> None:
    """Write a distribution with an entry point, as an installer would, next to the project."""
    project.write(f"site/km_{name}.py", _PLUGIN.format(name=name))
    info = f"site/kedro_km_{name}-1.0.dist-info"
    project.write(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: kedro-km-{name}\nVersion: 1.0\n")
    project.write(f"{info}/entry_points.txt", f"[kedro.hooks]\n{name} = km_{name}:{name}_hook\n")


@pytest.fixture
def shop(project: KedroProject) -> KedroProject:
    """A project with three switched hooks, one of which a plugin registers too, and a second plugin."""
    project.write("src/shop/settings.py", _SETTINGS)
    project.write("src/shop/hooks.py", _HOOKS)
    project.write("src/shop/pipeline_registry.py", _REGISTRY)
    project.write("conf/base/catalog.yml", "{}\n")
    project.write(".env.defaults", "KM_COLOUR=blue\n")
    for name in ("tracking", "viewing"):
        _install_plugin(project, name)
    return project


def _run(shop: KedroProject, env: dict[str, str]) -> list[str]:
    """Run the pipeline from a folder inside the project and list what hooks printed, in order."""
    result = shop.kedro("run", env={**env, "PYTHONPATH": str(shop.path / "site")}, cwd=shop.path / "conf")
    return re.findall(r"HOOK (\w+(?: \w+)?)", result.stdout)


def _list(shop: KedroProject, env: dict[str, str]) -> list[dict[str, Any]]:
    variables = {**env, "PYTHONPATH": str(shop.path / "site")}
    printed = shop.kedro("matrix", "hooks", "--format", "json", env=variables).stdout
    listed = json.loads(printed[printed.index("{\n") :])  # Kedro logs to stdout before any command runs
    return [hook for hook in listed["hooks"] if hook["source"] == "HOOKS" or "km" in hook["source"]]


def test_every_hook_runs_once_in_the_listed_order(shop: KedroProject) -> None:
    """Also the one that its plugin registers too; `.env.defaults` is found from a sub-folder."""
    assert _run(shop, {}) == ["viewing", "tracking", "second", "first blue"]
    listed = _list(shop, {})
    by_order = sorted((hook for hook in listed if hook["enabled"]), key=lambda hook: hook["order"])
    assert [(hook["name"], hook["source"]) for hook in by_order] == [
        ("viewing", "kedro-km-viewing"),
        ("tracking", "HOOKS"),
        ("second", "HOOKS"),
        ("first", "HOOKS"),
    ]
    replaced = [hook for hook in listed if not hook["enabled"]]
    assert [(hook["source"], hook["disabled_by"]) for hook in replaced] == [
        ("kedro-km-tracking", "DISABLE_HOOKS_FOR_PLUGINS")
    ]


def test_variables_switch_off_hooks_and_plugins(shop: KedroProject) -> None:
    """A disabled hook's module is not imported, and a plugin's own registration is undone."""
    shop.write("src/shop/hooks.py", _HOOKS.replace("class Second", "raise SystemExit(3)"))
    off = {f"KEDRO_HOOKS_DISABLE_{name}": "" for name in ("FIRST", "SECOND", "VIEWING")}
    assert _run(shop, off) == ["tracking"]
    assert _run(shop, {**off, "KEDRO_HOOKS_DISABLE_TRACKING": "0"}) == []
    disabled = {hook["name"]: hook["disabled_by"] for hook in _list(shop, off) if not hook["enabled"]}
    assert disabled == {
        "first": "KEDRO_HOOKS_DISABLE_FIRST",
        "second": "KEDRO_HOOKS_DISABLE_SECOND",
        "viewing": "KEDRO_HOOKS_DISABLE_VIEWING",
        "tracking": "DISABLE_HOOKS_FOR_PLUGINS",
    }


def test_what_is_wrong_with_hooks_is_said_by_name(shop: KedroProject) -> None:
    """The text listing shows states and the likely typo of a variable; a session names the broken entry."""
    shop.write("src/shop/hooks.py", _HOOKS.replace("class Second", "class Secund"))
    env = {"KEDRO_HOOKS_DISABLE_FRIST": "1", "COLUMNS": "1000"}  # so that rich does not wrap the text
    listing = shop.kedro("matrix", "hooks", env={**env, "PYTHONPATH": str(shop.path / "site")}, check=False)
    assert listing.returncode == 1
    assert re.search(r"^\d +second +shop\.hooks\.Second +HOOKS +fails$", listing.stdout, re.MULTILINE)
    assert re.search(r"error: hook 'second': .*\n.*Did you mean 'Secund'", listing.stderr)
    row = r"^\d +tracking +km_tracking\.tracking_hook +HOOKS +enabled$"
    assert re.search(row, listing.stdout, re.MULTILINE)
    assert "KEDRO_HOOKS_DISABLE_FRIST matches no hook; the nearest is 'first'" in listing.stderr
    failed = shop.kedro("run", env={**env, "PYTHONPATH": str(shop.path / "site")}, check=False)
    assert failed.returncode != 0
    assert "hook 'second'" in failed.stderr
    assert "Did you mean 'Secund'" in failed.stderr
    assert "Did you mean 'KEDRO_HOOKS_DISABLE_FIRST'" in " ".join((failed.stdout + failed.stderr).split())

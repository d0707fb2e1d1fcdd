"""No command of ``kedro argo`` shows a password, in whatever address or connection string it is.

Addresses are random, and a failure prints their seed. The logs of rehearsed tasks are left out: they hold
what the project's code prints, in a folder that its owner alone can read.
"""

from __future__ import annotations

import json
import random
import stat
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.test_secrets import FORMS, make_addresses

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

pytestmark = pytest.mark.project

LOADERS = {
    "kedro": "from kedro_matrix_ext import config_loader_args\nCONFIG_LOADER_ARGS = config_loader_args()\n",
    "layered": "from kedro_matrix_ext import LayeredConfigLoader, config_loader_args\n"
    "CONFIG_LOADER_CLASS = LayeredConfigLoader\nCONFIG_LOADER_ARGS = config_loader_args()\n",
}

DATASETS = """
from kedro.io import AbstractDataset


class Table(AbstractDataset):
    '''A table that shows all it has whenever Kedro describes it.'''

    def __init__(self, table_name, con=None, credentials=None, url=None, metadata=None):
        self.con = con or url or (credentials or {}).get("con")
        self.metadata = metadata

    def _load(self):
        if not self.con:
            raise ValueError("no address")
        return self.con

    def _save(self, data):
        raise ValueError(f"cannot write to {self.con}")

    def _describe(self):
        return {"con": self.con}
"""
REGISTRY = """
from kedro.pipeline import Node, Pipeline

KINDS = ("credentials", "catalog", "globals", "variable")


def pass_on(table):
    return table


def reach(*addresses):
    print("reaching", *addresses)
    raise ConnectionError(f"cannot reach {list(addresses)!r}")


def register_pipelines():
    numbers = range(COUNT)
    inputs = [f"{kind}_{number}" for kind in KINDS for number in numbers]
    twice = [
        Node(pass_on, "credentials_0", f"{copy}{name}", name=f"write_{copy}{name}")
        for name in inputs[1:]
        for copy in ("", "copy_")
    ]
    parameters = [f"params:p.{number}" for number in numbers]
    local = [Node(pass_on, f"filepath_{number}", None, name=f"local_{number}") for number in numbers]
    return {
        "__default__": Pipeline(
            [
                Node(reach, [*inputs, *parameters], None, name="reach"),
                Node(pass_on, "catalog_0", "copy_globals_1", name="save"),
            ]
        ),
        "twice": Pipeline([*twice, Node(reach, inputs, None, name="last")]),
        "local": Pipeline(local),
    }
"""
COMMANDS = """
import json, sys
from pathlib import Path
from click.testing import CliRunner
from kedro.framework.cli.cli import KedroCLI

shown = []
for words in json.load(open("commands.json")):
    result = CliRunner().invoke(KedroCLI(project_path=Path.cwd()), ["argo", *words])
    failed = None if isinstance(result.exception, SystemExit) else result.exception
    shown.append([words, result.exit_code, result.output + (f" raised {failed!r}" if failed else "")])
Path("shown.json").write_text(json.dumps(shown))
"""


@pytest.mark.parametrize("loader", sorted(LOADERS))
def test_no_output_shows_the_password_of_an_address(project: KedroProject, loader: str) -> None:
    """By way of credentials, the catalog, globals, variables and parameters; screens, files and manifests."""
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)  # noqa: S311  not for secrets
    kinds = {
        name: make_addresses(chance)
        for name in ("credentials", "catalog", "globals", "variable", "filepath", "params", "argo")
    }
    write_project(project, kinds, LOADERS[loader])
    common = ["--env", "base"]
    commands = [
        *(["plan", *common, "--format", each] for each in ("json", "html")),
        ["check", *common, "--format", "json"],
        *(["check", *common, "--pipeline", each] for each in ("twice", "local")),
        ["check", "--env", "leaky"],
        ["submit", *common, "--dry-run", "--pipeline", "twice"],
        ["submit", *common, "--dry-run", "-o", "workflow.yml"],
        ["submit", "--env", "leaky", "--dry-run", "-o", "leaky.yml"],
        ["rehearse", *common, "--yes", "--pass-env", "SHOP_*", "--keep-going"],
    ]
    project.write("commands.json", json.dumps(commands))
    variables = {f"SHOP_PLACE_{at}": address for at, (address, _) in enumerate(kinds["variable"])}
    variables |= {f"KEDRO_CREDENTIALS_C{at}_CON": made[0] for at, made in enumerate(kinds["credentials"])}
    project.python(COMMANDS, env=variables)
    shown = json.loads(project.read("shown.json"))
    everything = "\n".join(text for *_, text in shown)
    for code in (
        "dataset-written-twice",
        "local-mlflow-store",
        "secret-in-clear",
        "cannot reach",
        "cannot write",
    ):
        assert code in everything, everything[:5000]
    assert " raised " not in everything
    texts = {" ".join(words): text for words, _, text in shown}
    texts |= {str(path): path.read_text() for path in written_files(project.path)}
    assert kinds["argo"][0][0][:12] in project.read("leaky.yml")  # argo.yml says so
    assert stat.S_IMODE((project.path / "leaky.yml").stat().st_mode) == 0o600
    for name, text in texts.items():
        for password in (password for made in kinds.values() for _, password in made):
            pieces = {password[at : at + 8] for at in range(len(password) - 7)}
            lines = [line for line in text.splitlines() if any(piece in line for piece in pieces)]
            assert not lines, f"seed {seed}: {name} shows {password!r}"


def write_project(project: KedroProject, kinds: dict[str, list[tuple[str, str]]], settings: str) -> None:
    """Write a project that has its addresses in every kind of place."""
    at = {kind: [address for address, _ in made] for kind, made in kinds.items()}
    numbers = range(len(FORMS))
    table = {"type": "shop.datasets.Table", "table_name": "cars"}
    entries = {
        "credentials": [{"credentials": f"c{number}"} for number in numbers],
        "globals": [{"con": f"${{globals:db.g{number}}}"} for number in numbers],
        "variable": [{"url": f"${{oc.env:SHOP_PLACE_{number}}}"} for number in numbers],
        "catalog": [{"con": address} for address in at["catalog"]],
    }
    catalog: dict[str, object] = {
        f"{copy}{kind}_{number}": {**table, **entry}
        for kind, found in entries.items()
        for number, entry in enumerate(found)
        for copy in ("", "copy_")
    }
    catalog |= {
        f"filepath_{number}": {"type": "pickle.PickleDataset", "filepath": address}
        for number, address in enumerate(at["filepath"])
    }
    environment = [{"name": f"PLACE_{number}", "value": each} for number, each in enumerate(at["argo"])]
    deployment = {"deployment": {"image": "registry.example/shop", "tag": "v1"}}
    given = {
        f"c{number}": {"con": {"secret_ref": {"name": "tables", "key": f"c{number}"}}} for number in numbers
    }
    files = {
        "base/catalog": catalog,
        "base/credentials": {f"c{number}": {"con": each} for number, each in enumerate(at["credentials"])},
        "base/globals": {"db": {f"g{number}": each for number, each in enumerate(at["globals"])}},
        "base/parameters": {"p": {str(number): each for number, each in enumerate(at["params"])}},
        "base/argo": {**deployment, "credentials": given},
        "leaky/argo": {"template": {"environment": environment}},
        "leaky/tracking": {"tracking_uri": f"sqlite:///mlruns.db?key={kinds['argo'][0][1]}"},
    }
    for name, content in files.items():
        project.write(f"conf/{name}.yml", yaml.safe_dump(content, allow_unicode=True, width=10_000))
    packages = "psycopg2-binary", "pymysql", "paramiko", "redis", "pymongo"
    project.write(
        "pyproject.toml",
        project.read("pyproject.toml") + f"[project]\nname = 'shop'\ndependencies = {list(packages)}\n",
    )
    project.write("src/shop/datasets.py", DATASETS)
    project.write("src/shop/pipeline_registry.py", f"COUNT = {len(FORMS)}\n{REGISTRY}")
    project.write("src/shop/settings.py", settings)


def written_files(folder: Path) -> list[Path]:
    """List what commands wrote; rehearsals are in folders that their owner alone can read."""
    rehearsals = [path for path in (folder / ".kedro_matrix" / "rehearsals").iterdir() if path.is_dir()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in rehearsals] == [0o700]
    found = [path for path in folder.glob(".kedro_matrix/**/*") if path.is_file() and path.suffix != ".log"]
    return [*found, folder / "workflow.yml"]

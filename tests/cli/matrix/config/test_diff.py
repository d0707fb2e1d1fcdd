"""``kedro matrix config diff``: what two environments resolve differently, and what makes the difference."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.matrix.config.conftest import Shell

# Kedro 1.7 registers its resolvers by what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\):UserWarning:kedro\.config")

FILES = {
    "base/globals.yml": "bucket: data\n",
    "base/catalog.yml": "companies:\n  type: pandas.CSVDataset\n  filepath: ${globals:bucket}/c.csv\n",
    "base/parameters.yml": "model: {depth: 3}\nfeatures: [a, b]\nflag: true\n",
    "cloud/globals.yml": "bucket: s3://shop\n",
    "cloud/catalog.yml": "'{rest}': {type: pickle.PickleDataset}\n",
    "cloud/parameters.yml": "model: {eta: 1}\nfeatures: [a]\nflag: 1\n",
}


def test_each_difference_names_the_places_that_make_it(either_shell: Shell) -> None:
    """The catalog's path differs by what the globals say; exit status 1."""
    assert either_shell.write(FILES).run("diff", "base", "cloud", status=1) == dedent(
        """\
        + parameters: model.eta
            cloud  1  (conf/cloud/parameters.yml:1)
        ~ parameters: features
            base   ['a', 'b']  (conf/base/parameters.yml:2)
            cloud  ['a']  (conf/cloud/parameters.yml:2)
        ~ parameters: flag
            base   True  (conf/base/parameters.yml:3)
            cloud  1  (conf/cloud/parameters.yml:3)
        ~ catalog: companies.filepath
            base   'data/c.csv'  (conf/base/globals.yml:1)
            cloud  's3://shop/c.csv'  (conf/cloud/globals.yml:1)
        + catalog: {rest}
            cloud  {'type': 'pickle.PickleDataset'}  (conf/cloud/catalog.yml:1)
        ~ globals: bucket
            base   'data'  (conf/base/globals.yml:1)
            cloud  's3://shop'  (conf/cloud/globals.yml:1)
        2 added, 4 changed
        """
    )


def test_places_inside_merges_that_omegaconf_evaluates(shell: Shell) -> None:
    """`{key: ...}` in an argument is in its grammar alone; the places are reported all the same."""
    shell.write(
        {
            "base/parameters.yml": """
                options:
                  seed: 1
                  eta: 0.1
                a: "${merge:${options},{name: a}}"
                b: "${merge:${options},{name: b}}"
                """,
            "cloud/parameters.yml": "options: {eta: 0.3}\n",
        }
    )
    rows = json.loads(shell.run("diff", "base", "cloud", "--format", "json", status=1))["differences"]
    assert {row["key"]: row["sides"]["base"]["places"][0]["line"] for row in rows} == dict.fromkeys(
        ["parameters: options.eta", "parameters: a.eta", "parameters: b.eta"], 3
    )


def test_removed_keys_and_one_type_in_json(either_shell: Shell) -> None:
    """The other way round, and of the parameters only."""
    printed = either_shell.write(FILES).run(
        "diff", "cloud", "base", "parameters", "--format", "json", status=1
    )
    found = json.loads(printed)
    assert (found["equal"], found["environments"]) == (False, ["cloud", "base"])
    removed = [row for row in found["differences"] if row["kind"] == "removed"]
    assert removed == [
        {
            "kind": "removed",
            "key": "parameters: model.eta",
            "type": "parameters",
            "path": ["model", "eta"],
            "sides": {
                "cloud": {
                    "value": 1,
                    "places": [{"file": "conf/cloud/parameters.yml", "line": 1, "env": "cloud"}],
                }
            },
        }
    ]


def test_equal_environments_exit_with_0(either_shell: Shell) -> None:
    """Nothing differs."""
    shell = either_shell.write({**FILES, "local/parameters.yml": "model: {depth: 3}\n"})
    assert shell.run("diff", "base", "local") == "base and local do not differ\n"


def test_secrets_differ_without_being_shown(either_shell: Shell) -> None:
    """Credentials are compared, not printed."""
    shell = either_shell.write(
        {"base/credentials.yml": "db: {word: one-77}\n", "cloud/credentials.yml": "db: {word: two-88}\n"}
    )
    printed = shell.run("diff", "base", "cloud", status=1)
    assert "~ credentials: db.word" in printed
    assert "77" not in printed
    assert "88" not in printed


def test_unknown_names_are_errors(either_shell: Shell) -> None:
    """Environments and types, with the nearest."""
    shell = either_shell.write(FILES)
    assert "Did you mean 'cloud'?" in shell.run("diff", "base", "clod", status=1)
    assert "Did you mean 'catalog'?" in shell.run("diff", "base", "cloud", "catalgo", status=1)


def test_what_is_not_a_number_equals_itself(shell: Shell) -> None:
    """`.nan` in both environments is not a difference; a number of another type is one."""
    shell.write(
        {"base/parameters.yml": "a: .nan\nb: [.nan, 1]\n", "cloud/parameters.yml": "a: .nan\nb: [.nan, 1]\n"}
    )
    assert shell.run("diff", "base", "cloud", "parameters") == "base and cloud do not differ\n"
    shell.write({"cloud/parameters.yml": "b: [.nan, 1.0]\n"})
    assert "~ parameters: b" in shell.run("diff", "base", "cloud", "parameters", status=1)

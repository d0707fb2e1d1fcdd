"""``kedro matrix config show``: what Kedro would use, secrets redacted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from kedro_matrix_ext.config import config_loader_args

if TYPE_CHECKING:
    from tests.cli.matrix.config.conftest import Shell

# Kedro 1.7 registers its resolvers by what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\):UserWarning:kedro\.config")

FILES = {
    "base/globals.yml": "bucket: data\n",
    "cloud/globals.yml": "bucket: s3://shop\n",
    "base/catalog.yml": """
        companies:
          type: pandas.CSVDataset
          filepath: ${globals:bucket}/companies.csv
          credentials: store
        "{variant}.model":
          type: pickle.PickleDataset
          filepath: ${globals:bucket}/{variant}.pickle
        """,
    "base/parameters.yml": """
        model: {depth: 3, "1": one}
        api: {token: abc, url: "https://me:secret@host", limit: 5, pages: null}
        features: [a, b]
        """,
    "base/credentials.yml": "store: {key: mine, secret: theirs}\n",
}


def test_shows_all_types_that_have_files(either_shell: Shell) -> None:
    """Everything, resolved, and no secret in it."""
    printed = either_shell.write(FILES).run("show", "-e", "cloud")
    shown = yaml.safe_load(printed)
    assert list(shown) == ["parameters", "catalog", "credentials", "globals"]
    assert shown["catalog"]["companies"]["filepath"] == "s3://shop/companies.csv"
    assert shown["catalog"]["companies"]["credentials"] == "store"
    assert not [word for word in ("mine", "theirs", "abc", "secret@") if word in printed]
    assert shown["parameters"]["api"]["limit"] == 5
    assert shown["parameters"]["api"]["pages"] is None


def test_shows_one_key_in_json_too(either_shell: Shell) -> None:
    """A key path leads through mappings, lists and names with dots; a value alone is printed alone."""
    shell = either_shell.write(FILES)
    assert shell.run("show", "parameters", "model.depth") == "3\n"
    assert shell.run("show", "parameters", "features[1]") == "b\n"
    assert shell.run("show", "parameters", "model.1") == "one\n"
    assert json.loads(shell.run("show", "catalog", "{variant}.model.type", "--format", "json")) == (
        "pickle.PickleDataset"
    )
    assert shell.run("show", "parameters", "api.token") == "'********'\n"


def test_containers_of_omegaconf_are_shown_as_plain_ones(either_shell: Shell) -> None:
    """A resolver of the project's own may leave some in what it gives; secrets in them stay hidden."""
    shell = either_shell.write(
        {"base/parameters.yml": "a: {api: {token: abc, tries: [3]}}\nb: ${mine:${a}}\n"}
    )
    shell.arguments = config_loader_args(custom_resolvers={"mine": lambda block: {**block}})
    shown = json.loads(shell.run("show", "parameters", "--format", "json"))
    assert shown["b"] == {"api": {"token": "********", "tries": [3]}}


def test_a_file_is_written_into_a_folder_that_is_made(either_shell: Shell) -> None:
    """As `kedro argo plan` does it."""
    shell = either_shell.write(FILES)
    file = shell.path / "before" / "globals.yml"
    assert shell.invoke("show", "globals", "-o", str(file)).stdout == ""
    assert yaml.safe_load(file.read_text()) == {"bucket": "data"}


def test_shows_what_a_dataset_gets(either_shell: Shell) -> None:
    """Its own entry, a factory's with the placeholders filled, or Kedro's default."""
    shell = either_shell.write(FILES)
    made = yaml.safe_load(shell.run("show", "--dataset", "deep.model"))
    assert made == {"deep.model": {"type": "pickle.PickleDataset", "filepath": "data/deep.pickle"}}
    assert shell.run("show", "catalog", "type", "--dataset", "companies") == "pandas.CSVDataset\n"
    assert yaml.safe_load(shell.run("show", "--dataset", "x")) == {"x": {"type": "kedro.io.MemoryDataset"}}


def test_parameters_of_the_run_count(either_shell: Shell) -> None:
    """As Kedro reads them for a run."""
    assert (
        either_shell.write(FILES).run("show", "parameters", "model.depth", "--params", "model.depth=7")
        == "7\n"
    )


def test_the_environment_variable_names_the_environment(
    either_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KEDRO_ENV is active, unless -e changes that."""
    shell = either_shell.write({**FILES, "test/globals.yml": "bucket: t\n"})
    monkeypatch.setenv("KEDRO_ENV", "cloud")
    assert shell.run("show", "globals", "bucket") == "s3://shop\n"
    assert shell.run("show", "globals", "bucket", "-e", "test") == "t\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["paramters"], "there is no type of configuration 'paramters'\n  Did you mean 'parameters'?"),
        (
            ["parameters", "model.dept"],
            "there is no key 'dept' in 'parameters: model'\n  Did you mean 'depth'?",
        ),
        (["parameters", "-e", "clod"], "there is no environment 'clod'\n  Did you mean 'cloud'?"),
        (["spark"], "environment 'local' has no spark"),
        (["globals", "--dataset", "x"], "in the catalog, not in the globals"),
        (["globals", "--conf-source", "nowhere"], "there is no configuration at 'nowhere'"),
    ],
)
def test_what_does_not_exist_is_one_error(either_shell: Shell, words: list[str], expected: str) -> None:
    """With the nearest name."""
    assert expected in either_shell.write(FILES).run("show", *words, status=1)

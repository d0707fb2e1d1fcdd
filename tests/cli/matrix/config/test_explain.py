"""``kedro matrix config explain``: where a value comes from, and all that it was made from."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from kedro.config import OmegaConfigLoader

from kedro_matrix_ext.config import config_loader_args
from kedro_matrix_ext.config.transcoding_mixin import TranscodingMixin

if TYPE_CHECKING:
    from tests.cli.matrix.config.conftest import Shell

# Kedro 1.7 registers its resolvers by what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\):UserWarning:kedro\.config")

FILES = {
    "base/globals.yml": "bucket: data\nraw: ${bucket}/raw\n",
    "base/catalog.yml": """
        companies:
          type: pandas.CSVDataset
          filepath: ${globals:raw}/companies.csv
        "{variant}.model":
          type: pickle.PickleDataset
          filepath: ${globals:bucket}/{variant}.pickle
        "{one}.{two}":
          type: pickle.PickleDataset
        "{any}": {type: pickle.PickleDataset}
        features:
          transcode: [pandas, polars]
          format: csv
          filepath: ${globals:bucket}/f.csv
        """,
    "base/parameters.yml": """
        defaults:
          model: {depth: 3, eta: 0.1}
          seed: 1
        deep:
          model: {depth: 9}
        candidate: ${merge:${defaults},${deep}}
        size: ${oc.int:${oc.env:SHOP_SIZE, 7}}
        bound: ${runtime_params:limit, ${defaults.seed}}
        api: {token: "${oc.env:SHOP_TOKEN}", url: "http://host/${.token}"}
        chosen: ${defaults.${which}}
        which: model
        listed: ${mine:[1, ${defaults.seed}]}
        """,
    "cloud/globals.yml": "bucket: s3://shop\n",
    "cloud/parameters.yml": "defaults:\n  seed: 2\ncandidate: {model: {eta: 0.5}}\n",
}


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_SIZE", raising=False)
    monkeypatch.setenv("SHOP_TOKEN", "very-hidden-42")


@pytest.fixture
def explain(shell: Shell) -> Any:
    """Explain under LayeredConfigLoader."""
    shell.arguments = config_loader_args(custom_resolvers={"mine": sum})
    shell.write(FILES)
    return lambda *words: shell.run("explain", *words)


def _json(printed: str) -> Any:
    return json.loads(printed)


def test_the_tree_leads_from_the_value_to_all_it_was_made_from(explain: Any) -> None:
    """Through the catalog, the globals and the environments."""
    assert explain("companies.filepath", "-e", "cloud") == dedent(
        """\
        catalog: companies.filepath = 's3://shop/raw/companies.csv'
        │   conf/base/catalog.yml:3 [base]  ${globals:raw}/companies.csv
        │   not by '{any}', which matches too: the dataset has its own entry
        └── ${globals:raw} → globals: raw = 's3://shop/raw'
            │   conf/base/globals.yml:2 [base]  ${bucket}/raw
            └── ${bucket} → globals: bucket = 's3://shop'
                    conf/cloud/globals.yml:1 [cloud]  s3://shop
                    overrides conf/base/globals.yml:1 [base]  data
        """
    )


def test_kedro_resolves_each_environment_alone_and_the_tree_says_so(shell: Shell) -> None:
    """The override does not reach what base refers to; it is named all the same."""
    shell.loader = OmegaConfigLoader
    shell.write(
        {**FILES, "base/parameters.yml": "seed: 1\ncopy: ${seed}\n", "cloud/parameters.yml": "seed: 2\n"}
    )
    assert shell.run("explain", "params:copy", "-e", "cloud") == dedent(
        """\
        parameters: copy = 1
        │   conf/base/parameters.yml:2 [base]  ${seed}
        └── ${seed} → parameters: seed = 1
                conf/base/parameters.yml:1 [base]  1
                conf/cloud/parameters.yml:1 overrides it in environment 'cloud', but not for what 'base' \
refers to: OmegaConfigLoader resolves each environment alone
        """
    )
    assert "= 's3://shop'" in shell.run("explain", "globals: bucket", "-e", "cloud")
    assert "= 'data/raw'" in shell.run("explain", "globals: raw", "-e", "cloud")


def test_an_argument_of_a_merge_that_gives_a_key_is_found(explain: Any) -> None:
    """And what it overrides; what no other argument has comes straight from one."""
    depth = explain("params:candidate.model.depth")
    assert "${deep} → parameters: deep.model.depth = 9" in depth
    assert (
        "overrides ${defaults} → parameters: defaults.model.depth = 3  at conf/base/parameters.yml:2" in depth
    )
    seed = explain("params:candidate.seed", "-e", "cloud")
    assert "${defaults} → parameters: defaults.seed = 2" in seed
    assert "overrides conf/base/parameters.yml:3 [base]  1" in seed
    eta = explain("params:candidate.model.eta", "-e", "cloud")
    assert "conf/cloud/parameters.yml:3 [cloud]  0.5" in eta
    assert "overrides conf/base/parameters.yml:6 [base]  ${merge:${defaults},${deep}}" in eta


def test_resolvers_variables_and_parameters_of_the_run_are_named(explain: Any, monkeypatch: Any) -> None:
    """With where they took the value from, defaults too."""
    assert "(the default: environment variable SHOP_SIZE is not set)" in explain("size")
    monkeypatch.setenv("SHOP_SIZE", "12")
    size = _json(explain("size", "--format", "json"))
    assert (size["value"], size["made_from"][0]["resolver"]) == (12, "oc.int")
    read = size["made_from"][0]["made_from"][0]
    assert (read["environment_variable"], read["value"], read["arguments"]) == (
        "SHOP_SIZE",
        "12",
        ["SHOP_SIZE", 7],
    )
    assert "the default: --params has no 'limit'" in explain("bound")
    assert "${defaults.seed} → parameters: defaults.seed = 1" in explain("bound")
    assert "(a parameter of this run)" in explain("bound", "--params", "limit=5")
    given = explain("params:defaults.seed", "--params", "defaults.seed=8")
    assert "= 8\n    --params  8\n    overrides conf/base/parameters.yml:3 [base]  1" in given


def test_a_reference_made_of_a_reference_is_followed(explain: Any) -> None:
    """Both are named."""
    chosen = explain("chosen.depth")
    assert "${defaults.${which}} → parameters: defaults.model.depth = 3" in chosen
    assert "→ parameters: which = 'model'" in explain("chosen")


def test_what_omegaconf_resolves_is_explained_too(explain: Any) -> None:
    """A resolver of the project's with a list as its argument: outside our part of the grammar."""
    listed = explain("listed")
    assert "${mine:[1, ${defaults.seed}]} = 2" in listed
    assert "${defaults.seed} → parameters: defaults.seed = 1" in listed


def test_secrets_are_in_no_form_of_it(either_shell: Shell) -> None:
    """Not the value, not what is made of it, not the variable's, not a default."""
    shell = either_shell.write(
        {
            "base/parameters.yml": """
                api: {token: "${oc.env:SHOP_TOKEN, 'fallback-9'}", url: "http://host/${.token}"}
                plain: {password: hunter22}
                """,
            "base/credentials.yml": "store: {key: '${oc.env:SHOP_TOKEN}', other: in-clear-77}\n",
        }
    )
    for words in (["api.token"], ["api.url"], ["plain"], ["credentials: store"], ["api"]):
        for form in ("text", "json"):
            printed = shell.run("explain", *words, "--format", form)
            hidden = ("very-hidden", "fallback", "hunter", "in-clear")
            assert "********" in printed
            assert not [word for word in hidden if word in printed]


def test_the_pattern_that_makes_a_dataset_and_those_that_lost(either_shell: Shell) -> None:
    """By Kedro's own ranking."""
    shell = either_shell.write({name: FILES[name] for name in FILES if "parameters" not in name})
    found = _json(shell.run("explain", "deep.model.filepath", "--format", "json"))
    assert found["key"] == "catalog: ['deep.model'].filepath"
    assert found["value"] == "data/deep.pickle"
    assert found["pattern"]["entry"] == "{variant}.model"
    assert found["pattern"]["values"] == {"variant": "deep"}
    assert found["pattern"]["candidates"] == [
        {"pattern": "{one}.{two}", "reason": "1 characters outside braces against 6"},
        {"pattern": "{any}", "reason": "a catch-all, 0 characters outside braces against 6"},
    ]
    assert found["made_from"][0]["written"]["line"] == 6
    assert "made by the pattern '{any}': any=unknown" in shell.run("explain", "--dataset", "unknown")
    assert "not by '{one}.{two}'" in shell.run("explain", "type", "--dataset", "deep.model")
    shell.write({"base/catalog.yml": "'{one}.model': {type: pickle.PickleDataset}\n"})
    assert "nothing in the catalog matches it" in shell.run("explain", "--dataset", "unknown")


@pytest.mark.parametrize("kedro", [False, True], ids=["layered", "omegaconf"])
def test_transcoded_entries_lead_to_their_declaration(shell: Shell, *, kedro: bool) -> None:
    """Keys that the declaration has are explained there."""
    if kedro:
        shell.loader = type("Loader", (TranscodingMixin, OmegaConfigLoader), {})
    shell.write({name: FILES[name] for name in FILES if "parameters" not in name})
    filepath = shell.run("explain", "features@polars.filepath")
    assert "made by 'transcode' of the entry 'features'" in filepath
    assert "conf/base/catalog.yml:13 [base]  ${globals:bucket}/f.csv" in filepath
    assert "conf/base/catalog.yml:10" in shell.run("explain", "features@polars.type")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["companis"],
            "there is no key 'companis' in the parameters, catalog, globals\n  Did you mean 'companies'?",
        ),
        (["parameters", "defaults.sed"], "no key 'sed' in 'parameters: defaults'\n  Did you mean 'seed'?"),
        (["params:defaults.model.dept"], "Did you mean 'depth'?"),
        (["global: raw"], "there is no type of configuration 'global'\n  Did you mean 'globals'?"),
        (["bucket", "-e", "clod"], "Did you mean 'cloud'?"),
        (["seed"], "there is no key 'seed'"),
    ],
)
def test_what_does_not_exist_is_one_error(shell: Shell, words: list[str], expected: str) -> None:
    """With the nearest name."""
    shell.arguments = config_loader_args(custom_resolvers={"mine": sum})
    assert expected in shell.write(FILES).run("explain", *words, status=1)


def test_a_key_of_two_types_must_say_which(shell: Shell) -> None:
    """The error shows how."""
    shell.write({"base/parameters.yml": "raw: 1\n", "base/globals.yml": "raw: 2\n"})
    assert "'raw' is in the parameters and in the globals" in shell.run("explain", "raw", status=1)
    for words in (["globals", "raw"], ["globals:", "raw"], ["globals: raw"]):
        assert "globals: raw = 2" in shell.run("explain", *words)


def test_one_key_is_explained_while_another_is_broken(shell: Shell) -> None:
    """What cannot be resolved elsewhere does not matter."""
    shell.write({"base/parameters.yml": "good: 1\nbad: ${nowhere}\nworse: ${oc.env:SHOP_NOT_SET}\n"})
    assert "parameters: good = 1" in shell.run("explain", "parameters", "good")
    assert "'nowhere'" in shell.run("explain", "parameters", "bad", status=1)
    assert "'SHOP_NOT_SET', needed at parameters: worse" in shell.run("explain", "params:worse", status=1)


def test_keys_for_references_only_are_explained(either_shell: Shell) -> None:
    """Those that start with an underscore, which Kedro does not show."""
    shell = either_shell.write({"base/catalog.yml": "_csv: {type: pandas.CSVDataset}\n"})
    assert "catalog: _csv.type = 'pandas.CSVDataset'" in shell.run("explain", "catalog", "_csv.type")


def test_it_can_be_written_to_a_file(explain: Any, shell: Shell) -> None:
    """Kedro's log on standard output is not in it."""
    file = shell.path / "out.json"
    assert explain("globals: raw", "--format", "json", "-o", str(file)) == f"wrote {file}\n"
    assert json.loads(file.read_text())["value"] == "data/raw"


def test_environments_that_inherit_are_layers(shell: Shell) -> None:
    """Each place that is overridden is named, the nearest first."""
    shell.write({**{f"{env}/globals.yml": f"bucket: {env}\n" for env in ("base", "cloud", "prod")}})
    shell.write({"prod/environment.yml": "inherits: [cloud]\n"})
    places = shell.run("explain", "bucket", "-e", "prod").splitlines()[1:]
    assert [line.split("[")[1].split("]")[0] for line in places] == ["prod", "cloud", "base"]


def test_what_is_referred_to_twice_is_explained_once(shell: Shell) -> None:
    """So that values made of each other many times have an answer."""
    chain = "".join(f"a{number}: ${{a{number + 1}}}${{a{number + 1}}}\n" for number in range(12))
    shell.write({"base/parameters.yml": f"{chain}a12: x\n"})
    assert len(shell.run("explain", "params:a0").splitlines()) == 26


OVERRIDDEN = {
    "base/globals.yml": "a: ${b}\nb: 1\nc: 2\nm: ${n}\nn: {x: 1, y: 3}\no: {x: 2}\nt: ${b}\n",
    "cloud/globals.yml": "a: ${c}\nm: ${o}\nt: ${a}\n",
    "prod/environment.yml": "inherits: [cloud]\n",
    "prod/globals.yml": "a: ${o.x}\n",
}


@pytest.mark.parametrize(
    ("env", "key", "value", "made_from"),
    [
        ("cloud", "a", 2, ["c"]),
        ("prod", "a", 2, ["o.x"]),
        ("cloud", "t", 2, ["a", "c"]),
        ("cloud", "m.x", 2, ["o.x"]),
        ("cloud", "m.y", 3, ["n.y"]),
    ],
)
def test_one_key_may_be_an_interpolation_in_two_layers(
    shell: Shell, env: str, key: str, value: int, made_from: list[str]
) -> None:
    """The tree leads through the layer that gives the value, to the key that it refers to."""
    shell.arguments = config_loader_args()
    shell.write(OVERRIDDEN)
    step = _json(shell.run("explain", "globals", key, "-e", env, "--format", "json"))
    assert step["value"] == value
    for place in made_from:
        (step,) = step["made_from"]
        assert step["key"] == f"globals: {place}"
    assert step["made_from"] == []


def test_environments_whose_layers_interpolate_one_key_differ(shell: Shell) -> None:
    """`diff` names the key, the values, and where each is written."""
    shell.arguments = config_loader_args()
    shell.write(OVERRIDDEN)
    printed = shell.run("diff", "base", "prod", "globals", status=1)
    assert "globals: a" in printed
    assert "globals: m.x" in printed
    assert "globals: m.x = 2" in shell.run("explain", "globals", "m", "-e", "prod")

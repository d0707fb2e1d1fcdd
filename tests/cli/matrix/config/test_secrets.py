"""No command of ``kedro matrix config`` shows a secret, whichever way it takes through the configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.test_secrets import PASSWORDS, assert_hidden

from kedro_matrix_ext.checks import Project, check_environments
from kedro_matrix_ext.config import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.findings import findings_as_dict, render_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.matrix.config.conftest import Shell

# Kedro 1.7 registers its resolvers by what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\):UserWarning:kedro\.config")

SHORT, LONG = "hu7ter", "S3CRET-of-the-shop"

# What the secret is, and which paths of the configuration it must not be shown at.
WAYS: dict[str, tuple[dict[str, str], str, str]] = {
    "globals that credentials refer to": (
        {
            "globals.yml": "db: {main: SECRET, host: db.example}\n",
            "credentials.yml": "db: {con: '${globals:db.main}'}\n",
            "parameters.yml": "a: {b: '${globals:db.main}'}\n",
        },
        "parameters",
        "a.b",
    ),
    "inside a connection string": (
        {
            "globals.yml": "db: {main: SECRET}\n",
            "credentials.yml": "db: {con: 'x://me:${globals:db.main}@host/db'}\n",
            "catalog.yml": "cars: {type: a.B, con: 'x://host/db;${globals:db.main}'}\n",
        },
        "catalog",
        "cars.con",
    ),
    "a variable that credentials use": (
        {
            "credentials.yml": "db: {con: '${oc.env:SHOP_MAIN}'}\n",
            "parameters.yml": "a: '${oc.env:SHOP_MAIN}'\n",
        },
        "parameters",
        "a",
    ),
    "a variable that globals of credentials use": (
        {
            "globals.yml": "one: '${two}'\ntwo: 'x-${oc.env:SHOP_MAIN}'\n",
            "credentials.yml": "db: {con: '${globals:one}'}\n",
            "parameters.yml": "a: {b: {c: '<${oc.env:SHOP_MAIN}>'}}\n",
        },
        "parameters",
        "a.b.c",
    ),
    "a variable that is called a secret": (
        {"parameters.yml": "a: '${oc.env:SHOP_TOKEN}'\nb: '${a}'\nc: [x, 'y ${b}']\n"},
        "parameters",
        "c[1]",
    ),
    "a default": (
        {"parameters.yml": "a: '${oc.env:NO_PASSWORD,SECRET}'\nb: {c: '${a}'}\n"},
        "parameters",
        "b.c",
    ),
    "a key that is called a secret": (
        {"parameters.yml": "api: {token: SECRET}\nurl: 'https://host/${api.token}'\n"},
        "parameters",
        "url",
    ),
    "a merge": (
        {
            "parameters.yml": """
                a: {x: '${oc.env:SHOP_TOKEN}', y: 1}
                b: {z: 2}
                c: '${merge:${a},${b}}'
                """
        },
        "parameters",
        "c.x",
    ),
    "a mapping by reference": (
        {"parameters.yml": "a: {b: {x: '${oc.env:SHOP_TOKEN}'}}\nc: '${a}'\nd: {e: '${c.b}'}\n"},
        "parameters",
        "d.e.x",
    ),
    "a mapping of the globals": (
        {"globals.yml": "g: {h: {x: '${oc.env:SHOP_TOKEN}'}}\n", "parameters.yml": "c: '${globals:g}'\n"},
        "parameters",
        "c.h.x",
    ),
    "if_null": (
        {"parameters.yml": "a: '${if_null:${oc.env:NONE,null,true},${oc.env:SHOP_TOKEN},x}'\n"},
        "parameters",
        "a",
    ),
    "a relative reference": (
        {"parameters.yml": "a: {pat: '${oc.env:SHOP_TOKEN}', b: '${.pat}'}\n"},
        "parameters",
        "a.b",
    ),
    "a default of credentials": (
        {"credentials.yml": "db: {con: '${globals:none,SECRET}'}\n", "globals.yml": "a: 1\n"},
        "credentials",
        "db.con",
    ),
    "transcoding": (
        {
            "catalog.yml": """
                cars:
                  transcode: [pandas, polars]
                  format: csv
                  filepath: data/cars.csv
                  pandas: {load_args: {x: '${oc.env:SHOP_TOKEN}'}}
                """
        },
        "catalog",
        "cars@pandas.load_args.x",
    ),
    "argo.yml": ({"argo.yml": "workflow: {x: '${oc.env:SHOP_TOKEN}'}\n"}, "argo", "workflow.x"),
}


@pytest.fixture(params=[SHORT, LONG])
def secret(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A secret that the net does not know since it is short, and one that it knows."""
    for name in ("SHOP_MAIN", "SHOP_TOKEN"):
        monkeypatch.setenv(name, request.param)
    return str(request.param)


@pytest.mark.parametrize("way", WAYS)
def test_no_command_shows_a_secret(either_shell: Shell, way: str, secret: str) -> None:
    """Neither the value itself nor the whole file, in neither format."""
    files, config_type, key = WAYS[way]
    if way == "transcoding":
        either_shell.loader = LayeredConfigLoader  # Kedro's own knows no such entries
    shell = either_shell.write({"cloud/globals.yml": "only_here: 1\n"})
    shell.write({f"base/{name}": text.replace("SECRET", secret) for name, text in files.items()})
    for words in (
        ["show", config_type, key],
        ["show"],
        ["explain", config_type, key],
        ["explain", config_type, key.partition(".")[0].partition("[")[0]],
    ):
        for output_format in ([], ["--format", "json"]):
            printed = shell.run(*words, *output_format)
            assert secret not in printed, (words, printed)
    assert "********" in shell.run("show", config_type, key)
    assert secret not in shell.invoke("diff", "base", "cloud").output
    assert secret not in check(shell)


def test_what_is_no_secret_stays_visible(either_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts, regions and ports of credentials, numbers, and values next to secrets."""
    monkeypatch.setenv("STORE_ENDPOINT", "http://store.example:9000")
    shell = either_shell.write(
        {
            "base/globals.yml": """
                store: {endpoint: '${oc.env:STORE_ENDPOINT}', region: eu-central-1, secret_key: k3yk3yk3y}
                """,
            "base/credentials.yml": """
                store:
                  key: '${globals:store.secret_key}'
                  client_kwargs:
                    endpoint_url: '${globals:store.endpoint}'
                    region_name: '${globals:store.region}'
                  port: 12345678
                  anon: false
                """,
            "base/parameters.yml": """
                endpoint: '${globals:store.endpoint}'
                region: '${globals:store.region}'
                rows: 12345678
                beside: {max_tokens: 512, pat_like: pattern, key: '${globals:store.secret_key}'}
                anon: false
                """,
        }
    )
    shown = json.loads(shell.run("show", "parameters", "--format", "json"))
    assert shown == {
        "endpoint": "http://store.example:9000",
        "region": "eu-central-1",
        "rows": 12345678,
        "beside": {"max_tokens": 512, "pat_like": "pattern", "key": "********"},
        "anon": False,
    }


def test_names_of_datasets_and_of_kubernetes_secrets_are_no_secrets(either_shell: Shell) -> None:
    """A dataset may be called a token, and argo.yml names secrets without holding them."""
    files = {
        "base/catalog.yml": """
            auth_token: {type: pandas.CSVDataset, filepath: data/of-tokens.csv, credentials: warehouse}
            """,
        "base/argo.yml": """
            image_pull_secrets: [registry-key]
            credentials: {db: {con: {secret_ref: {name: db-address, key: con}}}}
            """,
    }
    printed = either_shell.write(files).run("show")
    for word in ("pandas.CSVDataset", "data/of-tokens.csv", "warehouse", "registry-key", "db-address"):
        assert word in printed


def test_all_of_credentials_is_hidden(either_shell: Shell) -> None:
    """Null, numbers and truth values too."""
    shell = either_shell.write({"base/credentials.yml": "s: {a: null, b: 1, c: true, d: [x]}\n"})
    shown = json.loads(shell.run("show", "credentials", "--format", "json"))
    assert shown == {"s": {"a": "********", "b": "********", "c": "********", "d": ["********"]}}


def test_a_difference_shows_no_secret(either_shell: Shell, secret: str) -> None:
    """Of two environments with different secrets only the places are shown."""
    files = {
        "base/credentials.yml": "db: {con: '${globals:db.main}'}\n",
        "base/globals.yml": "db: {main: other-db}\n",
        "cloud/globals.yml": f"db: {{main: {secret}}}\n",
        "base/parameters.yml": "a: '${globals:db.main}'\n",
    }
    shell = either_shell.write(files)
    for output_format in ("text", "json"):
        printed = shell.run("diff", "base", "cloud", "--format", output_format, status=1)
        assert "a" in printed
        assert not [word for word in (secret, "other-db") if word in printed]


@pytest.mark.parametrize("cast", ["oc.int", "oc.float", "oc.bool"])
def test_errors_of_resolvers_show_no_value(either_shell: Shell, secret: str, cast: str) -> None:
    """Neither of a cast nor of a merge; the place is named."""
    files = {"base/parameters.yml": f"a: {{b: '${{{cast}:${{oc.env:SHOP_MAIN}}}}'}}\n"}
    shell = either_shell.write(files)
    for output in (*print_errors(shell, "a.b"), check(shell)):
        assert "a.b" in output
        assert secret not in output


BROKEN = [
    *("SECRET: x", "*SECRET", "!SECRET", "!SECRET x", "%SECRET", "@SECRET", "`SECRET`", "|SECRET"),
    *('"SECRET\\q"', "'SECRET", "[SECRET", "{SECRET", "!!int SECRET", "!!timestamp SECRET", "!!bool SECRET"),
    *(
        "!!binary SECRET*",
        "!!python/name:SECRET x",
        "${SECRET",
        "a${SECRET:",
    ),
    *("!!set {SECRET}", "[SECRET: [}", "\tSECRET\n\tb: x", "\n ? [SECRET]\n : x"),
]


@pytest.mark.parametrize("written", BROKEN)
@pytest.mark.parametrize(
    "file", ["credentials.yml: db", "credentials_prod.yaml: db", "parameters.yml: password"]
)
def test_an_error_of_yaml_quotes_no_secret(either_shell: Shell, written: str, file: str) -> None:
    """Of a file of credentials, or under a key that is called a secret; the place is named."""
    name, key = file.split(": ")
    shell = either_shell.write({f"base/{name}": f"{key}: {written}\n".replace("SECRET", LONG)})
    printed = [check(shell), *(shell.invoke("show", name.partition(".")[0][:11].rstrip("_")).output,)]
    assert name in printed[0]
    for text in printed:
        assert_hidden(LONG, text)


def test_a_key_of_credentials_given_twice_is_not_quoted(shell: Shell) -> None:
    """It may be a password without quotes."""
    shell.write({"base/credentials.yml": f"db: {{{LONG}: a, {LONG}: b}}\n"})
    printed = check(shell)
    assert "a key is given twice" in printed
    assert "credentials.yml:1" in printed
    assert_hidden(LONG, printed)


def test_a_file_of_credentials_that_is_one_word_is_not_quoted(shell: Shell) -> None:
    """As a file that holds a token and nothing else."""
    shell.write({"base/credentials.yml": LONG})
    printed = check(shell)
    assert "the top level of this file is the single value, not a mapping" in printed
    assert_hidden(LONG, printed)


def test_an_error_of_a_resolver_of_the_project_shows_no_known_secret(
    either_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the project's own code says is printed without secrets."""
    monkeypatch.setenv("SHOP_TOKEN", LONG)
    shell = either_shell.write({"base/parameters.yml": "a: '${number:${oc.env:SHOP_TOKEN}}'\n"})

    def number(text: str) -> int:
        return int(text)

    shell.arguments = config_loader_args(custom_resolvers={"number": number})
    for output in (*print_errors(shell, "a"), check(shell)):
        assert "invalid literal" in output
        assert LONG not in output


@given(
    password=PASSWORDS.filter(lambda text: "${" not in text),
    place=st.sampled_from(["parameters", "globals", "catalog", "credentials"]),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_shows_its_password(shell: Shell, password: str, place: str) -> None:
    """An address in any file, under any key, in any command."""
    tree = {"one": {"two": f"postgresql://me:{password}@db.example.com/shop", "type": "a.B"}}
    for name in ("parameters", "globals", "catalog", "credentials"):
        (shell.path / "conf" / "base" / f"{name}.json").unlink(missing_ok=True)
    shell.write({f"base/{place}.json": json.dumps(tree), "base/catalog.yml": "{}\n"})
    shell.write({"cloud/globals.yml": "x: 1\n"})
    assert_hidden(password, check(shell))
    for words in (
        ["show"],
        ["explain", place, "one.two"],
        ["explain", place, "one"],
        ["diff", "base", "cloud"],
    ):
        for output_format in ("text" if words != ["show"] else "yaml", "json"):
            result = shell.invoke(*words, "--format", output_format)
            assert result.exit_code in (0, 1), result.exception
            assert_hidden(password, result.output)


def check(shell: Shell) -> str:
    """Print what ``kedro matrix config check`` finds."""
    found = check_environments(
        Project(
            conf_source=str(shell.path / "conf"), loader_class=shell.loader, loader_arguments=shell.arguments
        ),
        ["base", "cloud"],
    )
    return render_findings(found) + json.dumps(findings_as_dict(found))


def print_errors(shell: Shell, key: str) -> Iterator[str]:
    """Print the errors of commands that cannot load parameters."""
    for words in (["show", "parameters"], ["explain", "parameters", key]):
        result = shell.invoke(*words)
        assert result.exit_code == 1
        yield result.output

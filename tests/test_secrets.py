"""Which names and values are taken for secrets, and that no text shows one."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kedro_matrix_ext._known_secrets import forget_secrets, remember_secrets, scrub
from kedro_matrix_ext._secrets import (
    is_secret_name,
    list_secret_parts,
    looks_secret,
    redact_text,
    show_address,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

# Passwords as people and generators make them, with every mark that an address gives a meaning to.
PASSWORDS = st.text(st.sampled_from("abcXYZ019/@#:?&=+%$!~ .-_;'\"\\ü"), min_size=8, max_size=30).filter(
    lambda text: len(text.strip()) >= 8
)
SCHEMES = st.sampled_from(
    ["postgresql", "PostgreSQL+psycopg2", "mongodb+srv", "HTTPS", "redis", "s3", "jdbc:oracle"]
)
ADDRESSES = st.builds(
    lambda scheme, user, password, tail: (f"{scheme}://{user}:{password}@{tail}", password),
    SCHEMES,
    st.sampled_from(["me", "", "svc-user"]),
    PASSWORDS,
    st.sampled_from(["db.example.com", "db:5432/shop", "db/shop?sslmode=off", "db/a@b"]),
)

# Other forms of addresses and connection strings, and which marks a password has in them.
FORMS = {
    "{scheme}://me:{password}@db.example.com:5432/shop": "/@#:?&=+%$!~. ü",
    "{scheme}://:{password}@db.example.com": "/@#:&=+%$!~.",
    "{scheme}://db.example.com/shop?user=me&password={password}": "/@:+%$!~.",
    "{scheme}://db.example.com/shop?sslmode=off&Token={password}#a": "/@:+%$!~.",
    "https://shop.blob.core.windows.net/raw?sv=2024&sig={password}": "/+%=.",
    "Driver={{ODBC Driver 18}};Server=db;Uid=me;Pwd={password};Database=shop": "/@#:?&+%$!~. ",
    "Server=db;PWD={{{password}}};UID=me": "/@#:?&+%$!~. ;",
    "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={password};EndpointSuffix=core": "/+=",
    "BlobEndpoint=https://shop.blob.core.windows.net/;SharedAccessSignature=sv=1&sig={password}": "/+%=",
    "host=db user=me password='{password}' dbname=shop": "/@#:?&=+%$!~. ",
    "host=db user=me password={password} dbname=shop": "/@#:?&=+%$!~.",
    "jdbc:sqlserver://db;user=me;password={password};encrypt=true": "/@#:?&+%$!~.",
    "https://hooks.slack.com/services/T0/{password}": "/@",
}
FORM_SCHEMES = (
    *("postgresql", "PostgreSQL+psycopg2", "MONGODB+srv", "HTTPS", "sftp", "redis", "jdbc:mysql", "amqps"),
)
WORDS = ("Tr0ub4dor", "c0rrecthorse", "BatteryStaple", "hunter2hunter2", "0penSesame")


def make_addresses(chance: random.Random) -> list[tuple[str, str]]:
    """Make one address of each form, and the password in it."""
    made = []
    for form, marks in FORMS.items():
        words = chance.sample(WORDS, 2)
        password = "".join((words[0], *chance.choices(marks, k=chance.randint(1, 3)), words[1]))
        made.append((form.format(scheme=chance.choice(FORM_SCHEMES), password=password), password))
    return made


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("url", "postgresql://me:pw1@db/shop", True),
        ("anything", "AKIA" + "A1" * 8, True),
        ("url", "https://example.com:8080/path", False),
        ("passwordField", "column", False),
        ("password", "$(DB_PASSWORD)", False),
        ("secret", "my-secret", False),
        ("secret", "", False),
        ("token", 5, False),
        ("password", "correct horse battery", True),
        ("con", "Driver={ODBC 18};Server=db;Uid=me;Pwd=a b c;", True),
        ("con", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=abc==", True),
        ("con", "host=db user=me password=hunter2 dbname=shop", True),
        ("url", "https://shop.blob.core.windows.net/c?sv=2024&sig=abc%3D", True),
        ("url", "https://api.example.com/v1?apikey=abc", True),
        ("url", "jdbc:postgresql://db/shop?user=me&password=abc", True),
        ("url", "https://hooks.slack.com/services/T0/B0/abc", True),
        ("url", "https://discord.com/api/webhooks/1/abc", True),
        ("url", "https://shop.webhook.office.com/webhookb2/abc", True),
        ("header", "Bearer abcDEF12345", True),
        ("header", "basic authentication", False),
        ("url", "https://0123456789abcdef@github.com/shop/repo", True),
        ("url", "abfss://container@shop.dfs.core.windows.net/raw", False),
        ("text", "the token is in 'a@spark'", False),
        ("query", "select * from t where token = 1", False),
        *((name, "a1b2c3d4e5", True) for name in ("dsn", "connStr", "github_pat", "apikeys", "PGPASSWORD")),
        *(("x", token, True) for token in ("hf_" + "a" * 34, "glpat-" + "b" * 20, "sk_live_" + "c" * 24)),
    ],
)
def test_what_looks_like_a_secret(name: str, value: object, secret: bool) -> None:  # noqa: FBT001  a table's column
    """A secret is known by its form, or by its name and a value that may be one."""
    assert looks_secret(name, value) is secret


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "PASSWORD",
        "db_password",
        "dbpassword",
        "password_prod",
        "passwords",
        "Password2",
        "MYSQL_PWD",
        "PGPASSWORD",
        "passphrase",
        "token",
        "token2",
        "auth_token",
        "accessToken",
        "tokens",
        "secret",
        "client_secret",
        "secrets",
        "api_key",
        "apikey",
        "API_KEYS",
        "dsn",
        "SENTRY_DSN",
        "conn_str",
        "connection_string",
        "pat",
        "GITHUB_PAT",
        "Authorization",
        "webhook_url",
        "slack_webhook",
        "signing_key",
        "credentials",
    ],
)
def test_names_of_secrets(name: str) -> None:
    """Plurals, suffixes, and any case."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens",
        "n_tokens",
        "token_count",
        "eos_token",
        "pad_token",
        "tokenizer",
        "password_length",
        "password_policy",
        "secret_name",
        "secret_ref",
        "pattern",
        "path",
        "compat",
        "author",
        "key",
        "primary_key",
        "sort_key",
        "PWD",
        "OLDPWD",
        "design",
        "signal",
        "dsname",
        "image_pull_secrets",
        "imagePullSecrets",
        "build_secrets",
    ],
)
def test_names_of_other_things(name: str) -> None:
    """What counts, describes or only contains such a word."""
    assert not is_secret_name(name)


@given(ADDRESSES)
def test_an_address_shows_no_password(made: tuple[str, str]) -> None:
    """No eight characters of the password are in the address as messages write it."""
    address, password = made
    assert_hidden(password, show_address(address))
    assert looks_secret("anything", address)


@given(ADDRESSES, st.sampled_from(["{}", "cannot read {!r} (no route)", "url={} failed", "<{}>"]))
def test_the_net_shows_no_password(made: tuple[str, str], message: str) -> None:
    """Of a value that is known, no text shows one: as it is, quoted, or in JSON or YAML."""
    address, password = made
    forget_secrets()
    remember_secrets([address])
    texts = [
        message.format(address),
        json.dumps({"a": address}),
        yaml.safe_dump([address], width=10_000, allow_unicode=True),
    ]
    for text in (*texts, message.format(password), json.dumps(password), repr(password)):
        assert_hidden(password, scrub(text))


@given(st.randoms(use_true_random=False))
def test_no_form_of_address_shows_its_password(chance: random.Random) -> None:
    """As messages write it, and in a text, whether it was known before or not."""
    address, password = chance.choice(make_addresses(chance))
    assert_hidden(password, show_address(address))
    assert looks_secret("anything", address)
    if " " not in password:  # of a text that nobody knew before, only words are recognised
        assert_hidden(password, redact_text(address))
    forget_secrets()
    remember_secrets([address])
    for text in (address, f"cannot read {address!r} today", json.dumps([address, password])):
        assert_hidden(password, scrub(text))


@given(PASSWORDS.filter(lambda text: not set(text) & set("'\"\\ ?")))
def test_an_address_inside_an_unknown_text_shows_no_password(password: str) -> None:
    """What nobody knew before is found by its form, as long as it is one word."""
    assert_hidden(password, redact_text(f"cannot read postgresql://me:{password}@db.example.com/shop today"))


def test_numbers_and_short_values_are_no_net() -> None:
    """Otherwise ordinary words and numbers of a text would disappear."""
    remember_secrets([True, 12345678, "12345678", "1_000_000.5", "short", None])
    text = "True, 12345678 of 1_000_000.5 rows, shortly"
    assert scrub(text) == text


def test_lines_of_a_key_are_hidden_one_by_one() -> None:
    """A text in several lines may be shown line by line."""
    remember_secrets(["first line of it\nsecond line of it"])
    assert scrub("  first line of it") == "  ********"


def assert_hidden(password: str, text: str) -> None:
    """Check that no eight characters of a password are in a text."""
    pieces = {password[start : start + 8] for start in range(len(password) - 7)}
    assert not [piece for piece in pieces if piece in text], text


HOSTILE = [
    *("http://h:8080 ", "a://b:c ", "a://", "a://b:", "https://hook.", "https://h/web-hook/", "-eyJabcdefgh"),
    *("a://b:c@ ", "pwd = ", ";pwd={", "token ", "jdbc:a:", "-----BEGIN ", "https://a.logic.azure.", "?sig="),
    *("?sig={", "password='", 'token="', "hook.", "webhook"),
]


@pytest.mark.parametrize("part", HOSTILE)
def test_a_hostile_text_is_read_once(part: str) -> None:
    """Where reading on from each part takes half a minute; the limit is in CPU time."""
    text = part * (200_000 // len(part)) + "@ "
    before = time.process_time()
    redact_text(text)
    list_secret_parts(text)
    assert time.process_time() - before < 8

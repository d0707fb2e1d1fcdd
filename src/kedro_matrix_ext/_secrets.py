"""Secrets by their spelling: names of keys and variables, and forms of values."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "REDACTED",
    "describe_value",
    "is_secret_name",
    "list_secret_parts",
    "looks_secret",
    "redact_text",
    "show_address",
]

REDACTED = "********"
"""What stands for a value that is not shown."""

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_SUFFIX = (
    r"(_?\d+|_(prod|production|dev|development|test|testing|stage|staging|qa|uat|live|sandbox|old|new|current|"
    r"previous|backup|primary|secondary|main|default|ro|rw|read|write|readonly|admin|root|user|db|database|"
    r"value|text|plain|raw|b64|base64|v\d+))*$"
)
_PASSWORD = rf"(password|passwd|passphrase|passcode|passwort|(^|_)(mysql|pg)?pwd)s?{_SUFFIX}"
_PASSWORDS = re.compile(_PASSWORD)
_NAMES = re.compile(
    rf"{_PASSWORD}"
    rf"|(secret|apikey|connstr|webhook)s?{_SUFFIX}"
    rf"|(^|_)([a-z]*token|credential|creds|dsn|pat|auth|authorization|bearer|sas|cookie"
    rf"|conn_str|(conn|connection)_?string|connection_str|web_?hook_ur[il]|hook_ur[il]"
    rf"|(api|access|private|secret|account|auth|encryption|signing|shared|storage|master|client|license)_key"
    rf"|shared_access_signature)s?{_SUFFIX}"
)
_COUNTED = re.compile(
    r"(^|_)(max|min|num|n|no|new|total|per|prompt|context|special|stop|stop_at|pad|padding|input|output|mask|"
    r"unk|bos|eos|sep|cls|extra|added|all|count|vocab|word|sub|top|skip|image|text)_?tokens?(_\d+)?$"
)
_REFERRED = re.compile(r"(^|_)(image_pull|build)_secrets?$")  # names of Kubernetes, and of a build
_NO_SECRETS = ("PWD", "OLDPWD")  # the shell's folders

_NAMED = (
    r"(?:[\w.-]*(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|apikey|access[_-]?key|account[_-]?key"
    r"|accountkey|sharedaccesskey|sharedaccesssignature|signature|credential|authorization)"
    r"|sig|auth|pat|sas)"
)
# A password ends at the last "@" of its word, or of its line where an address goes on behind it. Without
# bounds, a hostile text is read to its end from each of its addresses; some tokens have 1,500 characters.
_TO_LAST_AT = r"""(?:[^'"`\s]{0,2000}@|[^'"`\n]{0,2000}@(?=[\w.\[\]:-]+(?:[/?,;'"`]|$)))"""
_AZURE = r"(?!abfss?:|wasbs?:|adl:)"  # writes a container before the "@"
_SCHEME = rf"(?P<scheme>\b{_AZURE}[a-z][a-z0-9+.-]{{0,40}}://)"
_USER = re.compile(
    rf"(?i){_SCHEME}(?P<value>[^\s/:;@?#'\"]*:{_TO_LAST_AT}|[^\s/:;@?#'\"]+@)(?P<rest>[^\s'\"]*)"
)
_WHOLE = re.compile(
    rf"(?is)\s*(?:[a-z][\w+.-]*:)*?{_SCHEME}(?P<value>[^/?#:]*:.*@|[^/?#]+@)"
)  # a value that is an address
_QUERY = re.compile(rf"""(?i)(?P<name>[?&;]{_NAMED}=)(?P<value>\{{[^}}]{{0,2000}}\}}|[^&;#\s'"]+)""")
_PAIR = re.compile(
    rf"""(?i)(?P<name>(?:(?:^|;)\s*{_NAMED}\s*=\s*|[\s'"]{_NAMED}=))"""
    r"""(?P<value>\{[^}]{0,2000}\}|"[^"]{0,2000}"|'[^']{0,2000}'|[^;\n'"]+)"""
)
_HEADER = re.compile(
    r"""(?P<name>\b(?i:bearer|basic|token|apikey)\s+)(?=[\w.~+/-]*[A-Z0-9])(?P<value>[\w.~+/-]{8,}=*)(?=$|['"\s,;])"""
)
_WEB_HOOK = re.compile(
    r"(?i)(?P<scheme>\bhttps?://(?:[\w.-]{0,99}hooks?\.[\w.-]{1,99}|discord(?:app)?\.com|outlook\.office(?:365)?\.com"
    r"|[\w.-]{1,99}\.webhook\.office\.com|api\.telegram\.org|[\w.-]{1,99}\.logic\.azure\.com|maker\.ifttt\.com"
    r"|chat\.googleapis\.com|events\.pagerduty\.com|[\w.-]{1,99}\.m\.pipedream\.net)(?::\d+)?)"
    r"(?P<value>/(?:services|workflows|triggers|api/webhooks?|webhooks?|webhookb2|bot\d|hooks?|v1/spaces|integration"
    r"|trigger|workflows)[^\s'\"]*)"
)
_GENERIC_HOOK = re.compile(
    r"(?i)(?P<scheme>\bhttps?://[\w.-]+(?::\d+)?)(?P<value>/[^\s'\"]{0,500}web-?hooks?/[^\s'\"]+)"
)
# What providers' keys look like.
_TOKENS = re.compile(
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bAIza[\w-]{35}"
    r"|\bya29\.[\w-]{20,}|\bxox[abeoprs]-[\w-]{10,}|\bxapp-[\w-]{10,}|\bsk-[\w-]{20,}|\b[srp]k_(live|test)_\w{10,}"
    r"|\bhf_[A-Za-z0-9]{20,}|\bdapi[0-9a-f]{32}|\bnpm_\w{30,}|\bpypi-[\w-]{30,}|\bdckr_pat_[\w-]{20,}"
    r"|\bdop_v1_\w{40,}|\bshp(at|ca|pa|ss)_\w{20,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bATATT[\w=-]{20,}|\bhv[sbr]\.[\w-]{20,}"
    r"|\blin_api_\w{20,}|\bNRAK-\w{20,}|\bAGE-SECRET-KEY-\w{20,}|\bkey-[0-9a-f]{32}\b|\brpa_\w{30,}|\bgsk_\w{20,}"
    r"|\beyJ[\w-]{8,1000}\.eyJ[\w-]{8,}(\.[\w-]*)?"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*-----)?"
)
_SHORTEST, _LONG = 6, 20
_MOST_ENDS = 20  # of a password, each at an "@"
_REFERENCES = ("$(", "${", "/", "{{")
_HOST = re.compile(r"[\w.-]+(:\d+)?")
_USER_PART = re.compile(r"[^/?#:;]*(:[^?;]*)?", re.DOTALL)  # otherwise its "@" may be in a path or a query


def looks_secret(name: str, value: object) -> bool:
    """Return whether a value looks like a secret, by its name or by itself.

    Examples:
        >>> looks_secret("DB_PASSWORD", "hunter2"), looks_secret("max_tokens", "512")
        (True, False)
    """
    if not isinstance(value, str) or not value.strip():
        return False
    if _WHOLE.match(value) or redact_text(value) != value:
        return True
    if not is_secret_name(name) or value.startswith(_REFERENCES):
        return False
    if _PASSWORDS.search(_words(name)):
        return True
    return " " not in value and _looks_random(value)


def is_secret_name(name: str) -> bool:
    """Return whether a key or variable is called as secrets are, whatever its value.

    Examples:
        >>> [is_secret_name(name) for name in ("apiKey", "token2", "password_prod", "PGPASSWORD")]
        [True, True, True, True]
        >>> [is_secret_name(name) for name in ("max_tokens", "password_length", "secret_name", "PWD")]
        [False, False, False, False]
    """
    words = _words(name)
    if name in _NO_SECRETS or _COUNTED.search(words) or _REFERRED.search(words):
        return False
    return _NAMES.search(words) is not None


def redact_text(text: str) -> str:
    """Replace what looks like a secret in a text; scheme and host of an address stay.

    Examples:
        >>> redact_text("cannot read postgresql://me:p@ss/word@db.example.com/shop?sslmode=off")
        'cannot read postgresql://********@db.example.com/shop?sslmode=off'
        >>> redact_text("AccountName=shop;AccountKey=abc==;Endpoint=core")
        'AccountName=shop;AccountKey=********;Endpoint=core'
    """
    if "://" in text:
        text = _USER.sub(_redact_user, text)
        for form in (_WEB_HOOK, _GENERIC_HOOK):
            text = form.sub(rf"\g<scheme>/{REDACTED}", text)
    for form in (_QUERY, _PAIR, _HEADER):
        text = form.sub(rf"\g<name>{REDACTED}", text)
    return _TOKENS.sub(REDACTED, text)


def list_secret_parts(value: str) -> list[str]:
    """Return the parts of an address or a connection string that nobody should read.

    Examples:
        >>> list_secret_parts("postgresql://me:p@ss/word@db.example.com/shop")
        ['p@ss/word', 'p']
        >>> list_secret_parts("Server=db;Pwd=hunter22;Database=shop")
        ['hunter22']
    """
    found = chain(_users(value), _named_values(value), _matches(value))
    return [part for part in dict.fromkeys(found) if part]


def _users(value: str) -> Iterator[str]:
    """Find what is between the first colon after a scheme and an "@", of which any may end a password."""
    if (found := _WHOLE.match(value)) is not None:
        name, colon, password = found["value"].removesuffix("@").partition(":")
        if colon or _looks_random(name):
            pieces = (password if colon else name).split("@")
            yield from ("@".join(pieces[:end]) for end in (len(pieces), *range(_MOST_ENDS, 0, -1)))


def _named_values(value: str) -> Iterator[str]:
    for form in (_QUERY, _PAIR, _HEADER):
        yield from (found["value"].strip("{}\"' ") for found in form.finditer(value))


def _matches(value: str) -> Iterator[str]:
    yield from (found[0] for found in _TOKENS.finditer(value))
    for form in (_WEB_HOOK, _GENERIC_HOOK):
        yield from (found["value"] for found in form.finditer(value))


def _redact_user(found: re.Match[str]) -> str:
    """Keep what follows the "@", unless that may be inside a query."""
    return f"{found['scheme']}{REDACTED}" + ("" if "?" in found["value"] else f"@{found['rest']}")


def show_address(address: str) -> str:
    """Return an address as messages name it: whole, or scheme and host where more could hold a secret.

    Examples:
        >>> show_address("s3://bucket/raw/cars.csv")
        's3://bucket/raw/cars.csv'
        >>> show_address("PostgreSQL://me:a/b@c@db.example.com:5432/shop?sslpassword=x")
        'PostgreSQL://db.example.com:5432'
        >>> show_address("Driver={SQL};Server=db;Pwd=hunter2")
        '********'
    """
    if not looks_secret("", address) and "?" not in address:
        return address
    scheme, mark, rest = address.partition("://")
    if not mark or not re.fullmatch(r"[A-Za-z][\w+.:-]*", scheme):
        return REDACTED
    user, _, place = rest.rpartition("@")
    host = re.split(r"[/?;#]", place)[0]
    shows_host = _USER_PART.fullmatch(user) and _HOST.fullmatch(host)
    return f"{scheme}://{host}" if shows_host else f"{scheme}://{REDACTED}"


def describe_value(value: object) -> str:
    """Describe a value in an error without showing it: any text may be a secret.

    Examples:
        >>> describe_value("hunter2"), describe_value(7.5), describe_value({"a": 1})
        ("text of 7 characters, type 'str'", "7.5 of type 'float'", "a value of type 'dict'")
    """
    if isinstance(value, str):
        return f"text of {len(value)} character{'' if len(value) == 1 else 's'}, type 'str'"
    shown = repr(value) if value is None or isinstance(value, (bool, int, float)) else "a value"
    return f"{shown} of type {type(value).__name__!r}"


def _words(name: str) -> str:
    return "_".join(word.lower() for word in _WORDS.findall(name))


def _looks_random(value: str) -> bool:
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return len(value) >= _LONG or (len(value) >= _SHORTEST and mixed)

"""What nobody should read: which values of a configuration look like secrets, and how they are shown."""

from __future__ import annotations

import re

__all__ = ["REDACTED", "is_secret_name", "looks_secret"]

REDACTED = "********"
"""What stands for a value that is not shown."""

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_NAMES = re.compile(
    r"(^|_)(password|passwd|pwd|passphrase|secret|token|credential|credentials"
    r"|(api|access|private|secret|account|auth|encryption)_key)$"
)
_PASSWORDS = ("password", "passwd", "pwd", "passphrase")
# What providers' keys look like: AWS, GitHub, Google, Slack, OpenAI and the like, JWT, PEM, a URL's password.
_VALUES = re.compile(
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bgithub_pat_\w{20,}|\bAIza[\w-]{35}|\bxox[abpr]-[\w-]{10,}"
    r"|\bsk-[\w-]{20,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b[a-z][a-z0-9+.]*://[^\s/:@]*:[^\s/:@]+@"
)
_SHORTEST, _LONG = 6, 20
_REFERENCES = ("$(", "${", "/", "{{")


def looks_secret(name: str, value: object) -> bool:
    """Return whether a value looks like a secret, by its name or by itself.

    Examples:
        >>> looks_secret("DB_PASSWORD", "hunter2"), looks_secret("max_tokens", "512")
        (True, False)
    """
    if not isinstance(value, str) or not value.strip():
        return False
    if _VALUES.search(value):
        return True
    if not is_secret_name(name) or value.startswith(_REFERENCES) or " " in value:
        return False
    return _words(name).endswith(_PASSWORDS) or _looks_random(value)


def is_secret_name(name: str) -> bool:
    """Return whether a key is called as secrets are, whatever its value.

    Examples:
        >>> is_secret_name("apiKey"), is_secret_name("max_tokens")
        (True, False)
    """
    return _NAMES.search(_words(name)) is not None


def _words(name: str) -> str:
    return "_".join(word.lower() for word in _WORDS.findall(name))


def _looks_random(value: str) -> bool:
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return len(value) >= _LONG or (len(value) >= _SHORTEST and mixed)

"""Files that hold secrets, by their names: what the written ignore file leaves out, and builds refuse."""

from __future__ import annotations

from functools import cache

from kedro_matrix_ext.argo.image.ignore import IgnoreFile

__all__ = ["is_secret", "list_secret_patterns"]

_READ_AS_CREDENTIALS = ("y*ml", "json", "toml", "ini", "properties", "pickle", "xml")  # by Kedro's loaders
_PATTERNS = (
    *(f"**/id_{kind}*" for kind in ("rsa", "dsa", "ecdsa", "ed25519")),
    "!**/id_*.pub",
    *("**/.env*", "**/.flaskenv", "**/*.env", "**/*.env~", "**/*.env.bak"),
    "!**/.env.defaults",
    *("**/.*.env.sw?", "**/.credentials*.sw?"),  # what an editor keeps of an open file
    *(f"**/credentials*.{ending}*" for ending in _READ_AS_CREDENTIALS),  # copies as credentials.yml.bak too
    *(f"**/credentials*/**/*.{ending}*" for ending in _READ_AS_CREDENTIALS),
    *("**/*credentials.json", "**/client_secret*.json"),
    *(f"**/{name}.{ending}" for name in ("secret", "secrets") for ending in ("y*ml", "json", "toml", "ini")),
    *(f"**/*service{sign}account*.json" for sign in ("-", "_", "")),
    *(f"**/*.{ending}" for ending in ("pem", "key", "p12", "pfx", "jks", "keystore")),
    *("**/.netrc", "**/.pgpass", "**/.pypirc", "**/.git-credentials", "**/.htpasswd", "**/.vault-token"),
    *("**/.s3cfg", "**/.boto", "**/.dockercfg", "**/.dockerconfigjson", "**/.docker/config.json"),
    *("**/.aws", "**/.azure", "**/.gcloud", "**/.ssh", "**/.kube/config"),
    *("**/kubeconfig", "**/kubeconfig.y*ml", "**/*.kubeconfig", "**/*.kubeconfig.y*ml"),
    *("**/*.tfstate", "**/*.tfstate.backup"),
    "**/conf/local",
)
_NEVER_SECRET = frozenset({".env.defaults", ".gitkeep", ".gitignore"})  # committed for all to see


def list_secret_patterns() -> list[str]:
    """List the patterns as an ignore file holds them, which knows no option for letters of either case."""
    return [pattern if pattern.startswith("!") else _ignore_case(pattern) for pattern in _PATTERNS]


def _ignore_case(pattern: str) -> str:
    letters = ((letter.upper(), letter) for letter in pattern)
    return "".join(f"[{upper}{lower}]" if upper != lower else lower for upper, lower in letters)


def is_secret(path: str) -> bool:
    """Check whether a file may hold a secret, by its name and the folder it is in.

    Examples:
        >>> [is_secret(path) for path in ("conf/base/Credentials.yml", "a/.env.prod", ".env.defaults")]
        [True, True, False]
        >>> is_secret("conf/local/parameters.yml"), is_secret("src/shop/credentials.py")
        (True, False)
    """
    path = path.strip()
    return path.rpartition("/")[2] not in _NEVER_SECRET and _read_patterns().matches(path.lower())


@cache
def _read_patterns() -> IgnoreFile:
    return IgnoreFile(_PATTERNS)

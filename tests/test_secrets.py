"""Which names and values are taken for secrets, wherever that is asked."""

from __future__ import annotations

import pytest

from kedro_matrix_ext._secrets import looks_secret


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
    ],
)
def test_what_looks_like_a_secret(name: str, value: object, secret: bool) -> None:  # noqa: FBT001  a table's column
    """A secret is known by its form, or by its name and a value that may be one."""
    assert looks_secret(name, value) is secret

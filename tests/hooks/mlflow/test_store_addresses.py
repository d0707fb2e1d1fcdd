"""No log shows the password in a store's address."""

from __future__ import annotations

import pytest

from kedro_matrix_ext.hooks.mlflow.tracking_uri import hide_credentials


@pytest.mark.parametrize("password", ["hunter2hunter2", "p@ss@word1", "pa/ss/word", "a#b:c#d:e"])
def test_no_password_of_a_store_is_logged(password: str) -> None:
    """Also with the marks that an address gives a meaning to."""
    shown = hide_credentials(f"postgresql://me:{password}@db.example.com/mlflow")
    assert shown == "postgresql://********@db.example.com/mlflow"

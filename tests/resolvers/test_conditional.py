from __future__ import annotations

from typing import Any

import pytest
from omegaconf import OmegaConf

from kedro_matrix_ext.resolvers import default_resolvers, registered_resolvers
from kedro_matrix_ext.resolvers.conditional import choose_if_null


@pytest.mark.parametrize("value", [0, "", False, [], {}])
def test_only_null_is_null(value: Any) -> None:
    """What is merely empty or false is not null."""
    assert choose_if_null(value, "then", "else") == "else"
    assert choose_if_null(None, "then", "else") == "then"


def test_it_composes_with_variables_and_casts(monkeypatch: pytest.MonkeyPatch) -> None:
    """An optional variable with a typed value: null in one branch does not break the cast in the other."""
    text = "${if_null:${oc.env:KM_ROWS,null,True},all,${oc.int:${oc.env:KM_ROWS,null,True}}}"
    config = OmegaConf.create({"rows": text, "tables": {"few": [1], "many": [1, 2]}})
    config.chosen = "${if_null:${oc.env:KM_ROWS,null,True},${tables.many},${tables.few}}"
    with registered_resolvers(default_resolvers()):
        assert (config.rows, config.chosen) == ("all", [1, 2])
        monkeypatch.setenv("KM_ROWS", "100")
        assert (config.rows, config.chosen) == (100, [1])

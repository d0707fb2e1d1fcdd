"""The allow-list of the shell travels with a workflow, and a list in argo.yml that differs is an error."""

from __future__ import annotations

from typing import Any

import pytest

from kedro_matrix_ext.argo.configuration.loading import load_argo_config
from kedro_matrix_ext.argo.manifest.containers import render_environment
from kedro_matrix_ext.errors import ConfigurationError

NAME = "KEDRO_MATRIX_INJECT_ALLOWLIST"


def _listed(environment: list[dict[str, Any]]) -> list[str | None]:
    """Load argo.yml with these variables and return the lists that a task gets."""
    data: Any = {"deployment": {"image": "shop"}, "template": {"environment": environment}}
    loader: Any = {"argo": data}  # a loader is read like a mapping
    found = render_environment(load_argo_config(loader), run_parameters=None)
    return [each.get("value") for each in found if each["name"] == NAME]


@pytest.mark.parametrize("local", ["shop.*", "shop.*, decimal.Decimal", ""])
def test_the_list_of_the_shell_travels(monkeypatch: pytest.MonkeyPatch, local: str) -> None:
    """Also an empty one, which allows nothing; without a variable there is none."""
    other = {"name": "OTHER", "value": "x"}
    monkeypatch.setenv(NAME, local)
    assert _listed([other]) == _listed([]) == [local]
    monkeypatch.delenv(NAME)
    assert _listed([other]) == []


def test_equal_lists_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Order and spaces do not matter; where only argo.yml has a list, that one counts."""
    monkeypatch.setenv(NAME, "shop.*,decimal.Decimal")
    assert _listed([{"name": NAME, "value": "decimal.Decimal, shop.*"}]) == ["decimal.Decimal, shop.*"]
    monkeypatch.delenv(NAME)
    assert _listed([{"name": NAME, "value": "shop.*"}]) == ["shop.*"]


SOURCE = {"configMapKeyRef": {"name": "settings", "key": "allow"}}


@pytest.mark.parametrize(
    "entry",
    [{"value": "shop.*"}, {"value": ""}, {"value": "decimal.Decimal,shop.*"}, {"valueFrom": SOURCE}],
    ids=str,
)
def test_lists_that_differ_are_an_error(monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any]) -> None:
    """A narrower and a wider one, an empty one, and one that only the cluster has."""
    monkeypatch.setenv(NAME, "decimal.Decimal")
    with pytest.raises(ConfigurationError, match="different lists") as caught:
        _listed([{"name": NAME, **entry}])
    assert caught.value.config_path == "argo: template.environment"

"""The environment of commands for the cluster: ``-e``, else ``KEDRO_ENV``, else ``cloud``."""

from __future__ import annotations

import pytest

from kedro_matrix_ext.cli.argo import argo

COMMANDS = ["build", "check", "plan", "rehearse", "resubmit", "submit"]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("variable", "arguments", "expected"),
    [
        (None, [], "cloud"),
        ("", [], "cloud"),
        ("prod", [], "prod"),
        ("prod", ["-e", "test"], "test"),
    ],
)
def test_the_variable_counts_as_for_every_command(
    name: str,
    variable: str | None,
    arguments: list[str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An option on the command line counts more; an empty variable counts as unset, as for Kedro."""
    if variable is not None:
        monkeypatch.setenv("KEDRO_ENV", variable)
    context = argo.make_context("argo", [name], resilient_parsing=True)
    command = argo.get_command(context, name)
    assert command is not None
    assert command.make_context(name, [*arguments]).params["env"] == expected

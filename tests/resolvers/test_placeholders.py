"""Placeholders stand for variables that only a pod has, with both loaders and any resolver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf
from omegaconf.resolvers import oc

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.resolvers import registered_resolvers
from kedro_matrix_ext.resolvers.placeholders import Placeholders, no_placeholders, use_placeholders

if TYPE_CHECKING:
    from pathlib import Path

LOADERS = [OmegaConfigLoader, LayeredConfigLoader]
HOLDER = Placeholders(("TOKEN", "OTHER"), {}, "0123")
TOKEN = HOLDER.of("TOKEN")


def shout(*values: Any) -> str:
    """Fail unless the values are known."""
    return "".join(map(str, values)).upper()


def load(tmp_path: Path, loader_class: type[OmegaConfigLoader], globals_: str, parameters: str) -> Any:
    """Load parameters in a project with its own resolver."""
    for name, text in (("globals", globals_), ("parameters", parameters)):
        (tmp_path / "base").mkdir(exist_ok=True)
        (tmp_path / "base" / f"{name}.yml").write_text(text)
    (tmp_path / "local").mkdir(exist_ok=True)
    arguments = config_loader_args(custom_resolvers={"shout": shout})
    return loader_class(str(tmp_path), env="local", **arguments)["parameters"]


@pytest.mark.filterwarnings("ignore:register_new_resolver")
@pytest.mark.parametrize("loader_class", LOADERS)
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("${oc.env:TOKEN}", TOKEN),
        ("${oc.env:TOKEN, default}", TOKEN),
        ("${oc.env:TOKEN, null, true}", TOKEN),
        ("https://host/${oc.env:TOKEN}/x", f"https://host/{TOKEN}/x"),
        ("${oc.int:${oc.env:TOKEN}}", TOKEN),
        ("${oc.float:${oc.env:TOKEN, 3}}", TOKEN),
        ("${oc.bool:${oc.env:TOKEN}}", TOKEN),
        ("${shout:${oc.env:TOKEN}}", TOKEN),
        ("${shout:a,b${oc.env:TOKEN}}", TOKEN),
        ("${shout:a,b}", "AB"),
        ("${globals:token}", TOKEN),
        ("${globals:nested.url}", f"s3://{TOKEN}"),
        ("${globals:absent, ${oc.env:TOKEN}}", TOKEN),
        ("${runtime_params:absent, ${oc.env:TOKEN}}", TOKEN),
        ("${merge:{a: 1}, ${own}}", {"a": 1, "b": TOKEN}),
        ("${merge_shallow:${own}, {c: 1}}", {"b": TOKEN, "c": 1}),
        ("${if_null:${oc.env:TOKEN}, 1, ${own.b}}", TOKEN),
        ("${shout:${own}}", TOKEN),
        ("${own.b}", TOKEN),
        ("${oc.env:IS_SET}", "set"),
    ],
)
def test_a_placeholder_passes_through(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    loader_class: type[OmegaConfigLoader],
    written: str,
    expected: Any,
) -> None:
    """Defaults do not count, casts and other resolvers are not called, mappings keep the rest."""
    monkeypatch.delenv("TOKEN", raising=False)
    monkeypatch.setenv("IS_SET", "set")
    globals_ = 'token: "${oc.env:TOKEN}"\nnested: {url: "s3://${oc.env:TOKEN}"}\n'
    with use_placeholders(HOLDER):
        found = load(tmp_path, loader_class, globals_, f'x: "{written}"\nown: {{b: "${{oc.env:TOKEN}}"}}\n')
    assert found["x"] == expected


@pytest.mark.filterwarnings("ignore:register_new_resolver")
@pytest.mark.parametrize("loader_class", LOADERS)
def test_a_variable_that_is_set_keeps_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader_class: type[OmegaConfigLoader]
) -> None:
    """And one that is not named is an error, as without placeholders."""
    monkeypatch.setenv("TOKEN", "real")
    monkeypatch.delenv("UNNAMED", raising=False)
    with use_placeholders(HOLDER):
        assert load(tmp_path, loader_class, "{}", 'x: "${oc.env:TOKEN}"')["x"] == "real"
        with pytest.raises(Exception, match="UNNAMED"):
            load(tmp_path, loader_class, "{}", 'x: "${oc.env:UNNAMED}"')
    monkeypatch.delenv("TOKEN")
    with pytest.raises(Exception, match="TOKEN"):
        load(tmp_path, loader_class, "{}", 'x: "${oc.env:TOKEN}"')


@pytest.mark.filterwarnings("ignore:register_new_resolver")
def test_the_table_of_resolvers_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Placeholders end with the block, also inside it for the project's code; registrations stay."""
    monkeypatch.delenv("TOKEN", raising=False)
    config = OmegaConf.create({"a": "${oc.env:TOKEN, default}"})
    with registered_resolvers({"oc.env": oc.env}), use_placeholders(HOLDER):
        assert config.a == TOKEN
        with no_placeholders():
            assert config.a == "default"
        assert config.a == TOKEN
        OmegaConf.register_new_resolver("kept", lambda: 1)
    with registered_resolvers({"oc.env": oc.env}):
        assert config.a == "default"
    assert OmegaConf.create({"a": "${kept:}"}).a == 1
    OmegaConf.clear_resolver("kept")


def test_concealing_names_the_variables() -> None:
    """At any depth; text of another placeholder, or none, stays."""
    other = Placeholders(("TOKEN",)).of("TOKEN")
    value = {"a": [f"x{TOKEN}y", {TOKEN: other}], "b": 3}
    assert HOLDER.conceal(value) == {"a": ["x<TOKEN>y", {"<TOKEN>": other}], "b": 3}
    assert HOLDER.find(value) == ("TOKEN",)
    assert "TOKEN" not in TOKEN

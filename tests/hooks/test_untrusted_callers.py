"""Kedro's own loader in a session that does not trust its callers: what they send is plain text."""

from __future__ import annotations

import copy
import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf
from omegaconf.errors import GrammarParseError

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args, inject_object
from kedro_matrix_ext.hooks.untrusted_callers import escape_text, guard_parameters

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kedro_project import KedroProject

RESTRICTION = "restrict_runtime_params_type_selection"
SECRET = "S3CR3T-of-the-server"  # noqa: S105  what must not be read out
BASE = """
model: {object: fractions.Fraction, numerator: 1}
greeting: "hello ${name}"
name: nobody
kinds: {a: {object: math.pi}, b: {object: math.tau}}
kind: a
chosen: ${kinds.${kind}}
models: [{object: math.pi}, "${runtime_params:asked, none}"]
chosen_by_text: {object: "${runtime_params:asked, math.e}"}
"""

if RESTRICTION not in inspect.signature(OmegaConfigLoader.__init__).parameters:
    pytest.skip("this Kedro's loader has no such restriction", allow_module_level=True)


@inject_object()
def keep(value: Any) -> Any:
    """Return what a node gets."""
    return value


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Load the parameters as a session would, with what a caller sends."""
    monkeypatch.setenv("DB_PASSWORD", SECRET)

    def load(
        sent: dict[str, Any], *, text: str | None = BASE, loader: type[OmegaConfigLoader] = OmegaConfigLoader
    ) -> dict[str, Any]:
        for env in ("base", "local"):
            (tmp_path / env).mkdir(exist_ok=True)
        (tmp_path / "base/globals.yml").write_text(f"password: {SECRET}\n")
        if text is not None:
            (tmp_path / "base/parameters.yml").write_text(text)
        arguments = config_loader_args(restrict_runtime_params_type_selection=True)
        opened = loader(str(tmp_path), None, copy.deepcopy(sent), **arguments)
        guard_parameters(opened)
        return dict(opened["parameters"])

    return load


@given(st.text(alphabet="\\${}a:.", max_size=12) | st.text(max_size=8))
def test_escaped_text_arrives_as_it_was(text: str) -> None:
    """OmegaConf gives back any text, in a mapping and through a reference; '???' is its word for no value."""
    if text == "???":
        return
    found = OmegaConf.to_container(
        OmegaConf.create({"a": [escape_text(text)], "b": "${a[0]}"}), resolve=True, throw_on_missing=False
    )
    assert found == {"a": [text], "b": text}


@pytest.mark.parametrize(
    "text",
    [
        "${oc.env:DB_PASSWORD}",
        "a ${oc.env:DB_PASSWORD} b",
        "\\${oc.env:DB_PASSWORD}",
        "\\\\${oc.env:DB_PASSWORD}",
        "${globals:password}",
        "${merge:${kinds},{z: ${globals:password}}}",
        "${nowhere}",
        "$ {",
        "{}",
    ],
)
@pytest.mark.parametrize("place", ["name", "asked", "new", "deep"])
def test_text_of_callers_is_not_interpolated(
    load: Callable[..., dict[str, Any]], text: str, place: str
) -> None:
    """It arrives as it is, wherever it is put and whatever refers to it."""
    sent = {"deep": {"new": [{"x": text}]}} if place == "deep" else {place: text}
    loaded = load(sent)
    assert SECRET not in repr(loaded)
    shown = {
        "name": loaded["greeting"].removeprefix("hello "),
        "asked": loaded["models"][1],
        "new": loaded.get("new"),
        "deep": loaded.get("deep", {}).get("new", [{}])[0].get("x"),
    }
    assert shown[place] == text


def test_text_that_is_no_interpolation_is_refused(load: Callable[..., dict[str, Any]]) -> None:
    """Kedro reads what it has merged once more, so half an interpolation is an error, as without us."""
    with pytest.raises(GrammarParseError):
        load({"new": "${"})


BLOCK = {"object": "os.getcwd", "instantiate": True}
MARKED = {"_object": "os.getcwd", "instantiate": True}


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ({"new": BLOCK}, "new"),
        ({"new": MARKED}, "new"),
        ({"new": [{"deep": BLOCK}]}, "new"),
        ({"model": {"object": "os.getcwd"}}, "model"),
        ({"model": {"_object": "os.getcwd"}}, "model"),
        ({"models": [BLOCK]}, "models"),
        ({"asked": "os.getcwd"}, "chosen_by_text"),
        ({"asked": {"object": "os.getcwd"}}, "models"),
        ({"kind": "b"}, "chosen"),
    ],
)
def test_objects_of_callers_are_not_built(
    load: Callable[..., dict[str, Any]], sent: dict[str, Any], key: str
) -> None:
    """Neither new ones, nor those whose path a caller gave or chose; the operator's own are built."""
    loaded = load(sent)
    value = loaded[key][-1] if key == "models" else loaded[key]
    assert keep(value) == value
    if key != "model":
        assert str(keep(loaded["model"])) == "1"


def test_callers_may_set_arguments_of_the_operators_objects(load: Callable[..., dict[str, Any]]) -> None:
    """Numbers and plain text are what runtime parameters are for."""
    loaded = load({"model": {"numerator": "3"}, "name": "x"})
    assert str(keep(loaded["model"])) == "3"
    assert (loaded["greeting"], type(loaded["greeting"])) == ("hello x", str)


@pytest.mark.parametrize("loader", [OmegaConfigLoader, LayeredConfigLoader])
def test_without_parameters_what_was_given_is_marked(
    load: Callable[..., dict[str, Any]], loader: Any
) -> None:
    """Kedro takes the caller's parameters where a project has no file of parameters."""
    loaded = load({"new": BLOCK, "text": "${oc.env:DB_PASSWORD}"}, text=None, loader=loader)
    assert keep(loaded) == {"new": BLOCK, "text": "${oc.env:DB_PASSWORD}"}


def test_what_was_loaded_before_is_forgotten(load: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    """Kedro keeps what its resolver was given, so a hook that reads the catalog first must change nothing."""
    load({})
    (tmp_path / "base/catalog.yml").write_text("a: {filepath: '${runtime_params:asked, x}'}\n")
    arguments = config_loader_args(restrict_runtime_params_type_selection=True)
    sent = {"asked": "${oc.env:DB_PASSWORD}"}
    opened = OmegaConfigLoader(str(tmp_path), None, sent, **arguments)
    assert opened["catalog"]["a"]["filepath"] == SECRET
    guard_parameters(opened)
    assert opened["catalog"]["a"]["filepath"] == sent["asked"]
    assert opened["parameters"]["models"][1] == sent["asked"]
    assert keep(opened["parameters"]["chosen_by_text"]) == {"object": sent["asked"]}


def test_where_it_cannot_be_followed_nothing_is_built(
    load: Callable[..., dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """A text that must be a number, without a default: no path is trusted, and a warning says so."""
    text = "model: {object: fractions.Fraction, args: ['${oc.int:${runtime_params:n}}']}\n"
    loaded = load({"n": "3"}, text=text)
    assert keep(loaded["model"]) == loaded["model"] == {"object": "fractions.Fraction", "args": [3]}
    assert "no 'object:' in them is built" in caplog.text
    defaulted = load({"n": "3"}, text=text.replace("params:n", "params:n, 1"))
    assert str(keep(defaulted["model"])) == "3"


SERVE = """
import json
from pathlib import Path

from kedro.framework.session import KedroServiceSession
from kedro.framework.startup import bootstrap_project

bootstrap_project(Path.cwd())
with KedroServiceSession.create(project_path=Path.cwd()) as session:
    session._enable_serving_mode()
    for sent in json.loads(Path("sent.json").read_text()):
        session.run(runtime_params=sent)
"""


@pytest.mark.project
def test_a_serving_session_neither_reads_secrets_nor_builds(project: KedroProject) -> None:
    """Kedro's session in serving mode, with its own loader and a node that is injected."""
    package = project.package
    project.write(
        f"src/{package}/settings.py",
        """
        from kedro_matrix_ext import config_loader_args

        CONFIG_LOADER_ARGS = config_loader_args()
        """,
    )
    project.write(
        f"src/{package}/pipeline_registry.py",
        """
        from kedro.pipeline import Node, Pipeline

        from kedro_matrix_ext import inject_object


        @inject_object()
        def show(value):
            with open("shown.txt", "a") as file:
                print(repr(value), file=file)


        def register_pipelines():
            return {"__default__": Pipeline([Node(show, "params:value", None, name="show")])}
        """,
    )
    project.write("conf/base/catalog.yml", "{}\n")
    project.write("conf/base/parameters.yml", "value: {object: fractions.Fraction, numerator: 1}\n")
    sent = [{}, {"value": {"numerator": 2}}, {"value": {"object": "os.getcwd"}}]
    sent += [{"value": {"numerator": "${oc.env:DB_PASSWORD}", "object": "builtins.dict"}}]
    project.write("sent.json", json.dumps(sent))
    project.python(SERVE, env={"DB_PASSWORD": SECRET})
    shown = project.read("shown.txt")
    assert shown.splitlines()[:2] == ["Fraction(1, 1)", "Fraction(2, 1)"]
    assert "'object': 'os.getcwd'" in shown
    assert SECRET not in shown

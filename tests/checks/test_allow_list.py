"""The note `no-allow-list`: its line allows what is used today, and nothing else."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext import (
    LayeredConfigLoader,
    config_loader_args,
    inject_object,
    instantiate,
    make_list_regexable,
    unpack_params,
)
from kedro_matrix_ext.checks import Project, check_environments
from kedro_matrix_ext.errors import RefusedTargetError
from kedro_matrix_ext.fabrication import create_fabricator_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.kedro_project import KedroProject

    from kedro_matrix_ext.findings import Finding

VARIABLE = "KEDRO_MATRIX_INJECT_ALLOWLIST"
# Targets of each kind: class, function, method, constant, another path to the same object.
CALLED = ["fractions.Fraction", "builtins.dict", "collections.OrderedDict", "datetime.timedelta"]
NAMED = ["math.pi", "math.pow", "os.path.join", "datetime.date.today", "string.digits"]


@inject_object()
def _take(value: Any) -> None: ...


@inject_object(allow=["math.*"])
def _take_listed(value: Any) -> None: ...


@make_list_regexable(source_df="table", make_regexable_kwarg="columns")
@inject_object(only=["value"], exclude_kwargs=["raw"])
def _take_some(value: Any, table: Any = None, columns: Any = None) -> None: ...


@unpack_params()
@inject_object(key="_object")
def _take_spread(value: Any, other: Any = None) -> None: ...


def _use_nothing(value: Any) -> None: ...


@pytest.fixture(autouse=True)
def _without_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def _check(
    parameters: Any, *nodes: Node, envs: Sequence[str] = ("base",), **more: dict[str, Any]
) -> list[Finding]:
    """Check parameters of base, and those of further environments, with some nodes."""
    with tempfile.TemporaryDirectory() as folder:
        for env, values in {"base": parameters, **more}.items():
            (Path(folder) / env).mkdir()
            (Path(folder) / env / "catalog.yml").write_text("{}\n")
            (Path(folder) / env / "parameters.yml").write_text(json.dumps(values))
            if env == "test":
                (Path(folder) / env / "environment.yml").write_text("fabricated: true\n")
        project = Project(
            conf_source=folder,
            loader_class=LayeredConfigLoader,
            loader_arguments=config_loader_args(),
            pipelines={"__default__": Pipeline([*nodes])},
        )
        found = check_environments(project, envs)
    return [each for each in found if each.code in ("no-allow-list", "injected-object")]


def _line(found: Finding) -> str:
    """Return what the note allows, as the line to paste says it."""
    name, _, value = found.fix.splitlines()[-1].partition("=")
    assert name == VARIABLE
    return value


def _node(function: Any, *inputs: str) -> Node:
    return Node(function, [*inputs], None, name=function.__name__.strip("_"))


def _blocks() -> st.SearchStrategy[Any]:
    named = st.sampled_from(NAMED).map(lambda path: {"object": path})
    leaves = named | st.integers(0, 3) | st.text("ab", max_size=2)
    return st.recursive(
        named,
        lambda inner: st.one_of(
            st.lists(inner | leaves, max_size=3),
            st.dictionaries(st.sampled_from("xyz"), inner | leaves, max_size=2),
            st.builds(
                lambda path, inside: {"object": path, "instantiate": "partial", "args": [inside]},
                st.sampled_from(CALLED),
                inner,
            ),
        ),
        max_leaves=8,
    )


def _paths(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["object"]] if "object" in value else []
        value = list(value.values())
    for child in value if isinstance(value, list) else ():
        yield from _paths(child)


@settings(max_examples=25, deadline=None)
@given(_blocks())
def test_the_printed_line_allows_what_is_used_and_nothing_else(value: Any) -> None:
    """Pasted, the note is gone and all is built as before; without one of its paths, that one is refused."""
    nodes = [_node(_take, "params:value")]
    (note,) = _check({"value": value}, *nodes)
    assert (note.code, note.severity.value, note.location.env) == ("no-allow-list", "note", "base")
    line = _line(note)
    paths = line.split(",") if line else []
    assert paths == sorted(set(_paths(value)))
    with patch.dict("os.environ", {VARIABLE: line}):
        assert _check({"value": value}, *nodes) == []
        instantiate(value)
        with pytest.raises(RefusedTargetError, match="fnmatch"):
            instantiate({"object": "fnmatch.fnmatch"})
    for left_out in paths:
        others = ",".join(path for path in paths if path != left_out)
        with patch.dict("os.environ", {VARIABLE: others}):
            faults = _check({"value": value}, *nodes)
            assert {each.code for each in faults} == {"injected-object"}
            assert all(repr(left_out) in each.message for each in faults)


@pytest.mark.parametrize(
    ("function", "inputs", "line"),
    [
        (_take, ["params:fraction"], "fractions.Fraction"),
        (_take, ["parameters"], "fractions.Fraction,math.pi,os.path.join"),
        (_take, ["params:nothing"], ""),
        (_take, ["params:refused"], ""),
        (_take, ["params:mistyped"], ""),
        (_take, ["params:absent"], "nowhere_to_be_found.Model"),
        (_take, ["data"], ""),
        (_take_some, ["params:mixed", "table", "params:fraction"], "math.pi"),
        (_take_spread, ["params:spread"], "math.pi"),
        (_take_spread, ["params:fraction"], ""),
    ],
)
def test_only_what_would_be_built_is_listed(function: Any, inputs: list[str], line: str) -> None:
    """By each decorator's own rules; what is refused or mistyped is reported as such."""
    parameters = {
        "fraction": {"object": "fractions.Fraction", "numerator": 3},
        "nothing": {"depth": 3},
        "mixed": {"raw": {"object": "os.path.join"}, "kept": {"object": "math.pi"}},
        "spread": {"unpack": {"value": {"_object": "math.pi"}}, "other": {"object": "os.path.join"}},
    }
    others = {
        "refused": {"object": "os.system", "command": "ls"},
        "mistyped": {"object": "fractions.Fractoin"},
        "absent": {"object": "nowhere_to_be_found.Model"},
    }
    used = {name for name in others if f"params:{name}" in inputs}
    given_parameters = parameters | {name: others[name] for name in used}
    if inputs == ["parameters"]:
        del given_parameters["spread"]
    found = _check(given_parameters, _node(function, *inputs))
    assert [_line(each) for each in found if each.code == "no-allow-list"] == [line]
    assert len([each for each in found if each.code == "injected-object"]) == len(used)


def test_there_is_no_note_where_a_list_is_given_or_nothing_is_injected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The variable, `allow=` of each decorator, or no decorator; one without a list brings the note."""
    block = {"value": {"object": "math.pi"}}
    listed, plain = _node(_take_listed, "params:value"), _node(_use_nothing, "params:value")
    assert _check(block, listed, plain) == []
    (note,) = _check(block, listed, plain, _node(_take, "params:nothing"), envs=["base"])
    assert (note.node, _line(note)) == ("take", "math.pi")
    monkeypatch.setenv(VARIABLE, "")
    assert _check({"value": 1}, listed, _node(_take, "params:value")) == []


def test_the_line_is_of_all_environments_that_are_checked() -> None:
    """Each reports the same line; functions of tables count where the environment is for them."""
    fabricating = create_fabricator_pipeline(["cars"]).nodes
    column = {"type": "row_apply", "function": "math.hypot", "input_columns": ["a"]}
    table = {"num_rows": 1, "columns": {"a": {"type": "generate_values", "values": [1]}, "b": column}}
    found = _check(
        {"value": {"object": "math.pi"}, "fabricator": {"cars": table}},
        _node(_take, "params:value"),
        *fabricating,
        envs=["base", "cloud"],
        cloud={"value": {"object": "math.tau"}},
    )
    assert [(each.location.env, _line(each)) for each in found] == [
        ("base", "math.pi,math.tau"),
        ("cloud", "math.pi,math.tau"),
    ]
    fabricated = _check(
        {"value": {"object": "math.pi"}, "fabricator": {"cars": table}},
        _node(_take, "params:value"),
        *fabricating,
        envs=["test"],
        test={},
    )
    assert list(map(_line, fabricated)) == ["math.hypot,math.pi"]


@pytest.mark.project
def test_the_line_is_pasted_into_env_defaults(make_project: Any) -> None:
    """Pasted, nothing is found and a run builds as before; another object is refused."""
    project: KedroProject = make_project("shop")
    project.write(
        "src/shop/settings.py",
        """
        from kedro_matrix_ext import LayeredConfigLoader, config_loader_args, load_environment_variables

        load_environment_variables()
        CONFIG_LOADER_CLASS = LayeredConfigLoader
        CONFIG_LOADER_ARGS = config_loader_args()
        """,
    )
    project.write(
        "src/shop/pipeline_registry.py",
        """
        from kedro.pipeline import Node, Pipeline

        from kedro_matrix_ext import inject_object


        @inject_object()
        def show(value):
            return str(value)


        def register_pipelines():
            return {"__default__": Pipeline([Node(show, "params:value", "shown", name="show")])}
        """,
    )
    project.write("conf/base/catalog.yml", "shown: {type: text.TextDataset, filepath: shown.txt}\n")
    project.write("conf/base/parameters.yml", "value: {object: fractions.Fraction, args: [1, 3]}\n")
    checked = project.kedro("matrix", "config", "check", "-e", "base")
    assert "note[no-allow-list]: node 'show'" in checked.stdout
    (line,) = [each for each in checked.stdout.splitlines() if each.startswith(VARIABLE)]
    project.write(".env.defaults", f"{line}\n")
    assert project.kedro("matrix", "config", "check", "-e", "base").stdout.endswith("nothing found\n")
    project.kedro("run")
    assert project.read("shown.txt") == "1/3"
    refused = project.kedro("run", "--params", "value.object=decimal.Decimal", check=False)
    assert refused.returncode == 1
    assert "'decimal.Decimal' is not among the allowed" in refused.stdout + refused.stderr

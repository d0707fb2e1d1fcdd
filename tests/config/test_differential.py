"""Where layers do not refer to each other, LayeredConfigLoader gives what OmegaConfigLoader gives."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.config_folder import ConfFolder

from kedro_matrix_ext.config import config_loader_args

CONFIG_TYPES = ("parameters", "catalog", "spark", "mlflow", "argo")

keys = st.sampled_from(["a", "b", "c", "d_1", "e-2", "_f", "name"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "1e3", "2024-01-01", "yes", "null", "{namespace}.x"])
    | st.text("ab $.:/{}'\"\\-", max_size=6).filter(
        lambda text: "${" not in text and not text.endswith("???")
    )
)
values = st.recursive(
    scalars,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(keys, children, max_size=4),
    max_leaves=10,
)


def paths_of(tree: Any, prefix: str = "") -> list[str]:
    """All key paths of a tree, mappings and lists included."""
    if isinstance(tree, dict):
        return [
            path
            for key, child in tree.items()
            for path in [f"{prefix}{key}", *paths_of(child, f"{prefix}{key}.")]
        ]
    if isinstance(tree, list):
        return [
            path
            for index, child in enumerate(tree)
            for path in [f"{prefix}{index}", *paths_of(child, f"{prefix}{index}.")]
        ]
    return []


def value_at(tree: Any, path: str) -> Any:
    """The value at a key path."""
    for key in path.split("."):
        tree = tree[int(key)] if isinstance(tree, list) else tree[key]
    return tree


@st.composite
def interpolations(draw: Any, tree: Any, data: str) -> str:
    """Text that refers to parts of a tree of plain values, by every way of the grammar."""
    paths = paths_of(tree) or ["nothing"]
    mappings = [path for path in paths if isinstance(value_at(tree, path), dict)] if tree else []
    path = draw(st.sampled_from(paths))
    forms = [
        f"${{{data}.{path}}}",
        f"${{ {data}.{path} }}",
        f"x ${{{data}.{path}}}/y",
        f"${{{data}[{path.split('.')[0]}]{''.join('.' + part for part in path.split('.')[1:])}}}",
        f"${{.{data}.{path}}}",
        "${globals:g.h}/${globals:none, fallback}",
        "${globals:g}",
        "${runtime_params:given, 3}",
        "${runtime_params:absent, 1.5e3}",
        "${oc.env:NO_SUCH_VARIABLE, 'quoted, ${globals:g.h}'}",
        "${if_null:null, a b, true}",
        "${oc.int:'12'}",
        "\\${escaped}",
        "\\\\${globals:g.h}",
        "${plus:${globals:n}, 2}",
        f"${{plus:1, 2}}-${{{data}_key}}",
        f"${{{data}.${{{data}_key}}}}",
        f"${{oc.select:{data}.{path}}}",
        f"${{oc.select:{data}.{path}.nowhere, 7}}",
        "${listed:[1, 'two', {three: 3}]}",
    ]
    if mappings:
        pair = draw(st.tuples(st.sampled_from(mappings), st.sampled_from(mappings)))
        forms += [
            f"${{merge:${{{data}.{pair[0]}}},${{{data}.{pair[1]}}}}}",
            f"${{merge:${{{data}.{pair[0]}}}, null}}",
        ]
    return str(draw(st.sampled_from(forms)))


@st.composite
def environments(draw: Any, name: str) -> dict[str, Any]:
    """One environment's content of one type: plain values, and interpolations of values that only it has."""
    data = f"{name}_data"
    tree = draw(st.dictionaries(keys, values, max_size=4)) or {"absent": 1}
    content: dict[str, Any] = {data: tree, f"{data}_key": next(iter(tree)), "plain": draw(values)}
    count = draw(st.integers(0, 5))
    for number in range(count):
        content[f"i{number}"] = draw(interpolations(tree, data))
    if count and draw(st.booleans()):
        inner = draw(interpolations(tree, data)).replace("${.", "${")
        content[f"{name}_nested"] = {"list": [inner, {"x": f"${{{data}}}"}]}
        content["again"] = f"${{{name}_nested}}"
    return content


@st.composite
def configurations(draw: Any) -> dict[str, Any]:
    """A whole configuration whose environments refer to themselves only, and how to load it."""
    config_type = draw(st.sampled_from(CONFIG_TYPES))
    return {
        "type": config_type,
        "soft": draw(st.booleans()),
        "params": draw(st.sampled_from([{}, {"given": 4}])) if config_type != "parameters" else {},
        "base": draw(environments("base")),
        "cloud": draw(st.none() | environments("cloud")),
    }


def plus(*numbers: Any) -> Any:
    """A resolver of the user's."""
    return sum(numbers)


def listed(value: Any) -> Any:
    """A resolver of the user's that is given and gives a container."""
    return list(value)


ARGUMENTS = config_loader_args(custom_resolvers={"plus": plus, "listed": listed})


def outcome(load: Any) -> Any:
    """What a load gives, or that it fails."""
    try:
        return load()
    except Exception as error:  # noqa: BLE001  any failure is an outcome
        return error


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(configurations())
def test_equal_where_layers_do_not_refer_to_each_other(configuration: dict[str, Any]) -> None:
    """Every configuration that OmegaConfigLoader loads, LayeredConfigLoader loads to the same."""
    with tempfile.TemporaryDirectory() as folder:
        compare(ConfFolder(Path(folder), ARGUMENTS), configuration)


def compare(conf: Any, configuration: dict[str, Any]) -> None:
    """Load with both."""
    kind = configuration["type"]
    for env in ("base", "local", "cloud"):
        (conf.path / env).mkdir()
    conf.write(
        {"base/globals.yml": "g: {h: v}\nn: 40\n", f"base/{kind}.yml": yaml.safe_dump(configuration["base"])}
    )
    if configuration["cloud"] is not None:
        conf.write({f"cloud/{kind}.yml": yaml.safe_dump(configuration["cloud"])})
    strategy = {"merge_strategy": {kind: "soft" if configuration["soft"] else "destructive"}}
    theirs = outcome(lambda: conf.omegaconf("cloud", configuration["params"], **strategy)[kind])
    ours = outcome(lambda: conf.layered("cloud", configuration["params"], **strategy)[kind])
    if isinstance(theirs, Exception):
        return
    if isinstance(ours, Exception):
        pytest.fail(f"only ours fails, with {ours!r}; theirs is {theirs}")
    assert ours == theirs


@pytest.mark.parametrize("env", ["cloud", "base"])
def test_credentials_read_environment_variables(conf: Any, env: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials have `oc.env` also where the project gives no resolvers."""
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    conf.write(
        {
            "base/credentials.yml": "s3: {key: '${oc.env:SECRET_KEY}', n: '${oc.env:NOPE, 3}'}\n",
            "cloud/x.txt": "",
        }
    )
    bare = {"custom_resolvers": None}
    assert conf.layered(env, **bare)["credentials"] == conf.omegaconf(env, **bare)["credentials"]

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import UnsupportedInterpolationType

from kedro_matrix_ext.errors import ConfigurationError, InterpolationError, MissingVariablesError


def failure(conf: Any, text: str, **more: Any) -> Any:
    """The error of loading parameters with that text in base."""
    conf.write({"base/parameters.yml": text})
    with pytest.raises(ConfigurationError) as raised:
        conf.layered(**more)["parameters"]
    return pickle.loads(pickle.dumps(raised.value))


def test_a_missing_key_names_place_chain_and_nearest_key(conf: Any) -> None:
    """One error with file, line, key path and the references that led there."""
    error = failure(conf, "a: ${b}\nb:\n  c: x/${.d}\n  d: ${rates.lrn}\nrates: {lr: 1}\n")
    assert str(error) == (
        "the key 'rates.lrn' that this refers to does not exist\n"
        "  at parameters: b.d (conf/base/parameters.yml:4)\n"
        "  Did you mean 'lr'?\n"
        "  reached by parameters: a (conf/base/parameters.yml:1)"
        " -> parameters: b.c (conf/base/parameters.yml:3)"
        " -> parameters: b.d (conf/base/parameters.yml:4)"
    )
    assert (error.file, error.line) == ("conf/base/parameters.yml", 4)


@pytest.mark.parametrize(
    "text", ["a: ${oc.env:KM_NOT_SET, 3}\n", "a: ${oc.env:KM_NOT_SET}\n", "a: ${oc.env:PATH}\n"]
)
def test_variables_are_for_credentials_where_no_resolver_is_given(conf: Any, text: str) -> None:
    """As with Kedro; neither the variable nor its default is the reason."""
    error = failure(conf, text, custom_resolvers={})
    assert "in credentials only" in error.message
    assert "config_loader_args()" in str(error.hint)
    assert isinstance(error, UnsupportedInterpolationType)


def test_the_layer_that_set_the_value_is_named(conf: Any) -> None:
    """The file in the message is that of the topmost layer that sets the key."""
    conf.write({"local/parameters.yml": "\nb:\n  x: ${nope}\n"})
    assert failure(conf, "b: {x: 1}\n").file == "conf/local/parameters.yml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: ${b}\nb: ${a}\n", "'a' refers to itself"),
        ("a: {b: '${a}'}\n", "'a' refers to itself"),
        ("a: {b: 'x ${.b}'}\n", "'a.b' refers to itself"),
        ("a: ${b.x}\nb: ${c.x}\nc: ${b}\n", "referred to too deeply"),
        ("a: '${merge:${b}}'\nb: {x: '${a}'}\n", "'a' refers to itself"),
    ],
)
def test_a_circle_is_reported_with_the_places_on_it(conf: Any, text: str, message: str) -> None:
    """References that lead back to themselves are one error, not a recursion."""
    error = failure(conf, text)
    assert message in error.message
    assert "conf/base/parameters.yml:" in str(error)


def test_a_circle_through_omegaconf_is_reported(conf: Any) -> None:
    """A cycle is found also where a text on it is resolved by OmegaConf."""
    error = failure(conf, "a: ${oc.select:b}\nb: ${a}\n")
    assert "refers to itself" in error.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: ${mrge:${b}}\nb: {}\n", "there is no resolver 'mrge'\n.*\n.*'merge'"),
        ("a: ${merge:1}\n", "'merge' merges mappings; its argument 1 is 1"),
        ("a: ${oc.int:x}\n", "'oc.int'"),
        ("a: ${..b}\n", "leads above the top"),
        ("a: ${b${c}}\nc: 1\n", r"parameters: a \(conf/base/parameters.yml:1\)"),
        ("a: ${b.${c}}\nb: {x: 1}\nc: [1]\n", "is not a key"),
        ("a: ${b}\nb: '???'\n", r"the key 'b' has no value yet"),
        ("a: ${globals:none}\n", "the global 'none' does not exist"),
        ("a: ${globals:_x}\n", "the global '_x' starts with '_'"),
        ("a: ${runtime_params:x}\n", "the runtime parameter 'x' is not given"),
        ("a: ${f:[}\n", "parameters: a"),
        (
            "a: x${f:1\n",
            r"not well-formed at its end: '}' is missing\n.*parameters: a \(conf/base.*\n.*quotes",
        ),
        ("a: '${f:[1}'\n", r"not well-formed at '}': ']' is missing"),
        ("a: ${boom:3}\n", r"resolver 'boom' raised ZeroDivisionError.*\n.*parameters: a \(conf/base"),
        ("a: [1\n", r"cannot read this file.*\n.*conf/base/parameters.yml:2"),
        ("a: 1\nb: 2\na: 3\n", r"the key 'a' is given twice.*\n.*conf/base/parameters.yml:3"),
        ("- a\n", "the top level of this file is a list"),
        ("a\n", "the top level of this file is the single value 'a'"),
        ("? [a]\n: 1\n", "."),
        ("a: &x [*x]\n", "an alias refers to a mapping or list around it"),
        ("null: 1\n", "None cannot be a key"),
        ("x: 1\ny: \x01\n", r"control character '\\x01' is not allowed\n.*conf/base/parameters.yml:2"),
        ("a: !!timestamp 2020-01-01\n", r"the tag .*timestamp' has no meaning.*\n.*\n.*Leave it out"),
        ("a: &a {b: *a}\n", r"an alias refers to a mapping or list around it.*\n.*parameters.yml:1$"),
        ("a: !!omap [a: 1]\n", r"the tag .*omap' has no meaning.*\n.*parameters.yml:1$"),
        ("yes: 2\ntrue: 1\n", "the keys 'yes' .line 1. and 'true' are the same truth value"),
        ("a: !!set {x}\n", "the tag .* has no meaning"),
    ],
)
def test_a_mistake_is_one_error_of_ours(conf: Any, text: str, message: str) -> None:
    """Every mistake in a file is a ConfigurationError with its place, not a traceback into OmegaConf."""
    error = failure(
        conf, text, custom_resolvers={**conf.arguments["custom_resolvers"], "boom": lambda x: x / 0}
    )
    assert re.search(message, str(error)), str(error)
    assert error.file == "conf/base/parameters.yml"


def test_a_value_is_not_told_to_refer_to_itself(conf: Any) -> None:
    """The key that holds the reference is not suggested for it; the others are."""
    assert failure(conf, "path: ${paths}\npath_2: 1\n").hint == "Did you mean 'path_2'?"
    assert failure(conf, "m: {path: '${.paths}'}\n").hint is None
    assert failure(conf, "path: 1\nm: {path: '${paths}'}\n").hint == "Did you mean 'path'?"


def test_the_error_of_a_resolver_is_the_cause(conf: Any) -> None:
    """What a resolver raises is kept, the user's and ours alike, called by us or by OmegaConf."""
    conf.write({"base/parameters.yml": "a: ${boom:3}\n"})
    resolvers = {**conf.arguments["custom_resolvers"], "boom": lambda x: x / 0}
    with pytest.raises(InterpolationError) as raised:
        conf.layered(custom_resolvers=resolvers)["parameters"]
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    assert raised.value.resolver == "boom"


def test_all_missing_variables_of_a_load_are_reported_together(
    conf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every variable that is not set is named once, with the places that need it, in every way."""
    monkeypatch.setenv("IS_SET", "1")
    for name in ("NO_A", "NO_B", "NO_C", "NO_D"):
        monkeypatch.delenv(name, raising=False)
    error = failure(
        conf,
        """
        a: ${oc.env:NO_A}
        b: {c: ['x/${oc.env:NO_B}', '${oc.env:IS_SET}']}
        d: ${merge:${b},${e}}
        e: {f: '${oc.env:NO_A}', g: '${oc.env:NO_C,default}'}
        h: ${listed:[1, "${oc.env:NO_D}"]}
        i: ${a}
        """,
        custom_resolvers={**conf.arguments["custom_resolvers"], "listed": list},
    )
    assert isinstance(error, MissingVariablesError)
    assert error.variables == ("NO_A", "NO_B", "NO_D")
    assert "'NO_A', needed at parameters: a (conf/base/parameters.yml:1), parameters: e.f" in str(error)
    assert "3 environment variables are not set" in str(error)


def test_a_missing_variable_in_the_globals_is_reported_at_construction(
    conf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Globals are resolved when the loader is built, as with Kedro."""
    monkeypatch.delenv("NO_BUCKET", raising=False)
    conf.write({"base/globals.yml": "bucket: s3://${oc.env:NO_BUCKET}\n"})
    with pytest.raises(MissingVariablesError, match=r"an environment variable is not set:\n  'NO_BUCKET'"):
        conf.layered()


def test_globals_take_neither_runtime_params_nor_globals(conf: Any) -> None:
    """As with Kedro, and said so."""
    conf.write({"base/globals.yml": "a: ${runtime_params:x, 1}\n"})
    with pytest.raises(InterpolationError, match="not supported for globals"):
        conf.layered()
    conf.write({"base/globals.yml": "a: ${globals:b}\nb: 1\n"})
    with pytest.raises(InterpolationError, match=r"cannot be used in the globals.*\n.*\n.*Write \$\{b\}"):
        conf.layered()


def test_aliases_that_multiply_are_refused(conf: Any) -> None:
    """A small file cannot become a huge configuration, and a large one needs no variable."""
    bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
    for before, after in zip("abcdefg", "bcdefgh", strict=True):
        bomb += f"{after}: &{after} [{','.join([f'*{before}'] * 10)}]\n"
    assert "the aliases of this file expand" in failure(conf, bomb).message
    conf.write({"base/parameters.yml": "".join(f"k{n}: [1, 2, 3]\n" for n in range(5000))})
    assert len(conf.layered()["parameters"]) == 5000


def test_a_file_that_is_not_utf8_is_named(conf: Any) -> None:
    """A file in another encoding is an error with its name."""
    (conf.path / "base/parameters.yml").write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(ConfigurationError, match=r"not UTF-8.*\n.*conf/base/parameters.yml:1"):
        conf.layered()["parameters"]


def test_too_deep_is_said_so(conf: Any) -> None:
    """References that lead on beyond the interpreter's depth are one error."""
    chain = "".join(f"k{n}: ${{k{n + 1}}}\n" for n in range(3000)) + "k3000: 1\n"
    error = failure(conf, chain)
    assert "too deeply" in error.message
    assert len(error.chain) == 12


def test_omegaconfs_table_is_left_as_it_was(conf: Any) -> None:
    """Neither building a loader nor resolving through OmegaConf changes the process's resolvers."""
    names = ("oc.env", "merge", "globals", "runtime_params")
    before = [OmegaConf.has_resolver(name) for name in names]
    conf.write({"base/parameters.yml": "a: '\\${x}'\nb: ${oc.select:a}\n"})
    conf.layered()["parameters"]
    assert [OmegaConf.has_resolver(name) for name in names] == before

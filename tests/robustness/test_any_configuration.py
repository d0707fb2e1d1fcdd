"""Whatever is in configuration files, loading them gives values or one of our errors."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.robustness.untrusted import KEYS, SCALARS, TEXTS, attempt, fuzz, values, yaml_texts

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.config.layers.line_numbers import find_line
from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping
from kedro_matrix_ext.errors import ConfigurationError
from kedro_matrix_ext.resolvers import default_resolvers, registered_resolvers, setting_resolver

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = ["parameters", "catalog", "globals"]
RESOLVERS = {**default_resolvers(), "setting": setting_resolver(lambda: {"a": ("b", "c"), "n": {"a": 1}})}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration folder with two environments."""
    folder = tmp_path_factory.mktemp("conf")
    for env in ("base", "local"):
        (folder / env).mkdir()
    return folder


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def load(folder: Path, files: dict[str, str], kind: str) -> Any:
    """Write one type's files, those of the two environments, and load them."""
    for env in ("base", "local"):
        for config_type in TYPES:
            text = files.get(env, "") if config_type == kind else ""
            (folder / env / f"{config_type}.yml").write_bytes(text.encode("utf8", "surrogatepass"))
    return LayeredConfigLoader(folder, "local", **config_loader_args())[kind]


def load_parameters(folder: Path, env: str) -> Any:
    """Load the parameters of one environment."""
    return LayeredConfigLoader(folder, env, **config_loader_args())["parameters"]


NOWHERE = Path("/nowhere/at/all")


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (os.system, "true"),
        (socket.gethostbyname, "localhost"),
        (os.remove, NOWHERE),
        (os.rmdir, NOWHERE),
        (shutil.rmtree, NOWHERE),
        (partial(os.rename, "moved"), NOWHERE),
        (partial(os.replace, "moved"), NOWHERE),
        (partial(os.symlink, "linked"), NOWHERE),
        (partial(os.truncate, length=0), NOWHERE),
        (Path.mkdir, NOWHERE),
        (Path.touch, NOWHERE),
        (partial(Path.write_text, data=""), NOWHERE),
        (partial(Path.open, mode="ab"), NOWHERE),
        (partial(Path.open, mode="r+"), NOWHERE),
        (partial(Path.chmod, mode=0o777), NOWHERE),
        (sqlite3.connect, NOWHERE),
    ],
)
def test_the_watch_over_these_tests_sees_processes_the_network_and_files(call: Any, argument: Any) -> None:
    """Text that became code would be noticed, not only where it fails."""
    with pytest.raises(AssertionError):
        attempt(call, argument)


def test_the_watch_lets_temporary_files_and_reading_pass(tmp_path: Path) -> None:
    """What a test itself writes, and what is only read."""
    attempt((tmp_path / "file").write_text, "text")
    attempt(Path(__file__).read_text)
    assert attempt((tmp_path / "file").unlink) is None


@fuzz
@given(yaml_texts())
def test_any_text_is_a_mapping_or_an_error(text: str) -> None:
    """Tags on the wrong kind of node, impossible dates, control characters: nothing crashes."""
    parsed = attempt(parse_mapping, text, "any.yml")
    assert parsed is None or type(parsed) is dict
    if parsed:
        find_line(text, [next(iter(parsed))])
        yaml.safe_dump(parsed)  # plain values alone, no node of the parser


@fuzz
@given(base=yaml_texts(), local=yaml_texts(), kind=st.sampled_from(TYPES))
def test_any_files_load_or_are_an_error(folder: Path, base: str, local: str, kind: str) -> None:
    """The text of files, through parsing, layering, resolving and what catalogs get."""
    attempt(load, folder, {"base": base, "local": local}, kind)


_MAPPINGS = st.dictionaries(KEYS, values(KEYS, SCALARS), max_size=4)


@fuzz
@given(base=_MAPPINGS, local=_MAPPINGS, kind=st.sampled_from(TYPES))
def test_any_values_load_or_are_an_error(folder: Path, base: Any, local: Any, kind: str) -> None:
    """Values of any shape, full of interpolations, merged over each other."""
    files = {"base": yaml.safe_dump(base), "local": yaml.safe_dump(local)}
    attempt(load, folder, files, kind)


@fuzz
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_any_interpolation_resolves_or_is_an_error(folder: Path, texts: list[str]) -> None:
    """A few texts that refer to each other, to lists, to themselves, to what is not there."""
    raw = {"a": {"b": texts[0]}, "b": {"c": "a"}, "c": texts}
    attempt(load, folder, {"base": yaml.safe_dump(raw)}, "parameters")


@fuzz
@given(
    env=TEXTS | st.sampled_from(["..", "../..", "/etc", "base/..", "local/../..", "."]), inherited=values()
)
def test_any_name_of_an_environment_is_one_of_the_folder_or_an_error(
    folder: Path, env: str, inherited: Any
) -> None:
    """A name cannot lead out of the configuration folder, nor can one that an environment inherits."""
    (folder / "base/parameters.yml").write_text("a: 1\n")
    (folder.parent / "parameters.yml").write_text("outside: true\n")
    (folder / "local/environment.yml").write_text(yaml.safe_dump({"inherits": inherited}))
    try:
        for name in (env, "local"):
            loaded = attempt(load_parameters, folder, name)
            assert "outside" not in (loaded or {})
    finally:
        (folder / "local/environment.yml").unlink()


@fuzz
@given(name=st.sampled_from(sorted(RESOLVERS)), arguments=st.lists(values(), max_size=3))
def test_any_arguments_of_a_resolver_give_a_value_or_an_error(name: str, arguments: list[Any]) -> None:
    """Called as a configuration calls it, with arguments of any type and number."""
    from kedro_matrix_ext.config.interpolation.evaluator import Evaluator

    raw = {
        "given": arguments,
        "x": f"${{{name}:{','.join(f'${{given[{n}]}}' for n in range(len(arguments)))}}}",
    }
    resolvers = {**RESOLVERS}
    with registered_resolvers(resolvers):
        attempt(Evaluator(raw, "parameters", resolvers).evaluate_all)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a: !!int x",
            "a: !!bool maybe",
            "a: 0x_",
            "a: !!timestamp x",
            "? !!int x\n: 1",
            "a: !!binary '\xff'",
        ),
        *("a: !!str [b]", "!!str {a: 1}", "a: !!map x", "a: !!seq x", "? !!str [a]\n: 1", "a: !!set [x]"),
        *(f"a: {'1' * 5000}", f"a: 0x{'f' * 5000}", f"a: {'1:' * 5000}1", "a: \ud800"),
        "a: !!python/object/apply:pathlib.Path [1]",
        f"a: {'[' * 150}{']' * 150}",
    ],
)
def test_what_is_not_what_its_tag_says_is_an_error_of_the_file(text: str) -> None:
    """Each of these crashed, or gave a wrong value."""
    with pytest.raises(ConfigurationError, match=r"any\.yml"):
        parse_mapping(text, "any.yml")


def test_a_key_that_yaml_takes_for_another_is_found() -> None:
    """A plain ``=`` has its own tag; an error next to it crashed on the way to its line."""
    assert find_line("=: 1\na: 2\n", ["a"]) == 2
    assert find_line("=: 1\na: 2\n", ["="]) == 1

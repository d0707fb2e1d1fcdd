"""The place that is reported for a value is the one that makes it: what is written there changes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tests.config_folder import ConfFolder

from kedro_matrix_ext.config.explain import Explanation, explain_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DataObject

# Kedro 1.7 registers its resolvers by what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\):UserWarning:kedro\.config")

PERTURBED = "perturbed"
KEYS = st.sampled_from(["k0", "k1", "k2", "k3"])
SCALARS = st.one_of(
    st.integers(100, 999),
    st.sampled_from(["word", "two words", "colon: inside", "hash # inside", "é√", "line one\nline two\n"]),
)
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda inner: (
            st.dictionaries(KEYS, inner, min_size=1, max_size=3) | st.lists(inner, min_size=1, max_size=3)
        ),
        max_leaves=6,
    ),
    min_size=1,
    max_size=4,
)
ANCHORS = """
defaults: &defaults  # for those below
  m0: 401

  m1: &scalar "four"
merged:
  <<: *defaults   # m0 from there
  m1: 'own'
twice: {<<: [*defaults], own: 402}
alias: *defaults
scalar: *scalar
listed:
  - *scalar
  # and one of its own
  - 403
"""


class Writer:
    """Writes a tree in the styles that YAML has, as Hypothesis chooses."""

    def __init__(self, data: DataObject) -> None:
        self._data = data

    def write(self, tree: dict[str, Any]) -> str:
        """Write the text of a file."""
        return "\n".join(self._mapping(tree, "")) + "\n"

    def _chosen(self, *options: Any) -> Any:
        return self._data.draw(st.sampled_from(options))

    def _mapping(self, tree: dict[str, Any], pad: str) -> Iterator[str]:
        for key, value in tree.items():
            yield from self._chosen([], [""], [f"{pad}# {key}: not this"])
            yield from self._entry(f"{pad}{self._chosen(key, json.dumps(key))}:", value, pad)

    def _entry(self, head: str, value: Any, pad: str) -> Iterator[str]:
        if isinstance(value, dict | list) and not self._chosen(1, 0):
            yield head
            inner = f"{pad}  "
            yield from self._mapping(value, inner) if isinstance(value, dict) else self._list(value, inner)
        elif isinstance(value, str) and "\n" in value:
            yield f"{head} {self._chosen('|', '>')}"
            yield from (f"{pad}  {line}" for line in value.splitlines())
        else:
            yield f"{head} {json.dumps(value, ensure_ascii=False)}{self._chosen('', '  # 777')}"

    def _list(self, items: list[Any], pad: str) -> Iterator[str]:
        for item in items:
            yield from self._chosen([], [f"{pad}# - not this"])
            if isinstance(item, dict) and self._chosen(1, 0):
                first, *rest = self._mapping(item, f"{pad}  ")
                if first.startswith(f"{pad}  k"):
                    yield f"{pad}- {first.removeprefix(f'{pad}  ')}"
                    yield from rest
                    continue
            yield f"{pad}- {json.dumps(item, ensure_ascii=False)}"


def leaves(tree: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The key paths of all scalars."""
    if isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(value, (*keys, key))
    else:
        yield keys


def value_at(tree: Any, keys: tuple[Any, ...]) -> Any:
    """The value at a key path."""
    for key in keys:
        tree = tree[key]
    return tree


def innermost(explanation: Explanation) -> Explanation:
    """Follow an explanation to the value that refers to nothing."""
    return innermost(explanation.steps[0]) if explanation.steps else explanation  # type: ignore[arg-type]


def perturb(folder: Path, explanation: Explanation) -> None:
    """Write another value where the explanation says that the value is written."""
    written = explanation.written
    assert written is not None
    assert written.file is not None
    assert written.line is not None
    assert written.column is not None
    file = folder / Path(written.file).relative_to("conf")
    text = file.read_text()
    start = sum(map(len, text.splitlines(keepends=True)[: written.line - 1])) + written.column - 1
    assert text.startswith(written.text, start)
    anchor = re.match(r"&\w+ |", written.text)[0]  # type: ignore[index]  # others refer to it
    file.write_text(text[:start] + anchor + json.dumps(PERTURBED) + text[start + len(written.text) :])


def check(data: DataObject, files: dict[str, str], env: str, loader: str) -> None:
    """Perturb one value of the parameters, and see it change."""
    with TemporaryDirectory() as name:
        conf = ConfFolder(Path(name) / "conf")
        (conf.path / "local").mkdir(parents=True)
        for file, text in files.items():
            (conf.path / file).parent.mkdir(parents=True, exist_ok=True)
            (conf.path / file).write_text(text)
        build = getattr(conf, loader)
        try:
            before = build(env)["parameters"]
        except TypeError:  # OmegaConf does not merge a list with a mapping
            reject()
        keys = data.draw(st.sampled_from(list(leaves(before))))
        path = "".join(f"[{key!r}]" for key in keys)
        explanation = explain_key(build(env), path, "parameters")
        assert explanation.value == value_at(before, keys)
        perturb(conf.path, innermost(explanation))
        assert value_at(build(env)["parameters"], keys) == PERTURBED


@pytest.mark.long
@pytest.mark.parametrize("loader", ["layered", "omegaconf"])
@given(data=st.data(), base=TREES, upper=TREES, anchors=st.booleans())
@settings(max_examples=60)
def test_what_is_written_at_the_reported_place_is_the_value(
    loader: str, data: DataObject, base: dict[str, Any], upper: dict[str, Any], *, anchors: bool
) -> None:
    """Comments, anchors, merge keys, multi-line text, flow and block style, in two environments."""
    files = {
        "base/parameters.yml": Writer(data).write(base) + (ANCHORS if anchors else ""),
        "cloud/parameters.yml": Writer(data).write(upper),
    }
    check(data, files, "cloud", loader)


@given(data=st.data(), tree=TREES, indent=st.sampled_from([None, 0, 2]))
@settings(max_examples=30)
def test_json_files_have_lines_too(data: DataObject, tree: dict[str, Any], indent: int | None) -> None:
    """On one line or many."""
    check(data, {"base/parameters.json": json.dumps(tree, indent=indent)}, "base", "layered")


@pytest.mark.long
@pytest.mark.parametrize("loader", ["layered", "omegaconf"])
@given(data=st.data(), tree=TREES)
@settings(max_examples=30)
def test_references_are_followed_to_the_place(loader: str, data: DataObject, tree: dict[str, Any]) -> None:
    """Through the globals, references and a merge."""
    files = {
        "base/globals.yml": Writer(data).write({"shared": tree}),
        "base/parameters.yml": (
            "copy: ${globals:shared}\nagain: ${.copy}\nmerged: ${merge:${again},${other}}\nother: {k9: 998}\n"
        ),
    }
    check(data, files, "base", loader)

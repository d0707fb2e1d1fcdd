"""Every interpolation gives what the installed OmegaConf gives, in value and type, or both refuse it."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from kedro_matrix_ext.config.interpolation.evaluator import Evaluator
from kedro_matrix_ext.config.interpolation.grammar import parse_text
from kedro_matrix_ext.resolvers import registered_resolvers

TREE: dict[str, Any] = {
    "a": "A",
    "b": {"c": ["C", "D"], "k": ".c", "a": "inner", "up": "..a", "word": "c"},
    "k": "c",
    "rel": ".a",
    "path": "b.c[1]",
    "dotted": {"b.c": "D", "c": "plain"},
    "one": 1,
    "yes": True,
    "none": None,
    "empty": "",
    "missing": "???",
    "escaped": "\\???",
    "mapping": {"m": "???", "n": {"p": 7}},
    "list": [10, 20, [1, 2], {"x": 30}],
    "linked": {"t": "${a}", "l": ["${..t}", {"u": "${..0}"}]},  # OmegaConf writes it into text unresolved
    "numbers": {-1: "minus", "-2": "text", 2: "two", "3": "three", 1.5: "decimal", 2024: {"rate": 1}},
}

NAMES = [
    *(
        "a",
        "b.c",
        "b.c[0]",
        "b.c.0",
        "[b][c]",
        "b[c][1]",
        ".a",
        "..a",
        "...a",
        "b.k",
        "nowhere",
        "b.nowhere",
        "1",
    ),
    *("list.-1", "list[-1]", "list.-9", "list.0_1", "list[0_1]", "list.01", "list.9", "list.x", "list[3].x"),
    *("numbers.-1", "numbers[-1]", "numbers.-2", "numbers.2", "numbers.02", "numbers.3", "numbers[1.5]"),
    *(
        "numbers.2024.rate",
        "numbers.2_0",
        "missing",
        "missing.x",
        "escaped",
        "mapping",
        "mapping.m",
        "mapping.n",
    ),
    *(
        "${rel}",
        "${k}",
        "b.${k}",
        "b[${k}]",
        "${b.up}",
        ".${k}",
        "..${k}",
        "${path}",
        "${b.k}",
        "dotted.${path}",
    ),
    *("dotted[${path}]", "list.${one}", "list[${one}]", "${yes}", "${none}", "${empty}", "b.${b.word}.0"),
    *(
        " a ",
        "b .c",
        "b. c",
        "b [c]",
        "b[ c ]",
        "b[c] [0]",
        " .a",
        ". a",
        "\ta",
        "a\n",
        "é",
        "a-b",
        "a/b",
        "a@b",
    ),
]
ARGUMENTS = [
    *(
        "a",
        "b.c",
        "1",
        "1.5",
        "-3",
        "1e3",
        ".5",
        "5.",
        "true",
        "NULL",
        "nan",
        "+inf",
        "007",
        "1_0",
        "x y",
        "x:y",
    ),
    *("'q, }'", '"q"', "'it\\'s'", "''", "[1, two]", "{k: v}", "{k: ${a}}", "[${a}, [${b}]]", "[]", "{}"),
    *("???", "\\???", "'???'", "'\\???'", "x???", "${missing}", "${escaped}", "${mapping}", "${none}", "\\,"),
]
SIGNS = [
    *(
        ".",
        ":",
        ",",
        " ",
        "'",
        '"',
        "\\",
        "\\\\",
        "\\${",
        "$",
        "/",
        "-",
        "{",
        "}",
        "[0]",
        "???",
        "\\???",
        "@",
        "é",
    ),
    *("|", "%", "x", "7", "\t"),
]

references = st.sampled_from(NAMES).map("${{{}}}".format)
arguments = (
    st.lists(st.sampled_from([*ARGUMENTS, *SIGNS]), max_size=4).map("".join)
    | st.lists(st.sampled_from(ARGUMENTS) | references, max_size=3).map(", ".join)
    | references
)
WHOLE = "${empty}"  # to OmegaConf 2.3 the path of everything; `linked` in text differs, see above
paths = st.sampled_from([name for name in NAMES if "\n" not in name and name != WHOLE])
defaults = st.sampled_from(["", ", d", ", null", ", ${a}", ", '???'"])
calls = st.one_of(
    arguments.map("${{f:{}}}".format),
    arguments.map("${{ g : {}}}".format),
    st.builds(
        "${{oc.select:{}{}}}".format, paths, st.sampled_from(["", ", d", ", null", ", ${a}", ", '???'"])
    ),
    st.builds("${{oc.create:{}}}".format, st.sampled_from(ARGUMENTS[17:]) | references),
    st.builds("${{oc.dict.{}:{}}}".format, st.sampled_from(["keys", "values"]), paths),
    st.builds("${{oc.decode:{}}}".format, st.sampled_from(ARGUMENTS) | references),
)
texts = st.lists(references | calls | st.sampled_from(SIGNS), min_size=1, max_size=3).map("".join)


def show(*values: Any) -> str:
    """A resolver that shows values and types of what it is given."""
    plain = [
        OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
        for value in values
    ]
    return repr([(type(value).__name__.strip("_"), str(value)) for value in plain])


def give(value: Any = None) -> Any:
    """A resolver that returns what it is given."""
    return value


RESOLVERS = {"f": show, "g": give}


def outcome(load: Any) -> Any:
    """Return what a load gives, with types, or the error."""
    try:
        return typed(load())
    except Exception as error:  # noqa: BLE001  any failure is an outcome
        return error


def typed(value: Any) -> Any:
    """Pair every value with its type, at every depth; Kedro leaves OmegaConf's containers inside lists."""
    if OmegaConf.is_config(value):
        value = OmegaConf.to_container(value, resolve=True)
    if isinstance(value, dict):
        return [(typed(key), typed(child)) for key, child in value.items()]
    return [typed(child) for child in value] if isinstance(value, list) else (type(value), repr(value))


def resolve_by_both(tree: dict[str, Any], *keys: Any) -> tuple[Any, Any]:
    """Resolve a tree by OmegaConf, as Kedro does, and by us; return the value at a place."""

    def at(resolved: Any) -> Any:
        for key in keys:
            resolved = resolved[key]
        return resolved

    with warnings.catch_warnings(), ExitStack() as cleanup:
        warnings.simplefilter("ignore")
        with registered_resolvers(RESOLVERS):
            theirs = outcome(lambda: at(OmegaConf.to_container(OmegaConf.create(tree), resolve=True)))
        evaluator = Evaluator(tree, "parameters", {}, RESOLVERS, cleanup=cleanup)
        return theirs, outcome(lambda: at(evaluator.evaluate_all()))


def check_alike(text: str) -> None:
    """Compare a text at the top, inside a mapping and inside a list."""
    for tree, keys in (
        ({**TREE, "x": text}, ["x"]),
        ({**TREE, "in": {"a": "near", "x": text}}, ["in", "x"]),
        ({**TREE, "in": ["near", text]}, ["in", 1]),
    ):
        theirs, ours = resolve_by_both(tree, *keys)
        if isinstance(theirs, Exception):
            assert isinstance(ours, Exception), f"only ours gives a value: {ours}; theirs {theirs!r}"
        else:
            assert not isinstance(ours, Exception), f"only ours fails, with {ours!r}; theirs is {theirs}"
            assert ours == theirs


@pytest.mark.parametrize("name", [*NAMES, "linked", "linked.l", "linked.l.1.u"])
def test_every_name_leads_to_the_same_value(name: str) -> None:
    """Indices from the end, number keys, relative text of an inner interpolation, blanks, missing values."""
    check_alike(f"${{{name}}}")


@pytest.mark.parametrize("name", NAMES)
def test_a_default_takes_the_place_of_what_is_absent_or_missing(name: str) -> None:
    """`oc.select` gives its default for the same paths."""
    check_alike(f"${{oc.select:'{name}', d}}")


@pytest.mark.parametrize("argument", [*ARGUMENTS, "${list}", "${b}", "${numbers}"])
def test_every_argument_arrives_alike(argument: str) -> None:
    """A resolver is given the same values of the same types, quoted, nested, missing or null."""
    check_alike(f"${{f:{argument}}}")
    check_alike(f"${{g:{argument}}}")
    check_alike(f"x${{g:'{argument}'}}")


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(texts)
def test_any_text_is_resolved_alike(text: str) -> None:
    """Texts of our grammar and of the rest of OmegaConf's, well-formed or not."""
    check_alike(text)


def test_the_generated_texts_are_within_and_outside_our_grammar() -> None:
    """The property above tries both: what we read ourselves, and what OmegaConf reads."""
    samples = [f"${{{name}}}" for name in NAMES] + [f"${{f:{argument}}}" for argument in ARGUMENTS]
    native = [parse_text(text) is not None for text in samples]
    assert native.count(True) > len(samples) / 3
    assert native.count(False) > len(samples) / 6

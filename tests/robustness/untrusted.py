"""What someone may write into configuration who means harm or mistypes: strategies, and the rule they test.

``FUZZ_EXAMPLES=20000 pytest tests/robustness`` looks for longer than the gate does.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from tests.robustness.audited import SEEN, watch

from kedro_matrix_ext.errors import KedroMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KEYS", "SCALARS", "TEXTS", "attempt", "fuzz", "mutations", "values", "yaml_texts"]

fuzz = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "100")), deadline=None)

_NAMES = ["a", "b", "c", "_a", "a.b", "a[0]", "a b", "", "1", "é", "object", "type", "unpack", "args"]
_TOKENS = [
    *("${", "}", "${a}", "${b.c}", "${.a}", "${..b}", "${a[0]}", "${a[${b}]}", "${merge:${a},${b}}", "???"),
    *("${merge_shallow:${a},null}", "${oc.env:NO_SUCH,x}", "${oc.int:", "${oc.float:${a}}", "${oc.bool:yes}"),
    *("${if_null:${a},1}", "${run:id}", "${ka.random:}", "${globals:a,1}", "${runtime_params:a,1}", "${f:x}"),
    *(
        "${oc.select:a,1}",
        "${oc.create:{x:1}}",
        "${oc.decode:'[1'}",
        "${oc.dict.keys:a}",
        "${oc.deprecated:a}",
    ),
    *("\\", "\\${a}", "'", '"', ",", ":", "[", "]", "{", ".", "$", " ", "\n", "\t", "\0", "\ud800", "1e999"),
    *(
        "%Y",
        "{{",
        "{{x}}",
        "..",
        "/etc/passwd",
        "!!",
        "&a",
        "*a",
        "<<",
        "-",
        "0x",
        "1_0",
        "nan",
        "~",
        "@",
        "#",
    ),
]
KEYS = st.sampled_from(_NAMES) | st.text(max_size=3)
TEXTS = st.lists(st.sampled_from(_TOKENS) | st.text(max_size=2), max_size=5).map("".join)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([0, -1, 1, 2**31, 2**63, 10**400, float("inf")])
    | TEXTS
)

_YAML = [
    *(
        "a",
        "b",
        ": ",
        ":",
        "- ",
        "\n",
        "  ",
        "\n  ",
        "&x ",
        "*x",
        "<<: *x",
        "{",
        "}",
        "[",
        "]",
        ",",
        "? ",
        "|\n",
        ">",
    ),
    *(
        "!!int ",
        "!!float ",
        "!!bool ",
        "!!null ",
        "!!str ",
        "!!map ",
        "!!seq ",
        "!!set ",
        "!!omap ",
        "!!pairs ",
    ),
    *("!!binary ", "!!timestamp ", "!!merge ", "!!value ", "!!python/name:os.system ", "!x ", "!<y> ", "! "),
    *(
        "!!python/object/apply:os.system ",
        "!!python/object/apply:pathlib.Path ",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
    ),
    *(
        "0b_",
        "0x_",
        "0o9",
        "1:99",
        "1_",
        ".inf",
        "2024-13-45",
        "'",
        '"',
        "#",
        "\\",
        "\t",
        "\x07",
        "\ufeff",
        "=",
        "~",
    ),
]


def yaml_texts() -> st.SearchStrategy[str]:
    """Texts made of YAML's own parts, in any order."""
    part = st.sampled_from(_YAML) | st.text(max_size=2) | TEXTS
    return st.lists(part, max_size=14).map("".join)


def values(keys: st.SearchStrategy[Any] = KEYS, leaves: st.SearchStrategy[Any] = SCALARS) -> Any:
    """Values of any shape that YAML can give."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=8,
    )


@st.composite
def mutations(draw: st.DrawFn, valid: Any, extra: st.SearchStrategy[Any]) -> Any:
    """Copies of a valid value in which some parts are replaced, dropped or given further keys."""

    def mutate(value: Any) -> Any:
        choice = draw(st.integers(0, 11))
        if choice == 0:
            return draw(extra)
        if isinstance(value, dict):
            copy = {key: mutate(item) for key, item in value.items() if draw(st.integers(0, 15))}
            return {**copy, draw(KEYS): draw(extra)} if choice == 1 else copy
        if isinstance(value, list):
            return [mutate(item) for item in value] * (2 if choice == 1 else 1)
        return value

    return mutate(valid)


_TEMPORARY = Path(tempfile.gettempdir()).resolve()
_WATCHED: set[int] = set()  # threads: servers of other tests have their own


def _watch_attempts(event: str, arguments: tuple[Any, ...]) -> None:
    if threading.get_ident() in _WATCHED:
        watch(event, arguments)


sys.addaudithook(_watch_attempts)  # which cannot be removed again


def attempt(call: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
    """Call; the package's own errors are answers, and say something. Any other is the test's failure.

    So is a process that the call starts, another machine or program that it asks for, and a file outside of
    the temporary folder that it writes, moves or removes.
    """
    for noted in SEEN.values():
        noted.clear()
    _WATCHED.add(threading.get_ident())
    try:
        return call(*arguments, **keywords)
    except KedroMatrixError as error:
        said = str(error)
    finally:
        _WATCHED.clear()
        assert SEEN["started"] == SEEN["network"] == _list_written_elsewhere() == []
    assert said.strip()
    return None


def _list_written_elsewhere() -> list[str]:
    """List what was changed outside of the temporary folder, without Python's cache of modules."""
    return [
        path
        for path in SEEN["written"]
        if not Path(path).is_relative_to(_TEMPORARY) and "__pycache__" not in path and path != os.devnull
    ]

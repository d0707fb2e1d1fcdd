"""Load small texts that would grow endlessly, each in a process of bounded memory and CPU time.

Called as ``python bombs.py`` in a folder with ``conf/base``. It prints a line of JSON per text, ``[name,
error, CPU seconds]``. Where a text is not refused in time, the system ends its process; the error says so.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.errors import KedroMatrixError
from kedro_matrix_ext.pipelines.env_overrides import OVERRIDE_PREFIX, apply_overrides
from kedro_matrix_ext.pipelines.frozen_mapping import freeze

if TYPE_CHECKING:
    from collections.abc import Callable

# Of address space and CPU time for each text, libraries included; a text that doubles exceeds any limit.
MEGABYTES, SECONDS = 2048, 60
DEPTH = 40  # two to this power is too much for any machine


def load(text: str, config_type: str = "parameters") -> Any:
    """Load one file."""
    file = Path("conf/base", f"{config_type}.yml")
    file.write_text(text, encoding="utf-8")
    try:
        return LayeredConfigLoader("conf", "base", **config_loader_args())[config_type]
    finally:
        file.unlink()


def override(text: str) -> Any:
    """Override a list of dictionaries in a mapping of variants."""
    mapping = freeze({"p": [{"x": 1}]}, (), source="test")
    return apply_overrides(mapping, {f"{OVERRIDE_PREFIX}P": text})


def double(first: str, then: str, separator: str = "\n") -> str:
    """Write lines of which each names the one before twice: NEW and OLD stand for them."""
    lines = [then.replace("NEW", f"a{n}").replace("OLD", f"a{n - 1}") for n in range(1, DEPTH)]
    return separator.join([first, *lines])


ALIASES = "NEW: &NEW [*OLD, *OLD]"
REFERENCES = "NEW: ['${OLD}', '${OLD}']"
BOMBS: dict[str, Callable[[], Any]] = {
    "aliases": partial(load, double("a0: &a0 [x]", ALIASES)),
    "aliases in a variable": partial(override, f"[{{{double('a0: &a0 [x]', ALIASES, ', ')}}}]"),
    "merge keys": partial(load, double("a0: &a0 {x: 1}", "NEW: &NEW {<<: [*OLD, *OLD], NEW: *OLD}")),
    "text": partial(load, double("a0: xx", "NEW: '${OLD}${OLD}'")),
    "references": partial(load, double("a0: [x]", REFERENCES)),
    "references in a catalog": partial(load, double("a0: [x]", REFERENCES), "catalog"),
    "merges": partial(load, double("a0: {x: 1}", "NEW: {a: '${OLD}', b: '${merge:${OLD},null}'}")),
    "many merges": partial(
        load, f"a: {dict.fromkeys(range(3000), 1)}\nb: '${{merge:{','.join(['${a}'] * 3000)}}}'"
    ),
    "deep lists": partial(load, f"a: {'[' * 100_000}"),
    "deep lists, closed": partial(load, f"a: {'[' * 300}{']' * 300}"),
    "deep mappings": partial(load, "\n".join(f"{' ' * depth}a:" for depth in range(500))),
    "deep variable": partial(override, "[" * 100_000),
    "deep references": partial(load, f"a: '{'${' * 5000}a{'}' * 5000}'"),
    "deep arguments": partial(load, f"a: '${{merge:{'[' * 5000}{']' * 5000}}}'"),
    "spaces": partial(load, f"a: '${{{' ' * 200_000}b'"),
    "long number": partial(load, f"a: {'1:' * 200_000}1"),
    "long chain": partial(load, "\n".join(f"a{n}: ${{a{n + 1}}}" for n in range(5_000))),
}


def ask_for_keys() -> Any:
    """Load references whose keys are references: each asks twice for the one before, and none is long."""
    inner: Any = "end"
    for _ in range(DEPTH + 2):
        inner = {"s": "d", "d": inner}
    lines = [f"a{n}: '${{a{n - 1}[${{a{n - 1}.s}}]}}'" for n in range(DEPTH, 0, -1)]
    return load("\n".join([f"z: ${{a{DEPTH}.s}}", *lines, f"a0: {json.dumps(inner)}"]))


LARGE = json.dumps({f"k{n}": [1, 2, 3] for n in range(500)})  # a mapping of two thousand values
SQL = json.dumps(
    r"select * from ${schema}.t where a ~ '\d+' and b = '\${later}' " * 1_500
)  # 90,000 characters
BY_RIGHT: dict[str, Callable[[], Any]] = {
    "a thousand merged variants": partial(
        load, "\n".join([f"base: {LARGE}", *(f"v{n}: ${{merge:${{base}},null}}" for n in range(1000))])
    ),
    "a thousand anchored variants": partial(
        load, "\n".join([f"base: &base {LARGE}", *(f"v{n}: {{<<: *base, k1: {n}}}" for n in range(1000))])
    ),
    "a long text in many places": partial(
        load, "\n".join(["schema: s", f"sql: {SQL}", *(f"v{n}: {{sql: '${{sql}}'}}" for n in range(2000))])
    ),
    "a long text without interpolations": partial(load, f"certificate: {'A' * 1_000_000}"),
    "deep models": partial(load, "\n".join(f"{' ' * depth}a:" for depth in range(100))),
    "keys": ask_for_keys,
}


def main() -> None:
    """Try all, each in a fork of this process, which has imported what a load needs."""
    load("a: ${oc.int:1}")
    for name, call in {**BOMBS, **BY_RIGHT}.items():
        if process := os.fork():
            _, status = os.waitpid(process, 0)
            if status:
                report(name, f"the process ended with {os.waitstatus_to_exitcode(status)}")
        else:
            resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            attempt(name, call)
            os._exit(0)


def attempt(name: str, call: Callable[[], Any]) -> None:
    """Load one text and report its error, or none."""
    message = ""
    try:
        call()
    except KedroMatrixError as error:
        message = str(error)
    report(name, message)


def report(name: str, message: str) -> None:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps([name, message, round(time.process_time(), 2)]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

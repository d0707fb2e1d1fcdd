"""What injection costs: walking parameters that declare nothing, and decorating."""

from __future__ import annotations

import copy
import functools
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext import inject_object, instantiate

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 31
LEAVES = 10_000
FUNCTIONS = 200


def make_tree(leaves: int) -> dict[str, Any]:
    """Make parameters of ten leaves per dictionary, a hundred dictionaries per section."""
    sections = leaves // 1000
    return {
        f"section_{section}": [
            {f"key_{key}": key if key % 2 else f"value {key}" for key in range(10)} for _ in range(100)
        ]
        for section in range(sections)
    }


def plain(parameters: Any) -> Any:
    """Give back the parameters."""
    return parameters


injected = inject_object()(plain)


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap as any decorator does."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def measure(*actions: Callable[[], object]) -> list[float]:
    """Time each action, interleaved; give the medians in seconds."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(REPEATS):
        for action, kept in zip(actions, times, strict=True):
            started = time.perf_counter()
            action()
            kept.append(time.perf_counter() - started)
    return [statistics.median(kept) for kept in times]


def modules_after(code: str) -> set[str]:
    """List what a fresh process has imported after some code."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def decorate(decorator: Callable[[Any], Any]) -> None:
    """Decorate many functions, as the import of a project's nodes does."""
    for _ in range(FUNCTIONS):
        decorator(plain)


def main() -> None:
    """Print the table."""
    tree = make_tree(LEAVES)
    with_block = {"tree": tree, "one": {"object": "fractions.Fraction", "args": [1, 2]}}
    bare, walked, built, copied = measure(
        lambda: plain(tree),
        lambda: injected(tree),
        lambda: instantiate(with_block),
        lambda: copy.deepcopy(tree),
    )
    loose, ours = measure(lambda: decorate(wrapped), lambda: decorate(inject_object()))
    package = "from kedro_matrix_ext import inject_object"
    code = f"{package}\n@inject_object()\ndef train(model): return model"
    added = modules_after(code) - modules_after(package)
    print(f"{'what':38}{'ours':>11}{'theirs':>11}{'ratio':>8}  target")
    print_row("a call with 10,000 plain leaves adds", walked - bare, copied, "<= 5 ms; theirs: deepcopy")
    print_row("build 10,000 leaves and an object", built, copied, "theirs: deepcopy")
    print_row("decorate a function", ours / FUNCTIONS, loose / FUNCTIONS, "theirs: functools.wraps")
    print(f"{'modules that decorating imports':38}{len(added):>11}{0:>11}{'':8}  0")


def print_row(what: str, ours: float, theirs: float, target: str) -> None:
    """Print two times and their ratio."""
    print(f"{what:38}{ours * 1e3:>8.3f} ms{theirs * 1e3:>8.3f} ms{ours / theirs:>8.2f}  {target}")


if __name__ == "__main__":
    main()

"""Verify every cell of the README's table by running it: `nox -s comparison`.

Each tool has a separate environment, and a project that does what the row says in the tool's usual way. Every
cell is what the tool did, missing features included. Where the result is unexpected, such as a failure for
another reason, the cell is undecided and the session fails.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import TimeoutExpired
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.comparison import configuration, workflows
from tests.comparison.tools import TOOLS, Tool, UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable

README = Path(__file__).parents[2] / "README.md"
RECORD = Path(__file__).with_name("table.md")
UNDECIDED = "?"
ROWS: dict[str, Callable[[Tool], str]] = {
    "an environment's override reaches what refers to it": configuration.reach,
    "an environment inherits from another": configuration.inherit_environment,
    "a block of YAML inherits from one in another file": configuration.merge,
    "YAML declares the objects that nodes receive": configuration.inject,
    "an environment variable switches a hook off": configuration.switch_off,
    "a pipeline in the variants that `settings.py` lists": configuration.make_variants,
    "one table for pandas and polars": configuration.several_engines,
    "shows in which file and line a value is written": configuration.explain,
    "a pipeline becomes an Argo workflow": workflows.argo_workflow,
    "a pipeline becomes an Airflow DAG": workflows.airflow_dag,
    "several nodes in one task": workflows.group_nodes,
    "a node of such a task runs alone": workflows.run_alone,
    "such tasks survive a sum of pipelines": workflows.sum_groups,
    "a node requests its machine": workflows.choose_machine,
    "finds data in memory that tasks cannot share": workflows.check,
    "the workflow runs on the laptop, task by task": workflows.rehearse,
}


def find_out(row: Callable[[Tool], str], tool: Tool) -> tuple[str, str]:
    """Return a cell, and why it is undecided, if it is."""
    try:
        return row(tool), ""
    except (UndecidedError, TimeoutExpired) as error:
        return UNDECIDED, f"{row.__name__} with {tool.name}: {error}"


def write_table(cells: dict[str, list[str]]) -> str:
    """Write the table as Markdown."""
    header = [f"| | {' | '.join(TOOLS)} |", f"|---|{':-:|' * len(TOOLS)}"]
    return "\n".join([*header, *(f"| {' | '.join([title, *row])} |" for title, row in cells.items())]) + "\n"


def main() -> int:
    """Verify every cell, record the table, and compare it with the README's."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=2) as pool:
        tools = [Tool(name, os.environ[_variable_of(name)], Path(folder)) for name in TOOLS]
        found = {title: list(pool.map(find_out, [row] * len(tools), tools)) for title, row in ROWS.items()}
    table = write_table({title: [cell for cell, _ in row] for title, row in found.items()})
    print(table)
    undecided = [why for row in found.values() for _, why in row if why]
    if undecided:
        print("undecided:", *undecided, sep="\n\n")
        return 1
    RECORD.write_text(table, encoding="utf-8")
    if table not in README.read_text(encoding="utf-8"):
        print(f"the README's table differs from {RECORD.name}")
        return 1
    return 0


def _variable_of(name: str) -> str:
    """Name the variable that says which Python has a tool; copied helpers need Kedro alone."""
    return f"{(name if name != 'copied helpers' else 'Kedro').split()[0].upper().replace('-', '_')}_PYTHON"


if __name__ == "__main__":
    sys.exit(main())

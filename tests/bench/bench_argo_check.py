"""What a check costs, against what Kedro takes to load the project's catalog and pipelines.

One project of 750 nodes, both timed in one process, one after the other, after a first round that imports.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from kedro_matrix_ext.argo import ArgoConfig, check_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

_NODES = 750
_REPEATS = 7
_MOST = 2.0  # the most that checking may take, times loading

_FILES = {
    "pyproject.toml": """
[tool.kedro]
package_name = "shop"
project_name = "shop"
kedro_init_version = "1.3.0"
source_dir = "src"
""",
    "src/shop/__init__.py": "",
    "src/shop/settings.py": "",
    "src/shop/pipeline_registry.py": f"""
from kedro.pipeline import Node, Pipeline


def take(*values):
    return values


def register_pipelines():
    nodes = [
        Node(
            take,
            [f"d{{n - 1}}" if n else "raw", f"d{{n // 2}}_raw", "params:seed"],
            f"d{{n}}",
            name=f"node_{{n}}",
        )
        for n in range({_NODES})
    ]
    return {{"__default__": Pipeline(nodes)}}
""",
    "conf/base/parameters.yml": "seed: 1\n",
    "conf/local/.gitkeep": "",
}


def make_project(folder: Path) -> None:
    """Write a project of 750 nodes, half of the datasets declared one by one, half by a pattern."""
    entry = "{{type: pickle.PickleDataset, filepath: 's3://bucket/{name}.pkl'}}"
    names = ["raw", *(f"d{number}" for number in range(_NODES))]
    lines = [f"{name}: {entry.format(name=name)}" for name in names]
    lines.append('"{any}_raw": ' + entry.format(name="{any}_raw"))
    for name, text in {**_FILES, "conf/base/catalog.yml": "\n".join(lines)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def load() -> tuple[Any, dict[str, Any]]:
    """Load catalog and pipelines as Kedro does for a run."""
    pipelines._content = {}
    pipelines._is_data_loaded = False
    session: Any = KedroSession.create(project_path=Path.cwd(), env="base")
    catalog = session.load_context().catalog
    return catalog, dict(pipelines)


def measure(action: Callable[[], Any]) -> tuple[Any, float]:
    """Give what an action returns, and its CPU seconds."""
    start = time.process_time()
    return action(), time.process_time() - start


def main() -> int:
    """Print the table; the exit status is 0 if the target is met."""
    config = ArgoConfig.model_validate({"deployment": {"image": "shop"}})
    loading, checking, findings = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_project(Path(folder))
        os.environ["DO_NOT_TRACK"] = "1"
        bootstrap_project(Path(folder))
        logging.disable(logging.WARNING)
        for _ in range(_REPEATS + 1):
            (catalog, registry), seconds = measure(load)
            loading.append(seconds)
            checked, seconds = measure(
                lambda c=catalog, r=registry: check_pipeline(  # type: ignore[misc]
                    r["__default__"], config=config, catalog=c, registry=r, env="base"
                )
            )
            checking.append(seconds)
            findings = checked.findings
    theirs, ours = median(loading[1:]), median(checking[1:])
    print("what           check s  load s  ratio  target")
    print(f"{_NODES} nodes{ours:14.3f}{theirs:8.3f}{ours / theirs:7.2f}{_MOST:8.1f}")
    print(f"first round{checking[0]:11.3f}{loading[0]:8.3f}{checking[0] / loading[0]:7.2f}")
    print(f"codes found: {sorted({found.code for found in findings})}")
    return 0 if ours / theirs <= _MOST else 1


if __name__ == "__main__":
    sys.exit(main())

"""Try an image: build every pipeline, which imports the module of every node.

The Dockerfile that ``kedro argo init`` writes runs ``python -m kedro_matrix_ext.argo.image.self_test`` as its
last step, so that an image whose packages are missing never reaches a registry.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from pathlib import Path

__all__ = ["main"]

_DEFERRED = "KEDRO_MATRIX_DEFER_NODE_IMPORTS"
_SWALLOWED = "find_pipelines"  # Kedro's function warns about a pipeline that fails, and leaves it out


def main(project: Path | None = None) -> int:
    """Build all pipelines of a project and report what fails."""
    os.environ[_DEFERRED] = "0"
    try:
        count, warned = _build_pipelines(project or Path.cwd())
    except Exception as error:  # noqa: BLE001  the project's own code may raise anything
        traceback.print_exc()
        return _fail(_describe(error))
    broken = [text for text in warned if _SWALLOWED in text]
    if broken:
        sys.stderr.write("\n".join([*broken, ""]))
        return _fail(_last_line(broken[0]))
    if not count:
        return _fail("no registered pipeline has a node")
    sys.stdout.write(f"the image can run {count} nodes\n")
    return 0


def _build_pipelines(project: Path) -> tuple[int, list[str]]:
    """Build all pipelines; return the number of nodes, and what was warned about."""
    from kedro.framework.project import pipelines
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(project)
    with warnings.catch_warnings(record=True) as caught:  # not before, as Kedro sends warnings to its log
        warnings.simplefilter("always")
        nodes = {node.name for pipeline in pipelines.values() for node in pipeline.nodes}
    return len(nodes), [str(one.message) for one in caught]


def _describe(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.split(".")[0]
        return f"{package!r} is not installed in the image: add it to the project's dependencies"
    return f"{type(error).__name__}: {error}"


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if "Error" in line]
    return lines[-1].strip() if lines else text.splitlines()[0]


def _fail(cause: str) -> int:
    sys.stderr.write(f"Error: the image cannot run the project: {cause}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""``python -m kedro_matrix_ext.argo.code COMMAND...``: run a command in a task's code package."""

from __future__ import annotations

import sys

from kedro_matrix_ext.argo.code.launch import launch

__all__: list[str] = []

if __name__ == "__main__":
    launch(sys.argv[1:])

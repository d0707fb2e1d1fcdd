"""The command groups ``kedro matrix`` and ``kedro argo``.

Kedro imports both groups on every command, so their modules import click alone; a command's own module is
imported when that command runs.
"""

__all__: list[str] = []

"""Which part of a project to plan: pipeline, environment, grouping, and Kedro's selections of nodes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.argo.option_group import gather_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.pipeline import Pipeline

    from kedro_matrix_ext.argo.plan.inputs import OnCycle

__all__ = ["Selection", "cluster_env_option", "selection_options", "without_imports_option"]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to plan, as written on the command line."""

    pipeline: str
    env: str
    group_by: str
    on_cycle: OnCycle
    namespaces: tuple[str, ...]
    tags: tuple[str, ...]
    nodes: tuple[str, ...]
    from_nodes: tuple[str, ...]
    to_nodes: tuple[str, ...]
    from_inputs: tuple[str, ...]
    to_outputs: tuple[str, ...]
    load_versions: tuple[str, ...]
    conf_source: str | None

    @classmethod
    def of(cls, *, pipeline: str, env: str, **others: Any) -> Selection:
        """Select a pipeline in an environment: by default all of it, a task per node."""
        defaults = {field.name: () for field in fields(cls)} | {
            "group_by": "node",
            "on_cycle": "error",
            "conf_source": None,
        }
        return cls(**{**defaults, **others, "pipeline": pipeline, "env": env})

    @property
    def versions(self) -> dict[str, str]:
        """The version to load of each dataset."""
        from kedro_matrix_ext.cli.load_versions import split_versions

        return split_versions(self.load_versions)

    def choose(self, pipeline: Pipeline) -> Pipeline:
        """Select the nodes of a pipeline."""
        return pipeline.filter(
            tags=self.tags or None,
            node_names=self.nodes or None,
            from_nodes=self.from_nodes or None,
            to_nodes=self.to_nodes or None,
            from_inputs=self.from_inputs or None,
            to_outputs=self.to_outputs or None,
            node_namespaces=list(self.namespaces) or None,
        )


def _split(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _split_versions(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    from kedro_matrix_ext.cli.load_versions import split_versions

    versions = _split(context, parameter, value)
    split_versions(versions)
    return versions


def cluster_env_option(description: str) -> Callable[..., Any]:
    """Make the option ``--env`` of commands for the cluster: else ``KEDRO_ENV``, else ``cloud``."""
    return click.option(
        "--env",
        "-e",
        default="cloud",
        envvar="KEDRO_ENV",
        show_default=True,
        show_envvar=True,
        help=description,
    )


_OPTIONS = (
    click.option(
        "--pipeline", "-p", default="__default__", show_default=True, help="The registered pipeline."
    ),
    cluster_env_option("The configuration environment."),
    click.option(
        "--group-by",
        default="node",
        show_default=True,
        help="Which nodes share a task: node, single, namespace[:2], tag:one,two, pipeline, memory, chain, "
        "branch.",
    ),
    click.option(
        "--on-cycle",
        type=click.Choice(["error", "split"]),
        default="error",
        show_default=True,
        help="If tasks would wait for each other: stop with an error, or split groups.",
    ),
    click.option("--namespaces", "-ns", default="", callback=_split, help="Nodes in these namespaces."),
    click.option("--tags", "-t", default="", callback=_split, help="Nodes with any of these tags."),
    click.option("--nodes", "-n", default="", callback=_split, help="Only these nodes."),
    click.option("--from-nodes", default="", callback=_split, help="These nodes and all after them."),
    click.option("--to-nodes", default="", callback=_split, help="These nodes and all before them."),
    click.option("--from-inputs", default="", callback=_split, help="All nodes from these datasets on."),
    click.option("--to-outputs", default="", callback=_split, help="All nodes up to these datasets."),
    click.option(
        "--load-versions",
        "-lv",
        default="",
        callback=_split_versions,
        help="The versions of datasets to load: dataset:version,...",
    ),
    click.option(
        "--conf-source",
        help="The configuration of tasks: an archive or folder in a bucket; here also a local one.",
    ),
)


without_imports_option = click.option(
    "--without-imports",
    is_flag=True,
    help="Do not import node modules, dataset types and injected objects.",
)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that select what to plan to a command, passed as one argument ``selection``."""
    return gather_options(Selection, _OPTIONS, name="selection")(command)

"""``kedro matrix fabricate --dry-run``: show the tables that the project fabricates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.matrix.config.options import env_option
from kedro_matrix_ext.cli.output import logs_on_stderr, print_line
from kedro_matrix_ext.errors import FabricationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from kedro.framework.context import KedroContext
    from kedro.framework.startup import ProjectMetadata
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

    from kedro_matrix_ext.fabrication.description import TableDescription

__all__ = ["fabricate"]


@click.command()
@env_option
@click.option("--pipeline", "-p", default=None, help="The pipeline that fabricates; all of them by default.")
@click.option("--dry-run", is_flag=True, help="Make the tables in memory only.")
@click.pass_obj
def fabricate(metadata: ProjectMetadata, *, env: str | None, pipeline: str | None, dry_run: bool) -> None:
    """Show each table that the project fabricates: rows, columns, dtypes, and where the values come from.

    The tables are made in memory and not saved. Warns of foreign keys that do not join.
    """
    if not dry_run:
        raise click.UsageError(
            "give --dry-run. To save the tables, run the pipeline that fabricates them, "
            "for example: kedro run --pipelines test --env test"
        )
    from kedro.framework.project import settings

    with logs_on_stderr():
        session = settings.SESSION_CLASS.create(project_path=metadata.project_path, env=env)
        context: KedroContext = session.load_context()
        lines = list(_describe_nodes(_fabricating_nodes(pipeline), context.catalog))
    print_line("\n".join(lines))


def _fabricating_nodes(pipeline: str | None) -> list[Node]:
    from kedro.framework.project import pipelines

    from kedro_matrix_ext._suggestion import did_you_mean
    from kedro_matrix_ext.fabrication.nodes import fabricates

    if pipeline is not None and pipeline not in pipelines:
        raise FabricationError(
            f"there is no pipeline {pipeline!r}", hint=did_you_mean(pipeline, list(pipelines)) or None
        )
    chosen: list[Pipeline] = [pipelines[pipeline]] if pipeline else list(pipelines.values())
    nodes = {node.name: node for each in chosen for node in each.nodes if fabricates(node)}
    if not nodes:
        raise FabricationError(
            "no node fabricates data",
            hint="Add create_fabricator_pipeline([...]) to a pipeline of the project.",
        )
    return list(nodes.values())


def _describe_nodes(nodes: list[Node], catalog: Any) -> Iterator[str]:
    from kedro_matrix_ext._node_copies import input_arguments, output_keys
    from kedro_matrix_ext.fabrication.description import describe_tables, find_broken_keys
    from kedro_matrix_ext.fabrication.parsing import parse_fabrication
    from kedro_matrix_ext.fabrication.tables import make_frames

    made: dict[str, pd.DataFrame] = {}
    for node in nodes:
        positional, named = input_arguments(node)
        parameters = positional[0] if positional else named["fabrication_params"]
        sources = {name: dataset for name, dataset in named.items() if name != "fabrication_params"}
        frames = {name: _load(dataset, made, catalog, node.name) for name, dataset in sources.items()}
        fabrication = parse_fabrication(catalog.load(parameters), frames=frames)
        tables = make_frames(fabrication, frames)
        datasets = output_keys(node)
        made.update({dataset: tables[name] for name, dataset in datasets.items() if name in tables})
        yield f"{node.name}: {parameters}"
        for table in describe_tables(fabrication, tables):
            yield from _render(table, datasets)
        for warning in find_broken_keys(fabrication, {**frames, **tables}):
            yield f"warning: {warning}"


def _load(dataset: str, made: Mapping[str, pd.DataFrame], catalog: Any, node: str) -> pd.DataFrame:
    """Return a frame that a node made before, or that the catalog has."""
    if dataset in made:
        return made[dataset]
    try:
        frame: pd.DataFrame = catalog.load(dataset)
    except Exception as error:
        raise FabricationError(
            f"node {node!r} copies from dataset {dataset!r}, which cannot be loaded: {error}",
            hint="Make it first, or show the pipelines before it with --pipeline.",
        ) from error
    return frame


def _render(table: TableDescription, datasets: Mapping[str, str]) -> Iterator[str]:
    dataset = datasets.get(table.name)
    where = "not saved" if dataset is None else "" if dataset == table.name else f"dataset {dataset}"
    yield f"\n{table.name}: {table.rows:,} rows{f' ({where})' if where else ''}"
    rows = [
        (one.name, one.dtype, f"{one.nulls:,} nulls" if one.nulls else "", one.origin)
        for one in table.columns
    ]
    widths = [max(len(row[index]) for row in rows) for index in range(3)]
    for row in rows:
        cells = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False))
        yield f"  {cells}  {row[3]}"

"""``kedro argo resources``: compare what tasks needed and what they request, and propose rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.argo.selection import Selection, selection_options
from kedro_matrix_ext.cli.output import logs_on_stderr, output_option, print_line, write_output

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

__all__ = ["resources"]


@click.command()
@selection_options
@click.option(
    "--from",
    "files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Records of the node timer, or 'tasks.jsonl' of a rehearsal; by default the latest of each.",
)
@click.option(
    "--headroom",
    type=click.FloatRange(min=0),
    default=0.25,
    show_default=True,
    help="What to add to the measurements: 0.25 for a quarter.",
)
@output_option("the rules")
@click.pass_obj
def resources(
    metadata: ProjectMetadata,
    *,
    selection: Selection,
    files: tuple[Path, ...],
    headroom: float,
    output: Path | None,
) -> None:
    """Show what tasks needed and what they request, and propose rules for argo.yml."""
    import yaml

    from kedro_matrix_ext.argo.report.text import render_count
    from kedro_matrix_ext.argo.right_sizing import make_rules, propose_sizes, read_measurements
    from kedro_matrix_ext.argo.right_sizing.measurements import find_records
    from kedro_matrix_ext.argo.right_sizing.report import render_sizes
    from kedro_matrix_ext.argo.right_sizing.rule_making import list_fixed_nodes, render_rule
    from kedro_matrix_ext.cli.argo.project import load_project, plan_project

    records = files or tuple(find_records(Path(metadata.project_path)))
    measurements = read_measurements(records)
    with logs_on_stderr():
        project = load_project(metadata, selection)
        plan = plan_project(project)
    sizes = propose_sizes(plan, measurements, headroom=headroom)
    fixed = set(list_fixed_nodes(project.pipeline.nodes))
    measured = [size for size in sizes if size.measured is not None]
    wanted = {node: size.proposed for size in measured for node in size.task.nodes if node not in fixed}
    nodes = {node.name: node for pipeline in project.registry.values() for node in pipeline.nodes}
    rules = [render_rule(rule) for rule in make_rules(wanted, list(nodes.values()), project.config)]
    print_line("".join(f"measured: {record}\n" for record in records) + render_sizes(sizes))
    if fixed:
        print_line(f"set in code, which rules do not change: {', '.join(sorted(fixed))}")
    text = yaml.safe_dump({"rules": rules}, sort_keys=False, default_flow_style=None, width=110).rstrip()
    write_output(
        f"\n# in argo.yml, before other rules\n{text}" if output is None else text,
        output,
        what=render_count(len(rules), "rule"),
    )

"""``kedro matrix config explain``: where a value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kedro_matrix_ext.cli.matrix.config.options import loader_options
from kedro_matrix_ext.cli.output import (
    format_option,
    logs_on_stderr,
    output_option,
    render_json,
    write_output,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.config import OmegaConfigLoader

__all__ = ["explain"]


@click.command()
@click.argument("words", nargs=-1, metavar="[TYPE] [KEY]")
@click.option("--dataset", metavar="NAME", default=None, help="Explain the catalog entry of this dataset.")
@format_option("text", "json")
@output_option("the explanation")
@loader_options
def explain(
    *,
    loader: OmegaConfigLoader,
    words: tuple[str, ...],
    dataset: str | None,
    output_format: str,
    output: Path | None,
) -> None:
    """Explain where the value of KEY comes from, and every value it was made from.

    KEY is a path as in 'models.base[0].depth'. 'params:models.base', 'globals: paths.base' or a TYPE before
    it say which type of configuration is meant. In the catalog it starts with the name of a dataset, which
    a factory pattern may make.
    """
    from kedro_matrix_ext.config.explain import explain_key
    from kedro_matrix_ext.config.explain.rendering import explanation_as_dict, render_explanation

    if len(words) > 2 or not (words or dataset):  # noqa: PLR2004  a type and a key
        raise click.UsageError("Name one key, and its type of configuration before it where it is not clear.")
    *config_type, key = words or ("",)
    if dataset and config_type not in ([], ["catalog"]):
        raise click.UsageError(f"A dataset's entry is in the catalog, not in the {config_type[0]}.")
    with logs_on_stderr():
        explanation = explain_key(loader, key, *config_type, dataset=dataset)
    if output_format == "json":
        text = render_json(explanation_as_dict(explanation))
    else:
        text = render_explanation(explanation, emphasise=lambda name: click.style(name, bold=True))
    write_output(text, output)

"""``kedro matrix config show``: the configuration as Kedro uses it."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext.cli.matrix.config.options import loader_options, output_option, write_output

if TYPE_CHECKING:
    from pathlib import Path

    from kedro.config import OmegaConfigLoader

__all__ = ["show"]


@click.command()
@click.argument("config_type", metavar="[TYPE]", required=False)
@click.argument("key", metavar="[KEY]", required=False)
@click.option("--dataset", metavar="NAME", default=None, help="The catalog entry that this dataset gets.")
@click.option(
    "--format", "output_format", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True
)
@output_option
@loader_options
def show(  # noqa: PLR0913  every option is an argument
    *,
    loader: OmegaConfigLoader,
    config_type: str | None,
    key: str | None,
    dataset: str | None,
    output_format: str,
    output: Path | None,
) -> None:
    """Show what Kedro would use: everything, one TYPE of configuration, or one KEY of it.

    Credentials, and values whose keys look like those of secrets, are not shown.
    """
    from kedro_matrix_ext.config.showing import select_configuration

    with redirect_stdout(sys.stderr):  # Kedro logs there what would stand before the configuration
        shown = select_configuration(loader, config_type, key, dataset=dataset)
    write_output(_render(shown, output_format), output)


def _render(value: Any, output_format: str) -> str:  # noqa: ANN401  configuration values are of any type
    if output_format == "json":
        return json.dumps(value, indent=2, ensure_ascii=False, default=str)
    import yaml

    text = yaml.dump(value, Dumper=_plain_dumper(), sort_keys=False, allow_unicode=True, width=110)
    return text.removesuffix("\n").removesuffix("\n...")


def _plain_dumper() -> Any:  # noqa: ANN401  PyYAML's classes are untyped
    """PyYAML's safe dumper, without anchors, and with what YAML has no form for as text."""
    import yaml

    class PlainDumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002
            return True

    PlainDumper.add_multi_representer(object, lambda dumper, value: dumper.represent_str(str(value)))
    return PlainDumper

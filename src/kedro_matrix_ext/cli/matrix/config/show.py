"""``kedro matrix config show``: the configuration as Kedro uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

__all__ = ["show"]


@click.command()
@click.argument("config_type", metavar="[TYPE]", required=False)
@click.argument("key", metavar="[KEY]", required=False)
@click.option("--dataset", metavar="NAME", default=None, help="The catalog entry that this dataset gets.")
@format_option("yaml", "json")
@output_option("the configuration")
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

    TYPE is parameters, catalog, globals, argo, spark, mlflow, tracking, or another type of 'config_patterns'.

    Credentials, and values whose keys look like those of secrets, are not shown.
    """
    from kedro_matrix_ext.config.secrecy.show import select_configuration

    with logs_on_stderr():
        shown = select_configuration(loader, config_type, key, dataset=dataset)
    write_output(_render(shown, output_format), output)


def _render(value: Any, output_format: str) -> str:
    if output_format == "json":
        return render_json(value)
    import yaml

    text = yaml.dump(value, Dumper=_plain_dumper(), sort_keys=False, allow_unicode=True, width=110)
    return text.removesuffix("\n").removesuffix("\n...")


def _plain_dumper() -> Any:
    """PyYAML's safe dumper, without anchors, and with what YAML has no form for as text."""
    import yaml

    class PlainDumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
            return True

    PlainDumper.add_multi_representer(object, lambda dumper, value: dumper.represent_str(str(value)))
    return PlainDumper

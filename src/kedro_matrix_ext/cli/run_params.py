"""``--params`` as Kedro itself reads it; the only place that uses Kedro's private parser."""

from __future__ import annotations

from typing import Any

__all__ = ["parse_params"]


def parse_params(text: str) -> dict[str, Any]:
    """Read what ``kedro run --params`` takes.

    Raises:
        click.BadParameter: If it is not of that form.
    """
    import click
    import yaml
    from kedro.framework.cli.utils import _split_params

    context = click.get_current_context(silent=True) or click.Context(click.Command("submit"))
    try:
        parameters: dict[str, Any] = _split_params(context, click.Option(["--params"]), text)
    except yaml.YAMLError as error:
        raise click.BadParameter(
            f"{text!r} has a value that is not YAML. Put text with signs in it in quotes: name='{{x}}'",
            context,
        ) from error
    return parameters

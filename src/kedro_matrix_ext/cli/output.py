"""What commands put out: its format, the file it goes to, and standard output kept free for it."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kedro_matrix_ext._atomic_file import write_file
from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.cli.redirection import discard_kedros_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "colour_findings",
    "format_option",
    "logs_on_stderr",
    "output_option",
    "print_line",
    "render_json",
    "write_output",
]

_SEVERITY = re.compile(r"^(?P<severity>error|warning|note)\[[\w-]+\]", re.MULTILINE)
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def format_option(*formats: str) -> Callable[..., Any]:
    """Add ``--format`` to a command, which gets it as ``output_format``."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="What to print: for people or for programs.",
    )


def output_option(what: str) -> Callable[..., Any]:
    """Add ``--output`` to a command, which gets it as ``output``, a path or None."""
    return click.option(
        "--output",
        "-o",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"Write {what} to this file instead of standard output.",
    )


def colour_findings(text: str) -> str:
    """Colour the severities of findings for a terminal; ``write_output`` removes colours elsewhere."""
    if os.environ.get("NO_COLOR"):
        return text
    return _SEVERITY.sub(lambda head: click.style(head[0], fg=_COLOURS[head["severity"]], bold=True), text)


@contextmanager
def logs_on_stderr() -> Iterator[None]:
    """Send to standard error what is printed meanwhile.

    Kedro logs to standard output, where its lines would break a command's JSON or YAML.
    """
    with redirect_stdout(sys.stderr):
        yield


def render_json(value: Any) -> str:
    """Render plain data as JSON; what JSON has no form for becomes text.

    Examples:
        >>> print(render_json({"größe": [1]}))
        {
          "größe": [
            1
          ]
        }
    """
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def print_line(text: str) -> None:
    """Print to standard output, as all commands do.

    Raises:
        click.ClickException: If its disk is full or it is closed; nothing more is written to it.
    """
    try:
        discard_kedros_log()
        click.echo(text)
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        if isinstance(error, BrokenPipeError):  # 'kedro ... | head' has read enough
            raise
        sys.stdout = None  # Python would try again at its end, and fail
        reason = error.strerror if isinstance(error, OSError) else error
        raise click.ClickException(f"cannot write to standard output: {reason}") from error


def write_output(
    text: str,
    output: Path | None,
    *,
    what: str | None = None,
    is_manifest: bool = False,
    private: bool = False,
) -> None:
    """Print what a command made, or write it to the file that its user names.

    Secrets are removed, except from a manifest, which a cluster has to understand. A ``private`` file can be
    read by its owner alone.

    Raises:
        click.ClickException: If the file, or standard output, cannot be written.
    """
    if not is_manifest:
        text = scrub(text)
    if output is None:
        print_line(text)
        return
    try:
        write_file(output, f"{click.unstyle(text)}\n", private=private)
    except OSError as error:
        raise click.FileError(str(output), hint=error.strerror or str(error)) from error
    click.echo(f"wrote {what} to {output}" if what else f"wrote {output}", err=True)

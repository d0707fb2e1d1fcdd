"""Messages and questions, on standard error, since standard output is the command's result."""

from __future__ import annotations

import click

from kedro_matrix_ext._known_secrets import scrub
from kedro_matrix_ext.errors import ArgoError

__all__ = ["ask", "confirm", "say"]


def say(line: str) -> None:
    """Print a line for a person, to standard error, without secrets."""
    click.echo(scrub(line), err=True)


def ask(question: str, *, unanswered: str, hint: str) -> bool:
    """Ask what is answered by yes or no.

    Raises:
        ArgoError: If nobody answers.
    """
    try:
        return click.confirm(scrub(question), err=True)
    except click.Abort as error:
        raise ArgoError(f"nobody answered. {unanswered}", hint=hint) from error


def confirm(question: str, *, yes: bool, refusal: str) -> None:
    """Ask whether to go on.

    Raises:
        ArgoError: If the answer is not yes, or nobody answers.
    """
    if not yes and not ask(question, unanswered=refusal, hint="Give '--yes' not to be asked."):
        raise ArgoError(refusal)

"""Text of users in a manifest: kept from being taken for a tag of Argo or a variable of Kubernetes."""

from __future__ import annotations

import re

from kedro_matrix_ext.errors import ArgoError

__all__ = ["escape_variables", "refuse_tags"]

# Kubernetes reads "$$" as "$" anywhere, and "$(NAME)" as a variable.
_DOLLARS = re.compile(r"\$+(?=\()|\${2,}")


def refuse_tags(text: str, *, place: str) -> str:
    """Make sure Argo finds nothing to replace; it knows no escape for its braces.

    Raises:
        ArgoError: If it holds two opening braces in a row.
    """
    if "{{" in text:
        raise ArgoError(
            f"{text!r} contains '{{{{', which Argo would replace",
            config_path=place,
            hint="Write it without double braces; only templates under 'template.templates' may have them.",
        )
    return text


def escape_variables(text: str) -> str:
    """Keep Kubernetes from replacing ``$(NAME)`` and ``$$`` in the value of an environment variable.

    Examples:
        >>> escape_variables("$(HOME) is $HOME")
        '$$(HOME) is $HOME'
    """
    return _DOLLARS.sub(lambda match: match[0] * 2, text)

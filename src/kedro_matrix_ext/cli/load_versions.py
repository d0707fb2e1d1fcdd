"""``--load-versions``: which version of which dataset, for all commands alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["split_versions"]


def split_versions(written: Iterable[str]) -> dict[str, str]:
    """Read what ``--load-versions`` lists.

    Raises:
        click.BadParameter: If one is not of that form.

    Examples:
        >>> split_versions(["cars:2030-01-31T12.00.00.000Z"])
        {'cars': '2030-01-31T12.00.00.000Z'}
    """
    versions = {}
    for each in written:
        dataset, _, version = each.partition(":")
        if not dataset or not version:
            import click

            raise click.BadParameter(f"{each!r} is not of the form dataset:version")
        versions[dataset] = version
    return versions

"""Render a wheel's README as PyPI does, and check the page.

``python tests/docs/pypi_page.py WHEEL [HTML]``
"""

from __future__ import annotations

import re
import sys
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

NAME_OF_FILE = re.compile(r"<p><code>[^<]+</code></p>\s*<(?:div|pre)")


def read_description(wheel: Path) -> str:
    """Return the description in a wheel's metadata."""
    with ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return str(Parser().parsestr(archive.read(name).decode()).get_payload())


def find_faults(html: str | None) -> list[str]:
    """Return what a reader on PyPI would miss."""
    if html is None:
        return ["PyPI cannot render the README"]
    targets = re.findall(r'(?:href|src)="([^"]*)"', html)
    faults = [
        f"leads nowhere on PyPI: {target}" for target in targets if not target.startswith(("https:", "#"))
    ]
    if 'title="' in html or "title=" in re.sub(r"<[^>]*>", "", html):
        faults.append("a block has a title, which PyPI does not show")
    if not NAME_OF_FILE.search(html):
        faults.append("no file name is shown above a block")
    return faults


def main(wheel: Path, page: Path | None = None) -> int:
    """Print the faults and return 1 if there are any; write the page if a file is given."""
    from readme_renderer import markdown

    html = markdown.render(read_description(wheel))
    if page is not None and html is not None:
        page.write_text(html, encoding="utf-8")
    faults = find_faults(html)
    print(*faults or ["the README is rendered as PyPI renders it, and all links are absolute"], sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))

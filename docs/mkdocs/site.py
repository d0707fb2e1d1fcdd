"""Add to the site what Markdown cannot have: the package's version, and the examples of commands."""

from __future__ import annotations

from html import escape
from typing import Any

import kedro_matrix_ext
from kedro_matrix_ext.cli.examples import EXAMPLES

USAGE = "<p><strong>Usage:</strong></p>"


def on_config(config: Any) -> Any:
    """Write the footer; MkDocs calls this before it builds."""
    config.copyright = f"kedro-matrix-ext {kedro_matrix_ext.__version__}, Apache License 2.0"
    return config


def on_page_content(html: str, *, page: Any, **_: Any) -> str:
    """Add the examples to each command; MkDocs calls this for each page."""
    if page.file.src_uri != "reference/commands.md":
        return html
    for path, examples in EXAMPLES.items():
        heading = f'id="kedro-{path.replace(" ", "-")}"'
        before, found, after = html.partition(heading)
        if not found or USAGE not in after:
            raise ValueError(f"the page of commands has no section for {path!r}")
        code = "\n".join(escape(example) for example in examples)
        shown = f'<div class="highlight"><pre><code>{code}\n</code></pre></div>'
        block = f"<p><strong>Examples:</strong></p>\n{shown}\n"
        html = before + found + after.replace(USAGE, block + USAGE, 1)
    return html

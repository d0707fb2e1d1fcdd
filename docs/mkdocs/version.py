"""Show the package's version in the footer of the site."""

from __future__ import annotations

from typing import Any

import kedro_matrix_ext


def on_config(config: Any) -> Any:
    """Write the footer; MkDocs calls this before it builds."""
    config.copyright = f"kedro-matrix-ext {kedro_matrix_ext.__version__}, Apache License 2.0"
    return config

"""Where a configured value comes from, and every value it was made from."""

from __future__ import annotations

from kedro_matrix_ext.config.explanation.asking import explain_key
from kedro_matrix_ext.config.explanation.model import Explanation, ResolverCall

__all__ = ["Explanation", "ResolverCall", "explain_key"]

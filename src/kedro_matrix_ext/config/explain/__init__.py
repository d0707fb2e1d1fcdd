"""Where a configured value comes from, and every value it was made from."""

from __future__ import annotations

from kedro_matrix_ext.config.explain.key_questions import explain_key
from kedro_matrix_ext.config.explain.model import Explanation, ResolverCall

__all__ = ["Explanation", "ResolverCall", "explain_key"]

"""What a project depends on: declared libraries, their distributions, and what installing them brings."""

from __future__ import annotations

__all__: list[str] = []

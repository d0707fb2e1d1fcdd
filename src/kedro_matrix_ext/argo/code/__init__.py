"""The code package: a project's code and configuration that pods fetch, apart from their image."""

from __future__ import annotations

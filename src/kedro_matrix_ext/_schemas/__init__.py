"""JSON Schemas of our YAML files, for editors: generated from the models, and shipped with this module."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SCHEMA_FILES", "find_schema_file"]

SCHEMA_FILES: dict[str, str] = {
    "argo": "argo*.yml",
    "catalog": "catalog*.yml",
    "environment": "environment.yml",
    "fabrication": "parameters_fabricator*.yml",
    "tracking": "tracking*.yml",
}
"""Per schema the files that it is for, in each environment's folder."""


def find_schema_file(name: str) -> Path:
    """Find the file that is shipped."""
    return Path(__file__).parent / f"{name}.schema.json"

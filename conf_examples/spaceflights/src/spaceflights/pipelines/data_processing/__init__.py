"""From raw tables to the table that models learn from."""

from .pipeline import create_pipeline as create_pipeline

"""Compare the variants of a predictor."""

from .pipeline import create_pipeline as create_pipeline

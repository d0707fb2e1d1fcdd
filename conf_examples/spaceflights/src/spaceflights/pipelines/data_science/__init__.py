"""From the model input table to a model and its metrics."""

from .pipeline import create_pipeline as create_pipeline

"""The preflight: what would fail on the cluster, found before it costs anything."""

from kedro_matrix_ext.argo.preflight.run import Preflight, check_pipeline, check_plan

__all__ = ["Preflight", "check_pipeline", "check_plan"]

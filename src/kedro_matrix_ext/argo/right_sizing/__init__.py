"""From measurements to resources: sizes of tasks, and the rules that set them."""

from kedro_matrix_ext.argo.right_sizing.measurements import Measured, Measurements, read_measurements
from kedro_matrix_ext.argo.right_sizing.proposals import TaskSize, propose_sizes
from kedro_matrix_ext.argo.right_sizing.rule_making import make_rules

__all__ = ["Measured", "Measurements", "TaskSize", "make_rules", "propose_sizes", "read_measurements"]

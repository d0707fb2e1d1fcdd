"""The manifest run on this machine: a process per task, with the task's command and environment."""

from kedro_matrix_ext.argo.rehearsal.local.environment import LocalEnvironment
from kedro_matrix_ext.argo.rehearsal.rehearsal import Outcome, Rehearsal, prepare_rehearsal
from kedro_matrix_ext.argo.rehearsal.report.results import StepResult

__all__ = ["LocalEnvironment", "Outcome", "Rehearsal", "StepResult", "prepare_rehearsal"]

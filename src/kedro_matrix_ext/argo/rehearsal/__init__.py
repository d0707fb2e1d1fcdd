"""The manifest run on this machine: a process per task, with the task's command and environment."""

from kedro_matrix_ext.argo.rehearsal.rehearsing import Outcome, Rehearsal, prepare_rehearsal
from kedro_matrix_ext.argo.rehearsal.results import StepResult
from kedro_matrix_ext.argo.rehearsal.surroundings import Surroundings

__all__ = ["Outcome", "Rehearsal", "StepResult", "Surroundings", "prepare_rehearsal"]

"""The rules of the preflight, in the order of their findings."""

from __future__ import annotations

from kedro_matrix_ext.argo.preflight.rules.code_package import find_code_package_faults
from kedro_matrix_ext.argo.preflight.rules.data_flow import (
    find_inputs_under_run_id,
    find_local_inputs,
    find_local_paths,
    find_memory_datasets,
    find_missing_inputs,
    find_unsaved_datasets,
    find_unused_outputs,
    find_written_twice,
)
from kedro_matrix_ext.argo.preflight.rules.grouping import find_ungrouped_nodes
from kedro_matrix_ext.argo.preflight.rules.hardening import find_weakened_hardening
from kedro_matrix_ext.argo.preflight.rules.image import (
    find_credentials_outside_pods,
    find_environments_outside_image,
)
from kedro_matrix_ext.argo.preflight.rules.imports import (
    find_nodes_that_cannot_be_imported,
    find_unknown_types,
)
from kedro_matrix_ext.argo.preflight.rules.machines import (
    find_oversized_nodes,
    find_oversized_tasks,
    find_requests_at_node_size,
    find_unknown_templates,
)
from kedro_matrix_ext.argo.preflight.rules.mlflow_store import find_local_mlflow_store
from kedro_matrix_ext.argo.preflight.rules.packages import (
    find_missing_storage_packages,
    find_packages_outside_image,
)
from kedro_matrix_ext.argo.preflight.rules.parameters import (
    find_data_named_as_parameters,
    find_injected_objects,
    find_missing_parameters,
    find_unknown_values,
)
from kedro_matrix_ext.argo.preflight.rules.programs import find_missing_programs
from kedro_matrix_ext.argo.preflight.rules.text import find_braces, find_secrets
from kedro_matrix_ext.argo.preflight.rules.transcoding import find_transcoding_mismatches

__all__ = ["RULES"]

RULES = (
    find_memory_datasets,
    find_missing_inputs,
    find_inputs_under_run_id,
    find_local_inputs,
    find_local_paths,
    find_written_twice,
    find_unused_outputs,
    find_unsaved_datasets,
    find_missing_parameters,
    find_data_named_as_parameters,
    find_injected_objects,
    find_unknown_templates,
    find_oversized_tasks,
    find_oversized_nodes,
    find_requests_at_node_size,
    find_secrets,
    find_braces,
    find_weakened_hardening,
    find_transcoding_mismatches,
    find_local_mlflow_store,
    find_unknown_values,
    find_ungrouped_nodes,
    find_environments_outside_image,
    find_code_package_faults,
    find_credentials_outside_pods,
    find_packages_outside_image,
    find_missing_storage_packages,
    find_missing_programs,
    find_unknown_types,
    find_nodes_that_cannot_be_imported,
)

"""From a plan to an Argo manifest: plain data, and the YAML a person reads in review."""

from kedro_matrix_ext.argo.manifest.build import build_manifest
from kedro_matrix_ext.argo.manifest.yaml import dump_manifest
from kedro_matrix_ext.argo.template_tags.name_lists import decode_names, encode_names
from kedro_matrix_ext.argo.template_tags.run_params import encode_parameters
from kedro_matrix_ext.config.runtime_params import decode_parameters

__all__ = [
    "build_manifest",
    "decode_names",
    "decode_parameters",
    "dump_manifest",
    "encode_names",
    "encode_parameters",
]

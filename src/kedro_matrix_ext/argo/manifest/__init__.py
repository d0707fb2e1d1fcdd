"""From a plan to an Argo manifest: plain data, and the YAML a person reads in review."""

from kedro_matrix_ext.argo.manifest.assembly import build_manifest
from kedro_matrix_ext.argo.manifest.name_lists import decode_names, encode_names
from kedro_matrix_ext.argo.manifest.run_parameters import encode_parameters
from kedro_matrix_ext.argo.manifest.writing import dump_manifest
from kedro_matrix_ext.config.runtime_parameters import decode_parameters

__all__ = [
    "build_manifest",
    "decode_names",
    "decode_parameters",
    "dump_manifest",
    "encode_names",
    "encode_parameters",
]

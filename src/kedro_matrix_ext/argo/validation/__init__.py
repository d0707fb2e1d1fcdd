"""What a manifest must fulfil besides Argo's schema: references, ancestors, names, labels, size.

``argo lint`` checks part of it, slowly; the cluster checks the rest when the workflow runs.
"""

from kedro_matrix_ext.argo.validation.faults import Fault
from kedro_matrix_ext.argo.validation.size import ManifestSize, measure_manifest
from kedro_matrix_ext.argo.validation.structure import find_faults, require_valid

__all__ = ["Fault", "ManifestSize", "find_faults", "measure_manifest", "require_valid"]

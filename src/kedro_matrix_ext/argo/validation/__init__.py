"""What a manifest must hold to beyond Argo's schema: references, ancestors, names, labels, size.

``argo lint`` checks some of it slowly, the cluster the rest, when it is too late.
"""

from kedro_matrix_ext.argo.validation.faults import Fault
from kedro_matrix_ext.argo.validation.size import ManifestSize, measure_manifest
from kedro_matrix_ext.argo.validation.structure import find_faults, require_valid

__all__ = ["Fault", "ManifestSize", "find_faults", "measure_manifest", "require_valid"]

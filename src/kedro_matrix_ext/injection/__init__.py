"""From YAML to objects, injected into node functions."""

from kedro_matrix_ext.injection.checks import check_injected_objects
from kedro_matrix_ext.injection.column_patterns import make_list_regexable
from kedro_matrix_ext.injection.decorators import inject_object
from kedro_matrix_ext.injection.instantiation import instantiate
from kedro_matrix_ext.injection.unpacking import unpack_params

__all__ = ["check_injected_objects", "inject_object", "instantiate", "make_list_regexable", "unpack_params"]

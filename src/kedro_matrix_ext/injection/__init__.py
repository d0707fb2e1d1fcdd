"""From YAML to objects, injected into node functions."""

from kedro_matrix_ext.injection.checks import check_injected_objects
from kedro_matrix_ext.injection.decorators.column_patterns import make_list_regexable
from kedro_matrix_ext.injection.decorators.inject_object import inject_object
from kedro_matrix_ext.injection.decorators.unpack_params import unpack_params
from kedro_matrix_ext.injection.objects.instantiation import instantiate

__all__ = ["check_injected_objects", "inject_object", "instantiate", "make_list_regexable", "unpack_params"]

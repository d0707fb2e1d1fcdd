"""Which catalog entries depend on the run's id, so that each run has its own data there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.resolvers.placeholders import Placeholders, use_placeholders
from kedro_matrix_ext.resolvers.run_ids import RUN_ID_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro.config import OmegaConfigLoader

__all__ = ["find_run_id_entries"]


def find_run_id_entries(
    make_loader: Callable[[], OmegaConfigLoader], placeholders: Placeholders | None = None
) -> frozenset[str]:
    """Return the names and patterns of catalog entries that contain the run's id, by whatever references.

    Nothing is returned inside a run, whose id is known, or where the catalog does not load: that is reported
    where it is loaded first.

    Args:
        make_loader: Makes a new loader of the environment; one in use may hold globals that are resolved.
        placeholders: Further variables that only a pod has.
    """
    if any(os.environ.get(variable) for variable in RUN_ID_VARIABLES):
        return frozenset()
    others = placeholders or Placeholders(())
    unknown = Placeholders((*RUN_ID_VARIABLES, *others.variables), others.values)
    with use_placeholders(unknown):
        try:
            catalog = make_loader()["catalog"]
        except Exception:  # noqa: BLE001  any failure is reported where it is loaded first
            return frozenset()
    return frozenset(name for name, entry in catalog.items() if _has_run_id(entry, unknown))


def _has_run_id(entry: Any, placeholders: Placeholders) -> bool:
    if isinstance(entry, dict):
        entry = {key: value for key, value in entry.items() if key != "metadata"}
    return not set(RUN_ID_VARIABLES).isdisjoint(placeholders.find(entry))

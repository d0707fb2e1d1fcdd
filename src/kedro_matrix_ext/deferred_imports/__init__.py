"""Import node modules when a node runs, not when pipelines are built.

``registration`` is what settings.py calls. ``finder`` replaces the loader of the modules that the ``rules``
name, so that they are read and not run. Such a ``module`` runs when one of its functions is called or another
name is asked for; ``stand_ins`` makes the functions from the source. ``failures`` has the errors of modules
that run late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily

if TYPE_CHECKING:
    from kedro_matrix_ext.deferred_imports.registration import defer_node_imports as defer_node_imports

__all__ = ["defer_node_imports"]

__getattr__, __dir__ = export_lazily(__name__, {"defer_node_imports": "registration"})

"""Loading only some pipelines, as Kedro does for a run that names them.

From Kedro 1.5 on, a run that names pipelines calls ``pipelines.set_requested``, and ``find_pipelines`` then
imports only those. A registry that builds pipelines from other pipelines then raises a ``KeyError``.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kedro.pipeline import Pipeline

__all__ = ["load_only"]


def load_only(names: tuple[str, ...]) -> Mapping[str, Pipeline] | None:
    """Load the project's pipelines as a run of the named ones does.

    Raises:
        KeyError: If the registry needs a pipeline that was not named; its argument is that name.
    """
    from kedro.framework.project import pipelines

    if not hasattr(pipelines, "set_requested"):  # before Kedro 1.5, every run loads all
        return dict(pipelines)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Kedro warns about named pipelines without a folder
        try:
            pipelines.set_requested(list(names))
            return dict(pipelines)
        except KeyError:
            raise
        except Exception:  # noqa: BLE001  a registry may fail in any way; the caller only needs to know that
            return None
        finally:
            pipelines.set_requested(None)

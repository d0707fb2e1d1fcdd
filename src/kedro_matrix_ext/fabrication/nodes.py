"""The node and the pipeline that fabricate tables."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    import pandas as pd
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

    Frame: TypeAlias = pd.DataFrame
    Declarations: TypeAlias = Mapping[str, Any]
else:
    Frame = Any  # Kedro evaluates the hints of a node's function; pandas is imported when tables are made
    Declarations = Any  # on Python 3.10, older Kedros treat Mapping[...] as a class of parameters

__all__ = ["create_fabricator_pipeline", "fabricate_datasets", "fabricates"]


def fabricate_datasets(fabrication_params: Declarations, **source_dfs: Frame) -> dict[str, Frame]:
    """Return the tables that parameters declare.

    Args:
        fabrication_params: Tables by name, each with ``num_rows`` and ``columns``; and ``seed``.
        **source_dfs: Existing frames that the tables refer to, by the name they use.

    Returns:
        A frame per table, by name; the same for the same seed, in any process.

    Raises:
        FabricationError: If a declaration is wrong (it lists all errors), or a table cannot be made as
            declared.

    Examples:
        >>> tables = fabricate_datasets({
        ...     "seed": 1,
        ...     "cars": {"num_rows": 2, "columns": {"id": {"type": "generate_unique_id", "prefix": "car-"}}},
        ... })
        >>> list(tables["cars"]["id"])
        ['car-00000000', 'car-00000001']
    """
    from kedro_matrix_ext.fabrication.parsing import parse_fabrication
    from kedro_matrix_ext.fabrication.tables import make_frames

    return make_frames(parse_fabrication(fabrication_params, frames=source_dfs), source_dfs)


def fabricates(node: Node) -> bool:
    """Check whether a node's function is `fabricate_datasets`, decorated or not."""
    return inspect.unwrap(node.func) is fabricate_datasets


def create_fabricator_pipeline(
    tables: Iterable[str] | Mapping[str, str],
    *,
    parameters: str = "params:fabricator",
    sources: Mapping[str, str] | None = None,
    name: str = "fabricate_datasets",
) -> Pipeline:
    """Return a pipeline that fabricates tables and writes them to the catalog.

    Args:
        tables: The names of the tables, which are also the names of their datasets; or a mapping of table
            names to dataset names.
        parameters: The parameter that declares the tables.
        sources: A mapping of the names of existing tables that these refer to, to their datasets.
        name: The node's name; a pipeline with several groups of tables needs one for each.

    Returns:
        A pipeline of one node. It only runs in an environment whose ``environment.yml`` has
        ``fabricated: true``, so that it does not overwrite real data.

    Examples:
        >>> made = create_fabricator_pipeline(["companies", "reviews"])
        >>> sorted(made.outputs())
        ['companies', 'reviews']
    """
    from kedro.pipeline import Pipeline, node

    outputs = dict(tables) if isinstance(tables, Mapping) else {name: name for name in tables}
    inputs = {"fabrication_params": parameters, **(sources or {})}
    fabricating = node(
        fabricate_datasets,
        inputs=inputs,
        outputs=outputs,
        name=name,
    )
    return Pipeline([fabricating])

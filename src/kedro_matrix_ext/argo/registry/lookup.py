"""Look up registered pipelines and their nodes by names that a user wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kedro.pipeline import Pipeline

__all__ = ["find_pipeline", "require_nodes"]


def find_pipeline(name: str, registry: Mapping[str, Pipeline]) -> Pipeline:
    """Return a registered pipeline.

    Raises:
        ArgoError: If there is no pipeline of that name.

    Examples:
        >>> from kedro.pipeline import Pipeline
        >>> find_pipeline("dta", {"data": Pipeline([])})
        Traceback (most recent call last):
        kedro_matrix_ext.errors.ArgoError: there is no pipeline 'dta'
          Did you mean 'data'?
    """
    if name not in registry:
        raise ArgoError(
            f"there is no pipeline {name!r}",
            hint=did_you_mean(name, registry) or f"Registered are: {_quote(sorted(registry)) or 'none'}.",
        )
    return registry[name]


def require_nodes(names: Iterable[str], pipelines: Mapping[str, Pipeline]) -> None:
    """Check that some pipelines have the named nodes; names include the namespaces.

    Raises:
        ArgoError: If a node is in none of the pipelines.

    Examples:
        >>> from kedro.pipeline import Node, Pipeline
        >>> cars = Pipeline([Node(len, "cars", "count", name="count")], namespace="shop")
        >>> require_nodes(["shop.count"], {"data": cars})
        >>> require_nodes(["count"], {"data": cars})
        Traceback (most recent call last):
        kedro_matrix_ext.errors.ArgoError: pipeline 'data' has no node 'count'
          Did you mean 'shop.count'?
    """
    known = {node.name for pipeline in pipelines.values() for node in pipeline.nodes}
    missing = [name for name in names if name not in known]
    if missing:
        owner = "pipeline {} has" if len(pipelines) == 1 else "pipelines {} have"
        raise ArgoError(
            f"{owner.format(_quote(pipelines))} no node {_quote(missing)}",
            hint=_suggest_node(missing[0], known),
        )


def _suggest_node(name: str, known: Iterable[str]) -> str:
    """Suggest nodes of that name in namespaces, else nodes with similar names."""
    inside = [each for each in known if each.endswith(f".{name}")]
    return did_you_mean(name, inside or known) or "'kedro registry describe' lists the nodes of a pipeline."


def _quote(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))

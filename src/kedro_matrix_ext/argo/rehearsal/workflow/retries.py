"""Whether a failed attempt is followed by another, as ``retryStrategy`` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.rehearsal.workflow.expressions import evaluate
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.rehearsal.workflow.model import RetryStrategy

__all__ = ["Failure", "explain_no_retries", "is_retried"]

_POLICIES = ("Always", "OnFailure")  # those under which a container that fails is tried again


@dataclass(frozen=True)
class Failure:
    """A failed attempt.

    Attributes:
        exit_code: The container's exit code.
        attempt: How often the step was tried before.
        seconds: How long it took.
    """

    exit_code: int
    attempt: int
    seconds: float


def is_retried(strategy: RetryStrategy | None, failure: Failure) -> bool:
    """Decide whether a step is tried again; the waiting time of ``backoff`` is left out."""
    if strategy is None or explain_no_retries(strategy) is not None:
        return False
    if strategy.limit is not None and failure.attempt >= int(strategy.limit):
        return False
    return strategy.expression is None or _evaluate(strategy.expression, failure)


def explain_no_retries(strategy: RetryStrategy) -> str | None:
    """Say why failed attempts are not tried again here, where they may be on the cluster."""
    policy = strategy.retry_policy or ("Always" if strategy.expression else "OnFailure")
    if policy not in _POLICIES:
        return f"the policy {policy} is about errors of the cluster"
    if strategy.limit is not None and not strategy.limit.isdecimal():
        return f"the limit {strategy.limit!r} is not a number"
    try:
        if strategy.expression is not None:
            _evaluate(strategy.expression, Failure(1, 0, 0.0))
    except ArgoError as error:
        return error.message
    return None


def _evaluate(expression: str, failure: Failure) -> bool:
    values = {
        "lastRetry.exitCode": str(failure.exit_code),
        "lastRetry.status": "Failed",
        "lastRetry.message": f"Error (exit code {failure.exit_code})",
        "lastRetry.duration": str(round(failure.seconds)),
    }
    return evaluate(fill_tags(expression, values.get), values)

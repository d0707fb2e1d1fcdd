"""Examples of each command, shown at the end of its ``--help`` and on the page of commands."""

from __future__ import annotations

__all__ = ["EXAMPLES"]

EXAMPLES: dict[str, tuple[str, ...]] = {
    "matrix init": ("kedro matrix init --dry-run", "kedro matrix init --yes"),
    "matrix variants": ("kedro matrix variants", "kedro matrix variants --format json"),
    "matrix fabricate": ("kedro matrix fabricate --dry-run -e test",),
    "matrix hooks": ("kedro matrix hooks",),
    "matrix schema": ("kedro matrix schema", "kedro matrix schema --output .schemas"),
    "matrix config show": (
        "kedro matrix config show parameters price_predictor.base -e cloud",
        "kedro matrix config show --dataset price_predictor.base.model",
    ),
    "matrix config explain": (
        "kedro matrix config explain price_predictor.base.options.test_size",
        "kedro matrix config explain catalog cars.filepath -e cloud",
    ),
    "matrix config diff": (
        "kedro matrix config diff base cloud",
        "kedro matrix config diff base cloud catalog",
    ),
    "matrix config check": (
        "kedro matrix config check --all-envs",
        "kedro matrix config check -e cloud -p training --format json",
    ),
    "argo init": ("kedro argo init", "kedro argo init --gpu --force"),
    "argo plan": ("kedro argo plan --group-by memory", "kedro argo plan --format html -o plan.html"),
    "argo check": ("kedro argo check -e cloud --group-by memory", "kedro argo check --format json"),
    "argo rehearse": (
        "kedro argo rehearse -e test --group-by memory",
        "kedro argo rehearse --manifest workflow.yml --jobs 2 --resume",
    ),
    "argo resources": (
        "kedro argo resources -e cloud",
        "kedro argo resources --from .kedro_matrix/node_timings/2026-01-01T00.00.00.000Z.jsonl",
    ),
    "argo submit": (
        "kedro argo submit --pipeline training --params depth=3 --wait",
        "kedro argo submit --dry-run > workflow.yml",
        "kedro argo submit --schedule '0 6 * * 1-5'",
    ),
    "argo resubmit": (
        "kedro argo resubmit --workflow-name training-x7k2p9 --no-rebuild",
        "kedro argo resubmit --from-failed --rebuild --wait",
    ),
    "argo build": ("kedro argo build -e cloud",),
    "argo task": ("kedro argo task --pipelines training --nodes split,train --memory-datasets parts",),
}

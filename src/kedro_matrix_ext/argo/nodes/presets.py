"""Named resources to pass to nodes; fusing never changes them."""

from __future__ import annotations

from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig

__all__ = [
    "ARGO_CPU_ONLY_NODE_MEDIUM",
    "ARGO_GPU_NODE_MEDIUM",
    "ARGO_NODE_H3_MATRIX_GENERATION",
    "ARGO_NODE_L",
    "ARGO_NODE_M",
    "ARGO_NODE_MEDIUM_MATRIX_GENERATION",
    "ARGO_NODE_S",
    "ARGO_NODE_XL",
]


def _size(*, cpu: float, memory: float, storage: float) -> ArgoResourceConfig:
    """Make resources whose requests equal their limits, so that the pod may use no more than it reserves."""
    return ArgoResourceConfig(
        cpu_request=cpu,
        cpu_limit=cpu,
        memory_request=memory,
        memory_limit=memory,
        ephemeral_storage_request=storage,
        ephemeral_storage_limit=storage,
    )


ARGO_CPU_ONLY_NODE_MEDIUM = ArgoResourceConfig()
"""The defaults."""

ARGO_GPU_NODE_MEDIUM = ArgoResourceConfig(num_gpus=1)
"""The defaults and one GPU."""

ARGO_NODE_MEDIUM_MATRIX_GENERATION = _size(cpu=48, memory=256, storage=512)
"""48 cores, 256 GiB of memory, 512 GiB of scratch storage, requests equal to limits."""

ARGO_NODE_H3_MATRIX_GENERATION = _size(cpu=87, memory=300, storage=512)
"""Nearly all of an 88-core machine: 87 cores, 300 GiB of memory, 512 GiB of scratch storage."""

# Sizes that argo-kedro does not have. Each leaves room for what Kubernetes reserves on a machine of 2, 4, 8
# or 16 cores with 4 GiB per core, so that the task does not take the next larger machine.
ARGO_NODE_S = _size(cpu=1.5, memory=6, storage=16)
"""1.5 cores, 6 GiB of memory, 16 GiB of scratch storage."""

ARGO_NODE_M = _size(cpu=3.5, memory=13, storage=32)
"""3.5 cores, 13 GiB of memory, 32 GiB of scratch storage."""

ARGO_NODE_L = _size(cpu=7.5, memory=28, storage=64)
"""7.5 cores, 28 GiB of memory, 64 GiB of scratch storage."""

ARGO_NODE_XL = _size(cpu=15.5, memory=58, storage=128)
"""15.5 cores, 58 GiB of memory, 128 GiB of scratch storage."""

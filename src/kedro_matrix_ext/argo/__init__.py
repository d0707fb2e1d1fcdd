"""From a Kedro pipeline to an Argo workflow.

Nothing is imported until it is asked for: node modules that use ``ArgoNode`` pay for Kedro's node alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._lazy_exports import export_lazily

if TYPE_CHECKING:
    from kedro_matrix_ext._pipeline_sums import sum_pipelines as sum_pipelines
    from kedro_matrix_ext.argo.configuration import ArgoConfig as ArgoConfig
    from kedro_matrix_ext.argo.manifest import build_manifest as build_manifest
    from kedro_matrix_ext.argo.manifest import dump_manifest as dump_manifest
    from kedro_matrix_ext.argo.nodes.fused_pipeline import FusedPipeline as FusedPipeline
    from kedro_matrix_ext.argo.nodes.node import ArgoNode as ArgoNode
    from kedro_matrix_ext.argo.nodes.node import ArgoNode as Node
    from kedro_matrix_ext.argo.nodes.presets import ARGO_CPU_ONLY_NODE_MEDIUM as ARGO_CPU_ONLY_NODE_MEDIUM
    from kedro_matrix_ext.argo.nodes.presets import ARGO_GPU_NODE_MEDIUM as ARGO_GPU_NODE_MEDIUM
    from kedro_matrix_ext.argo.nodes.presets import (
        ARGO_NODE_H3_MATRIX_GENERATION as ARGO_NODE_H3_MATRIX_GENERATION,
    )
    from kedro_matrix_ext.argo.nodes.presets import ARGO_NODE_L as ARGO_NODE_L
    from kedro_matrix_ext.argo.nodes.presets import ARGO_NODE_M as ARGO_NODE_M
    from kedro_matrix_ext.argo.nodes.presets import (
        ARGO_NODE_MEDIUM_MATRIX_GENERATION as ARGO_NODE_MEDIUM_MATRIX_GENERATION,
    )
    from kedro_matrix_ext.argo.nodes.presets import ARGO_NODE_S as ARGO_NODE_S
    from kedro_matrix_ext.argo.nodes.presets import ARGO_NODE_XL as ARGO_NODE_XL
    from kedro_matrix_ext.argo.nodes.resources import (
        KUBERNETES_DEFAULT_LIMIT_CPU as KUBERNETES_DEFAULT_LIMIT_CPU,
    )
    from kedro_matrix_ext.argo.nodes.resources import (
        KUBERNETES_DEFAULT_LIMIT_RAM as KUBERNETES_DEFAULT_LIMIT_RAM,
    )
    from kedro_matrix_ext.argo.nodes.resources import (
        KUBERNETES_DEFAULT_NUM_GPUS as KUBERNETES_DEFAULT_NUM_GPUS,
    )
    from kedro_matrix_ext.argo.nodes.resources import (
        KUBERNETES_DEFAULT_REQUEST_CPU as KUBERNETES_DEFAULT_REQUEST_CPU,
    )
    from kedro_matrix_ext.argo.nodes.resources import (
        KUBERNETES_DEFAULT_REQUEST_RAM as KUBERNETES_DEFAULT_REQUEST_RAM,
    )
    from kedro_matrix_ext.argo.nodes.resources import ArgoResourceConfig as ArgoResourceConfig
    from kedro_matrix_ext.argo.plan.build import build_plan as build_plan
    from kedro_matrix_ext.argo.plan.model import Plan as Plan
    from kedro_matrix_ext.argo.plan.model import Task as Task
    from kedro_matrix_ext.argo.preflight import Preflight as Preflight
    from kedro_matrix_ext.argo.preflight import check_pipeline as check_pipeline
    from kedro_matrix_ext.argo.preflight import check_plan as check_plan

# Exported name -> the module that defines it, and its name there where that differs.
_EXPORTS: dict[str, str] = {
    "ARGO_CPU_ONLY_NODE_MEDIUM": "nodes.presets",
    "ARGO_GPU_NODE_MEDIUM": "nodes.presets",
    "ARGO_NODE_H3_MATRIX_GENERATION": "nodes.presets",
    "ARGO_NODE_L": "nodes.presets",
    "ARGO_NODE_M": "nodes.presets",
    "ARGO_NODE_MEDIUM_MATRIX_GENERATION": "nodes.presets",
    "ARGO_NODE_S": "nodes.presets",
    "ARGO_NODE_XL": "nodes.presets",
    "KUBERNETES_DEFAULT_LIMIT_CPU": "nodes.resources",
    "KUBERNETES_DEFAULT_LIMIT_RAM": "nodes.resources",
    "KUBERNETES_DEFAULT_NUM_GPUS": "nodes.resources",
    "KUBERNETES_DEFAULT_REQUEST_CPU": "nodes.resources",
    "KUBERNETES_DEFAULT_REQUEST_RAM": "nodes.resources",
    "ArgoConfig": "configuration",
    "ArgoNode": "nodes.node",
    "ArgoResourceConfig": "nodes.resources",
    "FusedPipeline": "nodes.fused_pipeline",
    "Node": "nodes.node:ArgoNode",
    "Plan": "plan.model",
    "Preflight": "preflight",
    "Task": "plan.model",
    "build_manifest": "manifest",
    "build_plan": "plan.build",
    "check_pipeline": "preflight",
    "check_plan": "preflight",
    "dump_manifest": "manifest",
    "sum_pipelines": "kedro_matrix_ext._pipeline_sums",
}

__all__ = [
    "ARGO_CPU_ONLY_NODE_MEDIUM",
    "ARGO_GPU_NODE_MEDIUM",
    "ARGO_NODE_H3_MATRIX_GENERATION",
    "ARGO_NODE_L",
    "ARGO_NODE_M",
    "ARGO_NODE_MEDIUM_MATRIX_GENERATION",
    "ARGO_NODE_S",
    "ARGO_NODE_XL",
    "KUBERNETES_DEFAULT_LIMIT_CPU",
    "KUBERNETES_DEFAULT_LIMIT_RAM",
    "KUBERNETES_DEFAULT_NUM_GPUS",
    "KUBERNETES_DEFAULT_REQUEST_CPU",
    "KUBERNETES_DEFAULT_REQUEST_RAM",
    "ArgoConfig",
    "ArgoNode",
    "ArgoResourceConfig",
    "FusedPipeline",
    "Node",
    "Plan",
    "Preflight",
    "Task",
    "build_manifest",
    "build_plan",
    "check_pipeline",
    "check_plan",
    "dump_manifest",
    "sum_pipelines",
]

__getattr__, __dir__ = export_lazily(__name__, _EXPORTS)

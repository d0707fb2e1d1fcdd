"""Which cluster, image and stores the tests of this folder use."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from kedro_matrix_ext.argo.cluster.client import Cluster, connect
from kedro_matrix_ext.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

__all__ = ["KEYS", "OPTIONS", "Target", "read_target"]

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
# Without an image nothing is run. Addresses are those that pods and this machine reach.
OPTIONS = {
    "--cluster-image": "run the example on the cluster that KUBECONFIG names, in this image",
    "--cluster-namespace": "the namespace; 'argo' by default",
    "--cluster-bucket": "a bucket for tables and results; 'spaceflights' by default",
    "--cluster-endpoint": "the address of the S3 server; Amazon's by default",
    "--cluster-mlflow": "the address of the MLflow server",
}


@dataclass(frozen=True)
class Target:
    """A cluster and the stores that its pods and this machine share.

    Attributes:
        image: The image, which the nodes of the cluster have or can pull.
        namespace: The namespace.
        bucket: The bucket.
        endpoint: The address of the S3 server; empty for Amazon's.
        mlflow: The address of the MLflow server.
    """

    image: str
    namespace: str = "argo"
    bucket: str = "spaceflights"
    endpoint: str = ""
    mlflow: str = ""

    def list_variables(self, prefix: str) -> dict[str, str]:
        """List the variables of a run that keeps all results below a prefix, without keys."""
        variables = {
            "SPACEFLIGHTS_BUCKET": f"{self.bucket}/{prefix}",
            "EXPERIMENT": prefix,
            "KEDRO_DYNAMIC_PIPELINES_MAPPING_PRICE_PREDICTOR": "[candidate1]",
            "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        }
        if self.mlflow:
            variables["MLFLOW_TRACKING_URI"] = self.mlflow
        if self.endpoint:
            variables["AWS_ENDPOINT_URL"] = self.endpoint
        return variables

    def render_argo_yml(self, prefix: str, **sections: Any) -> str:
        """Write an argo.yml of workflows that keep results below a prefix; the secret `s3` has the keys."""
        plain = [{"name": name, "value": value} for name, value in self.list_variables(prefix).items()]
        keys = [{"name": name, "secret_ref": {"name": "s3", "key": name}} for name in KEYS]
        common = {
            "namespace": self.namespace,
            "deployment": {"image": self.image, "image_pull_policy": "IfNotPresent"},
            "hardening": True,
            "service_account": "argo-workflow",
            "machine_types": {"small": {"mem": 0.75, "cpu": 0.25}},
            "default_machine_type": "small",
            "mlflow": bool(self.mlflow),
            "template": {"environment": [*plain, *keys]},
        }
        return yaml.safe_dump({**common, **sections})


def read_target(config: pytest.Config) -> Target | str:
    """Read the target from the options; or say in a line why there is none."""
    given = {
        name.removeprefix("--cluster-"): value
        for name in OPTIONS
        if (value := config.getoption(name, default=None))
    }
    absence = _explain_absence(given.get("image"), given.get("namespace", "argo"), os.environ)
    return absence or Target(**given)


def _explain_absence(image: str | None, namespace: str, environment: Mapping[str, str]) -> str | None:
    """Say in a line why nothing can be run on a cluster; nothing if it can."""
    if not environment.get("KUBECONFIG"):
        return "KUBECONFIG is not set: no cluster to try"
    if not image:
        return "no '--cluster-image': which image the cluster runs"
    try:
        cluster = connect(namespace)
        Cluster(cluster.client, cluster.context, namespace).select("Workflow", "none=none")
    except ClusterError as error:
        return f"the cluster of KUBECONFIG cannot be used: {error.message}"
    return None

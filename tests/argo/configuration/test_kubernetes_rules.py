"""What Kubernetes would refuse only when a pod is made is an error of `argo.yml`."""

from __future__ import annotations

from typing import Any

import pytest

from kedro_matrix_ext.argo.configuration.loading import parse_argo_config
from kedro_matrix_ext.errors import ConfigurationError

LONG = "a" * 64


def one_template(**fields: Any) -> dict[str, Any]:
    """An `argo.yml` with one template."""
    return {"template": {"templates": [{"name": "a", "container": {"command": "x"}, **fields}]}}


def mounted(*mounts: tuple[str, str]) -> dict[str, Any]:
    """A template that mounts volumes, by name and path."""
    return one_template(
        volumes=[{"name": name, "size": 1} for name in dict.fromkeys(name for name, _ in mounts)],
        container={
            "command": "x",
            "volume_mounts": [{"name": name, "mount_path": path} for name, path in mounts],
        },
    )


def secret(**fields: Any) -> dict[str, Any]:
    """A variable from a secret."""
    return {"template": {"environment": [{"name": "A", "secret_ref": {"name": "s", "key": "k", **fields}}]}}


@pytest.mark.parametrize(
    ("data", "place", "offender"),
    [
        ({"tolerations": [{"key": "gpu", "seconds": 5}]}, "tolerations[0]", "NoExecute"),
        ({"tolerations": [{"key": "a b"}]}, "tolerations[0].key", "'a b'"),
        ({"tolerations": [{"key": "a", "value": "b c"}]}, "tolerations[0].value", "'b c'"),
        ({"node_selector": {"a/b/c": "d"}}, "node_selector", "'a/b/c'"),
        ({"node_selector": {"pool": "big machines"}}, "node_selector.pool", "'big machines'"),
        ({"node_selector": {"pool": LONG}}, "node_selector.pool", LONG),
        ({"rules": [{"match": {"tag": "t"}, "node_selector": {"pool": "-"}}]}, "node_selector.pool", "'-'"),
        ({"labels": {"team": "data science"}}, "labels.team", "'data science'"),
        ({"labels": {"team!": "x"}}, "labels", "'team!'"),
        ({"annotations": {"a b": "x"}}, "annotations", "'a b'"),
        (secret(name="My_Secret"), "environment[0].secret_ref.name", "'My_Secret'"),
        (secret(key="a/b"), "environment[0].secret_ref.key", "'a/b'"),
        (secret(key=".."), "environment[0].secret_ref.key", "'..'"),
        ({"image_pull_secrets": ["A"]}, "image_pull_secrets[0]", "'A'"),
        ({"service_account": "a_b"}, "service_account", "'a_b'"),
        ({"template": {"emph_storage_class": "Fast SSD"}}, "emph_storage_class", "'Fast SSD'"),
        ({"template": {"emph_storage_mount_path": "data"}}, "emph_storage_mount_path", "'data'"),
        ({"template": {"emph_storage_mount_path": "/"}}, "emph_storage_mount_path", "'/'"),
        (mounted(("v", "relative")), "mount_path", "'relative'"),
        (mounted(("v", "/a:b")), "mount_path", "'/a:b'"),
        (mounted(("v", "/var/run/argo/x")), "mount_path", "'/var/run/argo/x'"),
        (mounted(("v", "/a"), ("w", "/a/")), "templates[0]", "'/a/'"),
        (mounted(("tmp-dir-argo", "/a")), "volumes[0].name", "'tmp-dir-argo'"),
        (mounted(("kedro-scratch", "/a")), "volumes[0].name", "'kedro-scratch'"),
        (one_template(sidecars=[{"name": "main", "image": "i"}]), "sidecars[0].name", "'main'"),
        ({"deadlines": {"task": 0}}, "deadlines.task", "greater than 0"),
        ({"deadlines": {"workflow": "0s"}}, "deadlines.workflow", "greater than 0"),
        ({"schedule": {"cron": ["@daily", "0 6 * * 7"]}}, "schedule.cron[1]", "'7'"),
    ],
)
def test_it_is_an_error_with_its_place(data: dict[str, Any], place: str, offender: str) -> None:
    """The message has the path in the file and the offending text."""
    with pytest.raises(ConfigurationError) as caught:
        parse_argo_config(data)
    assert place in str(caught.value)
    assert offender in str(caught.value)


def test_what_kubernetes_accepts_is_accepted() -> None:
    """The longest names, a domain before a key, empty values."""
    config = parse_argo_config(
        {
            "node_selector": {"cloud.google.com/gke-nodepool": "a" * 63, "spot": True, "x": ""},
            "tolerations": [{"key": "k8s.io/gpu", "effect": "NoExecute", "seconds": 0}],
            "image_pull_secrets": ["registry.example.com"],
            "deadlines": {"task": "1s"},
        }
    )
    assert config.node_selector["spot"] == "true"

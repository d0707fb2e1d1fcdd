"""A file with every kind of field of `argo.yml`, and values that each field is given in turn."""

from __future__ import annotations

from typing import Any

__all__ = ["COMPLETE", "HOSTILE"]

COMPLETE: dict[str, Any] = {
    "namespace": "jobs",
    "deployment": {"image": "registry.example/shop", "tag": "v1", "image_pull_policy": "Always"},
    "labels": {"team": "a"},
    "annotations": {"note": "a"},
    "node_selector": {"pool": "a"},
    "tolerations": [{"key": "gpu", "value": "a", "effect": "NoExecute", "seconds": 5}],
    "image_pull_secrets": ["a"],
    "service_account": "a",
    "retries": {
        "limit": 2,
        "expression": "lastRetry.exitCode == '1'",
        "backoff": {"duration": 5, "factor": 2},
    },
    "deadlines": {"workflow": "1h", "task": "5m"},
    "parallelism": 3,
    "pod_gc": {"strategy": "OnPodSuccess", "delay": "5m"},
    "ttl": {"after_completion": "1d"},
    "schedule": {"cron": "0 6 * * *", "timezone": "Europe/Berlin", "starting_deadline": 5},
    "mlflow": True,
    "machine_types": {"small": {"mem": 4, "cpu": "500m", "num_gpu": 1, "emph_storage": 10}},
    "default_machine_type": "small",
    "resource_defaults": {"cpu_request": 1, "cpu_limit": 2, "memory_limit": 64},
    "gpu_tolerations": [{"key": "nvidia.com/gpu", "operator": "Equal", "value": "a", "effect": "NoSchedule"}],
    "rules": [
        {
            "match": {"node": "ruled"},
            "resources": {"cpu_request": 1, "cpu_limit": 2, "memory_request": "1Gi", "memory_limit": 2},
            "image": "r:1",
            "node_selector": {"disk": "ssd"},
            "pod": {"priorityClassName": "high"},
        },
        {"match": {"node": "templated"}, "template": "t"},
    ],
    "hardening": {"enabled": True, "run_as_user": 1000, "executor_service_account": "argo-executor"},
    "spot": {
        "node_selector": {"cloud.google.com/gke-spot": "true"},
        "tolerations": [{"key": "spot", "effect": "NoSchedule"}],
        "attempts": 2,
    },
    "workflow": {
        "affinity": {
            "nodeAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 1,
                        "preference": {
                            "matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]
                        },
                    }
                ]
            }
        },
        "arguments": {"parameters": [{"name": "date", "value": "today", "description": "a day"}]},
        "dnsConfig": {"nameservers": ["10.0.0.1"]},
        "dnsPolicy": "ClusterFirst",
        "hostAliases": [{"ip": "10.0.0.2", "hostnames": ["store.example"]}],
        "hostNetwork": False,
        "podDisruptionBudget": {"minAvailable": 1},
        "podMetadata": {"labels": {"cost": "a"}, "annotations": {"cost/center": "a b"}},
        "podPriorityClassName": "low",
        "priority": 3,
        "schedulerName": "batch",
        "synchronization": {
            "mutexes": [{"name": "a"}],
            "semaphores": [{"configMapKeyRef": {"name": "a", "key": "b"}}],
        },
        "volumes": [{"name": "shared", "persistentVolumeClaim": {"claimName": "a"}}],
        "workflowMetadata": {"labels": {"cost": "a"}, "annotations": {"note": "a"}},
    },
    "pod": {
        "affinity": {
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {"labelSelector": {"matchLabels": {"app": "a"}}, "topologyKey": "kubernetes.io/hostname"}
                ]
            }
        },
        "containers": [
            {
                "name": "main",
                "envFrom": [{"configMapRef": {"name": "a", "optional": True}, "prefix": "P_"}],
                "imagePullPolicy": "Always",
                "securityContext": {"readOnlyRootFilesystem": True},
                "terminationMessagePath": "/dev/termination-log",
                "volumeMounts": [{"name": "shm", "mountPath": "/shared", "subPath": "a"}],
                "workingDir": "/app",
            }
        ],
        "enableServiceLinks": False,
        "hostAliases": [{"ip": "10.0.0.3", "hostnames": ["other.example"]}],
        "initContainers": [{"name": "prepare", "image": "i:1", "command": ["true"]}],
        "metadata": {"labels": {"app": "a"}, "annotations": {"note": "a"}},
        "preemptionPolicy": "Never",
        "priorityClassName": "low",
        "runtimeClassName": "gvisor",
        "securityContext": {"supplementalGroups": [5], "fsGroup": 7},
        "serviceAccountName": "tasks",
        "terminationGracePeriodSeconds": 120,
        "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 9}],
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": "a"}},
            }
        ],
        "volumes": [{"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}],
    },
    "template": {
        "environment": [
            {"name": "PLAIN", "value": "a"},
            {"name": "SECRET", "secret_ref": {"name": "a", "key": "b"}},
        ],
        "init_templates": ["first"],
        "exit_template": "last",
        "templates": [
            {
                "name": "t",
                "container": {
                    "command": ["run", "{{inputs.parameters.kedro_nodes}}"],
                    "args": ["a"],
                    "image": "i:1",
                    "env": [{"name": "A", "value": "b"}],
                    "volume_mounts": [{"name": "v", "mount_path": "/v"}],
                },
                "sidecars": [{"name": "proxy", "image": "p:1", "args": ["a"]}],
                "retryStrategy": {"limit": "2", "retryPolicy": "Always", "expression": "retries == '1'"},
                "volumes": [{"name": "v", "secret_ref": {"name": "s", "key": "k", "path": "p"}}],
            },
            {
                "name": "first",
                "container": {"command": "x"},
                "outputs": {"parameters": [{"name": "out", "path": "/out/value"}]},
            },
            {"name": "last", "container": {"command": "x"}},
        ],
    },
}
HOSTILE: list[Any] = [
    *(
        "",
        " ",
        "a b",
        "A",
        "1",
        "-a",
        "a-",
        "a_b",
        "a.b",
        "a/b",
        "ä",
        "a" * 64,
        "a" * 300,
        "true",
        "not",
        "nil",
    ),
    *(
        "{{workflow.foo}}",
        "{{workflow.name}}",
        "{{inputs.parameters}}",
        "{{inputs.parameters.nope}}",
        "{{",
        "}}",
    ),
    *("{{tasks.a.status}}", "{{item}}", "{{=1 +}}", "{{=workflow.name}}", "{{workflow.parameters.image}}"),
    *("{{workflow.labels.x}}", "{{workflow.creationTimestamp.Y}}", "{{retries}}", "{{lastRetry.exitCode}}"),
    *(
        "/",
        "/a",
        "//a/",
        "/a/../b",
        "0",
        "0s",
        "1.5s",
        "lastRetry.exitCode ==",
        "asInt(",
        "$(HOME)",
        "a:b",
        "a@b",
        "host:5000/shop",
        "shop:v1",
        "1.10",
    ),
    *(0, -1, 1.5, 2**31, 2**63, True, None, [], {}),
]

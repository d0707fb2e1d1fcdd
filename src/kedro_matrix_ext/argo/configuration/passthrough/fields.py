"""The fields that Argo's and Kubernetes' own objects have, as far as they are passed through.

From the API references of Argo Workflows 4 and Kubernetes 1.33. A kind is ``text``, ``int``, ``bool``,
``map`` (of text), ``quantity``, ``quantities``, ``any``, an object of this table, or ``[kind]`` for a list.
"""

from __future__ import annotations

__all__ = ["OBJECTS"]


def _fields(**kinds: str) -> dict[str, str]:
    """Return the kind of each field: ``text="a b"`` are two fields of text; objects are ``a="Kind"``."""
    named = {"text", "int", "bool", "map", "any", "quantity"}
    return {
        field: (kind if kind in named else fields)
        for kind, fields in kinds.items()
        for field in (fields.split() if kind in named else [kind])
    }


_PROBES = dict.fromkeys(("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"), "any")
_CONTAINER = {
    **_fields(
        text="image imagePullPolicy name restartPolicy terminationMessagePath terminationMessagePolicy"
    ),
    **_fields(text="workingDir", bool="stdin stdinOnce tty", any="resizePolicy restartPolicyRules"),
    **_PROBES,
    "args": "[text]",
    "command": "[text]",
    "env": "[EnvVar]",
    "envFrom": "[EnvFrom]",
    "ports": "[any]",
    "resources": "Resources",
    "securityContext": "any",
    "volumeDevices": "[any]",
    "volumeMounts": "[VolumeMount]",
}
_POD_OF_TEMPLATE = {
    "affinity": "Affinity",
    "automountServiceAccountToken": "bool",
    "hostAliases": "[any]",
    "initContainers": "[Container]",
    "nodeSelector": "map",
    "priorityClassName": "text",
    "resourceClaims": "[any]",
    "schedulerName": "text",
    "securityContext": "any",
    "serviceAccountName": "text",
    "tolerations": "[Toleration]",
    "volumes": "[Volume]",
}
_VOLUME_SOURCES = (
    *(
        "awsElasticBlockStore",
        "azureDisk",
        "azureFile",
        "cephfs",
        "cinder",
        "configMap",
        "csi",
        "downwardAPI",
    ),
    *("emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs"),
    *("hostPath", "image", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume"),
    *("projected", "quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume"),
)

OBJECTS: dict[str, dict[str, str]] = {
    "Workflow": {
        **_fields(int="activeDeadlineSeconds parallelism priority", text="dnsPolicy podPriorityClassName"),
        **_fields(text="schedulerName serviceAccountName shutdown"),
        **_fields(bool="archiveLogs automountServiceAccountToken hostNetwork suspend"),
        **_fields(
            any="artifactGC artifactRepositoryRef dnsConfig executor hooks metrics podDisruptionBudget"
        ),
        **_fields(any="podGC podResources securityContext synchronization ttlStrategy volumeClaimGC"),
        **_fields(any="workflowTemplateRef", map="nodeSelector"),
        "affinity": "Affinity",
        "arguments": "Arguments",
        "executorPlugins": "[any]",
        "hostAliases": "[any]",
        "imagePullSecrets": "[any]",
        "podMetadata": "Metadata",
        "resourceClaims": "[any]",
        "tolerations": "[Toleration]",
        "volumeClaimTemplates": "[any]",
        "volumes": "[Volume]",
        "workflowMetadata": "any",
    },
    "Template": {
        **_POD_OF_TEMPLATE,
        **_fields(any="activeDeadlineSeconds archiveLocation executor memoize metrics podResources"),
        **_fields(any="retryStrategy synchronization", map="annotations", bool="daemon"),
        **_fields(text="pendingTimeout timeout"),
        "inputs": "Arguments",
        "metadata": "Metadata",
        "outputs": "any",
    },
    "ResourceTemplate": {
        **_fields(text="action failureCondition manifest mergeStrategy successCondition"),
        **_fields(bool="setOwnerReference", any="manifestFrom"),
        "flags": "[text]",
    },
    "Pod": {
        **_POD_OF_TEMPLATE,
        **_fields(text="dnsPolicy hostname nodeName preemptionPolicy runtimeClassName serviceAccount"),
        **_fields(text="subdomain schedulingGroup hostnameOverride"),
        **_fields(int="priority terminationGracePeriodSeconds", map="overhead"),
        **_fields(bool="enableServiceLinks hostIPC hostNetwork hostPID hostUsers setHostnameAsFQDN"),
        **_fields(bool="shareProcessNamespace", any="dnsConfig os resources"),
        "containers": "[Container]",
        "imagePullSecrets": "[any]",
        "metadata": "Metadata",
        "readinessGates": "[any]",
        "schedulingGates": "[any]",
        "topologySpreadConstraints": "[any]",
    },
    "Container": _CONTAINER,
    "Sidecar": {**_CONTAINER, "mirrorVolumeMounts": "bool"},
    "EnvVar": {"name": "text", "value": "text", "valueFrom": "EnvVarSource"},
    "EnvVarSource": {
        "configMapKeyRef": "KeyRef",
        "secretKeyRef": "KeyRef",
        "fieldRef": "FieldRef",
        "fileKeyRef": "any",
        "resourceFieldRef": "ResourceFieldRef",
    },
    "KeyRef": _fields(text="name key", bool="optional"),
    "FieldRef": _fields(text="apiVersion fieldPath"),
    "ResourceFieldRef": _fields(text="containerName resource", quantity="divisor"),
    "EnvFrom": {"configMapRef": "SourceRef", "prefix": "text", "secretRef": "SourceRef"},
    "SourceRef": _fields(text="name", bool="optional"),
    "Resources": {"claims": "[any]", "limits": "quantities", "requests": "quantities"},
    "VolumeMount": _fields(
        text="mountPath mountPropagation name recursiveReadOnly subPath subPathExpr", bool="readOnly"
    ),
    "Volume": {"name": "text", **dict.fromkeys(_VOLUME_SOURCES, "any")},
    "Toleration": _fields(text="effect key operator value", int="tolerationSeconds"),
    "Metadata": _fields(map="annotations labels"),
    "Outputs": {"artifacts": "[any]", "exitCode": "text", "parameters": "[any]", "result": "text"},
    "Arguments": {"artifacts": "[any]", "parameters": "[any]"},
    "Affinity": {
        "nodeAffinity": "NodeAffinity",
        "podAffinity": "PodAffinity",
        "podAntiAffinity": "PodAffinity",
    },
    "NodeAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": "[PreferredNode]",
        "requiredDuringSchedulingIgnoredDuringExecution": "NodeSelector",
    },
    "PreferredNode": {"preference": "NodeSelectorTerm", "weight": "int"},
    "NodeSelector": {"nodeSelectorTerms": "[NodeSelectorTerm]"},
    "NodeSelectorTerm": {"matchExpressions": "[Requirement]", "matchFields": "[Requirement]"},
    "Requirement": {"key": "text", "operator": "text", "values": "[text]"},
    "PodAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": "[PreferredPod]",
        "requiredDuringSchedulingIgnoredDuringExecution": "[PodTerm]",
    },
    "PreferredPod": {"podAffinityTerm": "PodTerm", "weight": "int"},
    "PodTerm": {
        "labelSelector": "LabelSelector",
        "namespaceSelector": "LabelSelector",
        "namespaces": "[text]",
        "matchLabelKeys": "[text]",
        "mismatchLabelKeys": "[text]",
        "topologyKey": "text",
    },
    "LabelSelector": {"matchExpressions": "[Requirement]", "matchLabels": "map"},
}

"""Codes about a workflow, its data, image and manifest: of ``kedro argo check``, and of both checks."""

from __future__ import annotations

from kedro_matrix_ext._finding_codes.model import FindingCode, Severity

__all__ = ["WORKFLOW_CODES"]

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

WORKFLOW_CODES: tuple[FindingCode, ...] = (
    FindingCode(
        "memory-dataset-crosses-tasks",
        _ERROR,
        "A dataset that exists only in a process is made in one task, or nowhere, and used in another.",
        "Give it a catalog entry with a file, keep all undeclared data with a catch-all, or fuse the nodes.",
    ),
    FindingCode(
        "local-path-crosses-tasks",
        _ERROR,
        "A dataset is written to the disk of one task's machine and read in another task.",
        "Give it a path in shared storage, such as s3:// or gs://, in this environment.",
    ),
    FindingCode(
        "local-input",
        _WARNING,
        "A task reads a local file that no task makes; only the image or a volume can have it.",
        "Give it a path in shared storage, such as s3:// or gs://, in this environment.",
    ),
    FindingCode(
        "dataset-written-twice",
        _ERROR,
        "Two datasets that nodes write are one file, so one overwrites the other.",
        "Give each its own path.",
    ),
    FindingCode(
        "unused-task-output",
        _NOTE,
        "A task makes data that no node uses and that is gone with the task's pod.",
        "Give it a catalog entry in shared storage, or drop the output.",
    ),
    FindingCode(
        "declared-dataset-not-saved",
        _NOTE,
        "Only nodes of one fused pipeline use a dataset that the catalog declares, so it stays in memory.",
        "Name it under 'runner.persist' in argo.yml to save it.",
    ),
    FindingCode(
        "input-under-run-id",
        _ERROR,
        "An input that no node makes has the run's id in its path, so it never exists.",
        "Keep raw data under a path without the run's id.",
    ),
    FindingCode(
        "value-only-in-pod",
        _NOTE,
        "An argument of an injected object comes from a variable that only a pod has, so nothing checks it.",
        "Set the variable in the shell or in .env to check with its value.",
    ),
    FindingCode(
        "environment-not-in-image",
        _ERROR,
        "The image does not hold the configuration of an environment, so tasks would run without it.",
        "Choose an environment that the image holds, or stop ignoring its folder.",
    ),
    FindingCode(
        "credentials-not-in-pods",
        _ERROR,
        "The catalog names credentials that pods do not have, as the image leaves their file out.",
        "Give them under 'credentials' in argo.yml, from secrets of the cluster.",
    ),
    FindingCode(
        "image-lacks-package",
        _ERROR,
        "A task imports a package that the project's dependencies do not bring into the image.",
        "Add it to the project's dependencies, and build the image again.",
    ),
    FindingCode(
        "image-outdated",
        _WARNING,
        "The image for the code package was built from other dependencies than the project has now.",
        "Build it again: 'kedro argo build', or 'kedro argo submit --build'.",
    ),
    FindingCode(
        "code-store-unreadable",
        _WARNING,
        "The folder of code packages cannot be read from here, so the image's dependencies are not compared.",
        "Check the address in 'deployment.code', and the credentials that this shell has for it.",
    ),
    FindingCode(
        "code-store-local",
        _WARNING,
        "Tasks fetch the code package from a folder of this machine, which pods do not have.",
        "Use shared storage such as s3:// or gs://, or mount shared storage there in the templates.",
    ),
    FindingCode(
        "template-lacks-code",
        _WARNING,
        "A template calls Kedro without the code package, and the image holds the dependencies alone.",
        "Write 'python -m kedro_matrix_ext.argo.code' before 'kedro'.",
    ),
    FindingCode(
        "image-lacks-program",
        _WARNING,
        "A template calls a program that the project's image does not have.",
        "Install it in the image, or name an image that has it in the template.",
    ),
    FindingCode(
        "ungrouped-nodes",
        _NOTE,
        "The grouping names groups, and some nodes are in none of them, so each of these is its own task.",
        "Give them a tag, namespace or pipeline of the grouping, or group differently.",
    ),
    FindingCode(
        "grouping-cycle",
        _ERROR,
        "Tasks of this grouping would wait for each other.",
        "Group differently, or let '--on-cycle split' split the groups.",
    ),
    FindingCode(
        "missing-parameter",
        _ERROR,
        "A node uses a parameter that this environment does not have.",
        "Declare it in the parameters, or correct the name.",
    ),
    FindingCode(
        "data-named-as-parameter",
        _ERROR,
        "A node output or a catalog entry has the name of a parameter, so a run may read data in its place.",
        "Rename the dataset: not 'parameters', and not beginning with 'params:'.",
    ),
    FindingCode(
        "unknown-machine-type",
        _ERROR,
        "A node asks for a machine type that argo.yml does not declare.",
        "Declare it under 'machine_types', or correct the name.",
    ),
    FindingCode(
        "unknown-template",
        _ERROR,
        "A node asks for a template that argo.yml does not declare.",
        "Declare it under 'template.templates', or correct the name.",
    ),
    FindingCode(
        "resources-exceed-machine",
        _ERROR,
        "A task requests more than the machine it asks for, or any declared machine, has.",
        "Request less, or declare a machine type that is large enough.",
    ),
    FindingCode(
        "request-at-node-size",
        _WARNING,
        "A task requests exactly the memory or the cores of a machine, and Kubernetes keeps some of both.",
        "Request a little less, so that the task does not need the next larger machine.",
    ),
    FindingCode(
        "secret-in-clear",
        _WARNING,
        "A value that looks like a secret is in the configuration, and so in the manifest or image too.",
        "Keep it in a Kubernetes secret and refer to it with 'secret_ref', or in credentials.yml.",
    ),
    FindingCode(
        "braces-in-text",
        _ERROR,
        "Text that goes into the manifest contains '{{', which Argo would replace.",
        "Write it without double braces.",
    ),
    FindingCode(
        "manifest-too-large",
        _WARNING,
        "The workflow is larger than what Argo stores unless it offloads node status.",
        "Make fewer tasks by grouping nodes, or set up offloading.",
    ),
    FindingCode(
        "hardening-weakened",
        _NOTE,
        "A field that argo.yml passes through gives tasks more rights than 'hardening' does.",
        "Remove the field, or keep it: it is in the manifest as written.",
    ),
    FindingCode(
        "manifest-invalid",
        _ERROR,
        "No manifest that Argo takes can be made of the plan.",
        "Correct what the message names.",
    ),
    FindingCode(
        "local-mlflow-store",
        _ERROR,
        "MLflow's store is on the machine of each task, so that tasks do not see each other's run.",
        "Name a tracking server in 'tracking_uri', or in MLFLOW_TRACKING_URI under 'template.environment'.",
    ),
)

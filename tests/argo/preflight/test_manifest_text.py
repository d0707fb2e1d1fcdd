"""What the preflight finds in text: secrets, braces, weaker hardening, and the size of the manifest."""

from __future__ import annotations

import re
from typing import Any

import pytest
from kedro.pipeline import Node, Pipeline
from tests.argo.preflight.checked_pipelines import chain, check, codes, stored, take

PASSWORD = "hunter2"  # noqa: S105  no secret: it is there to be found


def test_secrets_in_clear() -> None:
    """Values that look like secrets are found everywhere, and not shown."""
    reference = {"name": "DB_PASSWORD", "secret_ref": {"name": "db", "key": "password"}}
    clear = {"name": "DB_PASSWORD", "value": PASSWORD}
    own = {"name": "own", "container": {"command": "x", "env": [clear]}}
    sidecar = {"name": "db", "image": "db", "env": [clear]}
    template = {"environment": [clear], "templates": [{**own, "sidecars": [sidecar]}]}
    found = check(
        argo={"template": template}, parameters={"sources": [{"api_key": "a1b2c3d4"}], "token": "[CLS]"}
    )
    assert codes(found) == ["secret-in-clear"]
    assert [each.location.config_path for each in found] == [
        "argo: template.environment[0]",
        "argo: template.templates[0].container.env[0]",
        "argo: template.templates[0].sidecars[0].env[0]",
        "parameters: sources[0].api_key",
    ]
    assert PASSWORD not in str(found)
    assert check(argo={"template": {"environment": [reference]}}, parameters={"max_tokens": 512}) == []


def test_braces_in_text() -> None:
    """Double braces are found in everything that goes into the manifest, except custom templates."""
    (found,) = check(argo={"annotations": {"team": "{{x}}"}})
    assert (found.code, found.location.config_path) == ("braces-in-text", "argo: annotations.team")
    assert codes(check(env="{{x}}")) == ["braces-in-text"]
    own = {"name": "own", "container": {"command": ["x", "{{inputs.parameters.pipeline}}"]}}
    assert check(chain(template="own"), argo={"template": {"templates": [own]}}) == []


WEAKER: dict[str, dict[str, Any]] = {
    "pod.securityContext.runAsNonRoot": {"pod": {"securityContext": {"runAsNonRoot": False}}},
    "pod.containers[0].securityContext.capabilities.add": {
        "pod": {
            "containers": [{"name": "main", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}]
        }
    },
    "rules[0].pod.hostNetwork": {"rules": [{"match": {"tag": "a"}, "pod": {"hostNetwork": True}}]},
    "workflow.securityContext.seccompProfile.type": {
        "workflow": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}}
    },
    "template.templates[0].container.securityContext.privileged": {
        "template": {
            "templates": [
                {"name": "own", "container": {"command": "x", "securityContext": {"privileged": True}}}
            ]
        }
    },
}


@pytest.mark.parametrize(("path", "argo"), WEAKER.items())
def test_fields_that_weaken_hardening_are_noted(path: str, argo: dict[str, Any]) -> None:
    """They are taken as written; without hardening there is nothing to weaken."""
    (found,) = check(argo={**argo, "hardening": True})
    assert found.code == "hardening-weakened"
    assert found.location.config_path == f"argo: {path}"
    assert check(argo=argo) == []


def test_fields_that_keep_hardening_are_not_noted() -> None:
    """Another user, fewer rights, and containers that hardening does not touch."""
    init = {"name": "fetch", "image": "x", "securityContext": {"runAsUser": 0}}
    pod = {"securityContext": {"runAsUser": 2000, "runAsNonRoot": True}, "initContainers": [init]}
    assert check(argo={"pod": pod, "hardening": True}) == []


def test_a_secret_among_the_arguments_of_the_build_is_found() -> None:
    """The history of the image would show it; the login of an index, say."""
    login = f"https://ann:{PASSWORD}@packages.example.com/simple"
    arguments = {"UV_DEFAULT_INDEX": login, "UV_IMAGE": "registry.example.com/uv:0.9"}
    (found,) = check(argo={"deployment": {"image": "shop", "build_args": arguments}})
    assert (found.code, found.location.config_path) == (
        "secret-in-clear",
        "argo: deployment.build_args.UV_DEFAULT_INDEX",
    )
    assert "build_secrets" in found.fix
    assert PASSWORD not in str(found)


def test_passed_through_fields_may_have_tags_and_no_secrets() -> None:
    """Tags are for Argo, expressions for the emitter; a password is reported with its path."""
    labels = {"metadata": {"labels": {"team": "{{workflow.parameters.team}}"}}}
    argo = {
        "workflow": {
            "arguments": {"parameters": [{"name": "team", "value": "red"}]},
            "podMetadata": labels["metadata"],
        },
        "pod": labels,
        "rules": [{"match": {"tag": "a"}, "pod": labels}],
        "template": {"environment": [{"name": "A", "value": "{{=int(mem)}}g"}]},
    }
    assert check(argo=argo) == []
    proxy = {"name": "proxy", "image": "x", "env": [{"name": "DB_PASSWORD", "value": PASSWORD}]}
    (found,) = check(argo={"pod": {"initContainers": [proxy]}})
    assert found.code == "secret-in-clear"
    assert found.location.config_path == "argo: pod.initContainers[0].env[0].value"
    assert PASSWORD not in str(found)


@pytest.mark.long
def test_a_manifest_that_is_too_large() -> None:
    """Too many tasks are counted, and a grouping named whose tasks fit."""
    nodes = [
        Node(take, "raw" if step == 0 else f"d{row}_{step - 1}", f"d{row}_{step}", name=f"{row:0>60}_{step}")
        for row in range(1200)
        for step in range(3)
    ]
    entries = {node.outputs[0]: stored(f"s3://b/{node.outputs[0]}") for node in nodes}
    (found,) = check(Pipeline(nodes), catalog=entries)
    assert found.code == "manifest-too-large"
    assert re.search(r"about 3,\d{3} tasks would fit", found.message)
    assert "'--group-by chain' makes 1,200 tasks" in found.fix
    assert check(Pipeline(nodes), catalog=entries, group_by="chain") == []


def test_a_manifest_that_cannot_be_made() -> None:
    """The reason why a manifest cannot be made is a finding too."""
    (found,) = check(argo={"deployment": {}})
    assert (found.code, found.location.config_path) == ("manifest-invalid", "argo: deployment.image")


@pytest.mark.parametrize("before", ["", "arguments: {{inputs.parameters.args}}\n"])
def test_a_secret_in_the_manifest_of_a_resource_is_found(before: str) -> None:
    """The text of an object that Argo creates is read as YAML, whatever tags it has."""
    manifest = f"{before}driver: {{env: [{{name: DB_PASSWORD, value: {PASSWORD}}}]}}"
    spark = {"name": "spark", "resource": {"manifest": manifest}}
    (found,) = check(argo={"template": {"templates": [spark]}})
    assert found.code == "secret-in-clear"
    assert "DB_PASSWORD" in found.message
    rows = [f"x{number}: &x{number} [{', '.join([f'*x{number - 1}'] * 10)}]" for number in range(1, 12)]
    for odd in ("a: [b: c", "\n".join(["x0: &x0 [a]", *rows])):
        spark = {"name": "spark", "resource": {"manifest": odd}}
        assert check(argo={"template": {"templates": [spark]}}) == []

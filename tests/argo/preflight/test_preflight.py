"""The findings of the preflight: for each code a broken variant, and a valid one without findings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext import inject_object
from kedro_matrix_ext.argo import (
    ArgoConfig,
    ArgoNode,
    ArgoResourceConfig,
    FusedPipeline,
    build_plan,
    check_pipeline,
    check_plan,
    scaffold,
)
from kedro_matrix_ext.argo.preflight.rules.machines import usable_cores, usable_memory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kedro_matrix_ext.findings import Finding

MACHINES = {"small": {"mem": 4, "cpu": 1}, "large": {"mem": 60, "cpu": 15.5}}
PASSWORD = "hunter2"  # noqa: S105  no secret: it is there to be found


def take(*values: Any) -> Any:
    """Take anything, give it back."""
    return values


def fit(table: Any, model: Any) -> Any:
    """Take a table and a model."""
    return table, model


def stored(path: str, **more: Any) -> dict[str, Any]:
    """Write an entry of a class that is never instantiated."""
    return {"type": "kedro.io.core.AbstractDataset", "filepath": path, **more}


def chain(**arguments: Any) -> Pipeline:
    """Make two nodes, `raw` to `a` to `b`; the first takes what else is given."""
    return Pipeline([ArgoNode(take, "raw", "a", name="one", **arguments), Node(take, "a", "b", name="two")])


SOUND = {name: stored(f"s3://bucket/{name}") for name in ("raw", "a", "b")}


def check(
    pipeline: Pipeline | None = None,
    *,
    catalog: dict[str, Any] | None = None,
    argo: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    **options: Any,
) -> list[Finding]:
    """Check a pipeline, by default a sound one; what is given breaks it."""
    entries = DataCatalog.from_config({**SOUND, **(catalog or {})})
    for name, value in (parameters or {}).items():
        entries[f"params:{name}"] = MemoryDataset(value)
    if parameters is not None:
        entries["parameters"] = MemoryDataset(parameters)
    sections = {"deployment": {"image": "shop"}, "machine_types": MACHINES, "default_machine_type": "small"}
    config = ArgoConfig.model_validate({**sections, **(argo or {})})
    checked = check_pipeline(pipeline or chain(), config=config, catalog=entries, **options)
    return list(checked.findings)


def codes(findings: Iterable[Finding]) -> list[str]:
    """List the codes of findings, each once."""
    return sorted({found.code for found in findings})


def test_a_valid_pipeline_has_no_findings() -> None:
    """With data in shared storage and parameters, machines and image declared, there are no findings."""
    assert check() == []


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "MemoryDataset"},
        {"type": "SharedMemoryDataset"},
        {"type": "CachedDataset", "dataset": {"type": "MemoryDataset"}},
    ],
)
def test_memory_that_crosses_tasks(entry: dict[str, Any]) -> None:
    """A dataset in memory, in any wrapping, does not reach another task."""
    (found,) = check(catalog={"a": entry})
    assert (found.code, found.task, found.node, found.dataset) == (
        "memory-dataset-crosses-tasks",
        "one",
        "one",
        "a",
    )
    assert "kedro_matrix_ext.catalog.UndeclaredDataset" in found.fix


def test_undeclared_data_that_crosses_tasks() -> None:
    """Data without an entry does not reach another task and has no source; inside a task it is fine."""
    nodes = Pipeline([Node(take, "raw", "x", name="one"), Node(take, ["x", "y"], "b", name="two")])
    found = check(nodes)
    assert codes(found) == ["memory-dataset-crosses-tasks"]
    assert sorted(str(each.dataset) for each in found) == ["x", "y"]
    assert check(nodes, catalog={"y": stored("gs://b/y")}, group_by="single") == []
    assert check(nodes, catalog={"{other}": stored("gs://b/{other}")}) == []


def test_local_inputs_that_no_task_makes() -> None:
    """A file on disk is a warning, since the image may have it; a memory dataset without data is an error."""
    (found,) = check(catalog={"raw": stored("data/raw.csv")}, group_by="single")
    assert (found.code, found.severity.value, found.dataset) == ("local-input", "warning", "raw")
    (found,) = check(catalog={"raw": {"type": "MemoryDataset"}})
    assert (found.code, found.dataset) == ("memory-dataset-crosses-tasks", "raw")


def test_cached_files_may_cross_tasks() -> None:
    """A cache over shared storage is written there too."""
    cached = {"type": "CachedDataset", "dataset": stored("s3://bucket/a")}
    assert check(catalog={"a": cached}) == []


@pytest.mark.parametrize("path", ["data/a.pkl", "file:///data/a.pkl", "memory://a"])
def test_local_paths_that_cross_tasks(path: str) -> None:
    """Another machine cannot read what is on one machine's disk."""
    (found,) = check(catalog={"a": stored(path)})
    assert (found.code, found.dataset) == ("local-path-crosses-tasks", "a")
    assert check(catalog={"a": stored(path)}, group_by="single") == []


def test_datasets_written_to_one_file() -> None:
    """Two datasets with one path are found; appending is intended."""
    twice = {"b": stored("s3://bucket/a")}
    (found,) = check(catalog=twice)
    assert (found.code, found.dataset) == ("dataset-written-twice", "b")
    assert check(catalog={"b": stored("s3://bucket/a", save_args={"mode": "append"})}) == []


@pytest.mark.parametrize("entry", [{"type": "MemoryDataset"}, stored("data/b")])
def test_unused_outputs_that_are_lost(entry: dict[str, Any]) -> None:
    """Outputs that no node uses and nothing keeps are noted."""
    (found,) = check(catalog={"b": entry})
    assert (found.code, found.severity.value, found.dataset) == ("unused-task-output", "note", "b")


def test_a_cycle_of_tasks_and_what_else_is_wrong() -> None:
    """A cycle is a finding, and everything else is checked too."""
    nodes = [
        Node(take, "raw", "a", name="one", tags="x"),
        Node(take, "a", "m", name="between"),
        Node(take, "m", "b", name="two", tags="x"),
    ]
    found = check(Pipeline(nodes), group_by="tag:x")
    assert codes(found) == ["grouping-cycle", "memory-dataset-crosses-tasks", "ungrouped-nodes"]
    cycle = next(each for each in found if each.code == "grouping-cycle")
    assert cycle.node in {"one", "between", "two"}
    stored_too = {"m": stored("s3://b/m")}
    split = check(Pipeline(nodes), group_by="tag:x", catalog=stored_too, on_cycle="split")
    assert codes(split) == ["ungrouped-nodes"]


def test_missing_parameters() -> None:
    """An undeclared parameter is found, with the nearest name; one passed at submit counts as declared."""
    nodes = Pipeline([Node(take, ["raw", "params:model.dept"], "a", name="one")])
    declared = {"model": {"depth": 3}, "model.depth": 3}
    (found,) = check(nodes, parameters=declared)
    assert (found.code, found.node, found.dataset) == ("missing-parameter", "one", "params:model.dept")
    assert "Did you mean 'model.depth'" in found.fix
    assert check(nodes, parameters=declared, params={"model": {"dept": 3}}) == []
    assert check(nodes, parameters={"model.dept": 3}) == []


@pytest.mark.parametrize("name", ["params:model", "params:model.inner", "parameters", "params:a.b.c"])
def test_outputs_and_entries_named_like_parameters(name: str) -> None:
    """Each is an error, its value is neither loaded nor judged as a parameter, and nothing else is found."""
    made = Pipeline(
        [
            Node(take, "raw", name, name="one"),
            Node(inject_object()(take), name, "a", name="two"),
        ]
    )
    found = check(made, catalog={name: stored("s3://b/model")})
    named = [each for each in found if each.code == "data-named-as-parameter"]
    assert [(each.node, each.dataset) for each in named] == [("one", name), (None, name)]
    assert [each.task for each in named] == ["one", None]
    unread = {name: stored("/nowhere/model.pkl")}
    only_read = check(Pipeline([Node(inject_object()(take), name, "a", name="two")]), catalog=unread)
    assert [each.dataset for each in only_read] == [name]


@pytest.mark.parametrize("pattern", ["{any}", "{any}.dept", "params:{any}"])
def test_a_pattern_that_would_answer_a_missing_parameter(pattern: str) -> None:
    """The parameter is missing, and the finding names the pattern that Kedro would load."""
    nodes = Pipeline([Node(inject_object()(take), ["raw", "params:model.dept"], "a", name="one")])
    found = check(nodes, parameters={"model": {"depth": 3}}, catalog={pattern: stored("s3://b/{any}")})
    (missing,) = [each for each in found if each.code == "missing-parameter"]
    assert missing.dataset == "params:model.dept"
    assert repr(pattern) in missing.message


def test_injected_objects_that_cannot_be_made() -> None:
    """Objects under used parameters are imported and their arguments bound, each reported once."""
    nodes = Pipeline([Node(inject_object()(take), ["raw", "params:model", "parameters"], "a", name="one")])
    (found,) = check(nodes, parameters={"model": {"object": "math.powe"}})
    assert (found.code, found.location.config_path) == ("injected-object", "parameters: model.object")
    assert (found.task, found.node, found.dataset) == ("one", "one", "params:model")
    (found,) = check(nodes, parameters={"model": {"object": "math.pow", "z": 1}})
    assert found.code == "injected-object"
    assert check(nodes, parameters={"model": {"object": "decimal.Decimal", "value": "1"}}) == []
    unused = {"other": {"object": "math.powe"}}
    assert check(Pipeline([Node(inject_object()(take), "raw", "a", name="one")]), parameters=unused) == []


def test_injected_objects_are_judged_by_the_options_of_each_node() -> None:
    """Inputs that a node does not inject may hold anything; a node may allow less than others."""
    inputs = ["raw", "params:model"]
    wrong, decimal = {"model": {"object": "math.powe"}}, {"model": {"object": "decimal.Decimal"}}
    for function in (take, inject_object(exclude_kwargs=["model"])(fit), inject_object(only=["table"])(fit)):
        assert check(Pipeline([Node(function, inputs, "a", name="one")]), parameters=wrong) == []
    strict = Node(inject_object(allow=["fractions.*"])(fit), inputs, "b", name="two")
    loose = Node(inject_object()(fit), inputs, "a", name="one")
    (found,) = check(Pipeline([loose, strict]), parameters=decimal, catalog={"b": stored("s3://bucket/b")})
    assert (found.code, found.node) == ("injected-object", "two")
    assert "'decimal.Decimal' is not among the allowed modules" in found.message


def test_unknown_machine_types() -> None:
    """An undeclared machine type is a finding, and everything else is checked too."""
    found = check(chain(machine_type="smal"), catalog={"a": {"type": "MemoryDataset"}})
    assert codes(found) == ["memory-dataset-crosses-tasks", "unknown-machine-type"]
    assert "Did you mean 'small'?" in found[0].fix
    assert check(chain(machine_type="large")) == []


def test_unknown_templates() -> None:
    """An undeclared template is found once, not again in the manifest."""
    own = {"template": {"templates": [{"name": "own", "container": {"command": "x"}}]}}
    (found,) = check(chain(template="ow"), argo=own)
    assert (found.code, found.task) == ("unknown-template", "one")
    assert check(chain(template="own"), argo=own) == []


def test_resources_that_no_machine_has() -> None:
    """More than any machine, or than the machine of the group, is an error."""
    (found,) = check(chain(argo_config=ArgoResourceConfig(memory_request=70, memory_limit=70)))
    assert (found.code, found.task) == ("resources-exceed-machine", "one")
    modest = ArgoResourceConfig(memory_request=50)
    assert check(chain(argo_config=modest)) == []
    nodes = [ArgoNode(take, "raw", "a", name="one", argo_config=modest), Node(take, "a", "b", name="two")]
    (found,) = check(FusedPipeline(nodes, name="g", machine_type="small"))
    assert (found.code, found.node) == ("resources-exceed-machine", "one")
    assert check(FusedPipeline(nodes, name="g", machine_type="large")) == []


@pytest.mark.parametrize("memory", [16, 32, 48, 64, 128, 256, 744])
def test_requests_of_a_whole_machine(memory: int) -> None:
    """A request of exactly a machine's memory takes a larger one; a little less does not."""
    machines = {"machine_types": {"small": {"mem": memory, "cpu": 7.5}}}
    (found,) = check(argo=machines)
    assert (found.code, found.severity.value) == ("request-at-node-size", "warning")
    assert check(argo={"machine_types": {"small": {"mem": memory - 1, "cpu": 7.5}}}) == []
    assert f"at most {usable_memory(memory)} GiB" in found.fix
    assert check(argo={"machine_types": {"small": {"mem": usable_memory(memory), "cpu": 7.5}}}) == []
    assert check(argo={"machine_types": {"small": {"mem": 8, "cpu": 7.5}}}) == []


@pytest.mark.parametrize(("memory", "cores"), [(13, 4), (28, 8), (120, 16), (700, 96), (2180, 288)])
def test_requests_of_all_cores(memory: int, cores: int) -> None:
    """All cores of a machine, with memory that only such a machine has, take a larger one."""
    (found,) = check(argo={"machine_types": {"small": {"mem": memory, "cpu": cores}}})
    assert (found.code, found.location.config_path) == (
        "request-at-node-size",
        "argo: machine_types.small.cpu",
    )
    assert f"at most {usable_cores(cores)} CPU" in found.fix
    assert check(argo={"machine_types": {"small": {"mem": memory, "cpu": usable_cores(cores)}}}) == []
    assert check(argo={"machine_types": {"small": {"mem": 2, "cpu": cores}}}) == []


def test_the_sizes_that_init_writes_fit_on_their_machines() -> None:
    """Memory and cores are at most what Kubernetes leaves of the machine that the type is named after."""
    text = (Path(scaffold.__file__).parent / "project_files/argo.yml").read_text()
    per_core = {"g2-standard": 4, "c4-highmem": 7.75}
    machines = yaml.safe_load(text.replace("${", "$"))["machine_types"]
    named = {name: size for name, size in machines.items() if name != "default"}
    assert len(named) > 10
    for name, size in named.items():
        family, _, cores = name.rpartition("-")
        assert size["cpu"] <= usable_cores(int(cores)), name
        assert size["mem"] <= usable_memory(int(cores) * per_core[family]), name


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


def test_engines_that_do_not_agree() -> None:
    """Engines of one dataset with different paths, or undeclared ones, are found; patterns are resolved."""
    nodes = Pipeline([Node(take, "raw", "t@spark", name="one"), Node(take, "t@pandas", "b", name="two")])
    one_path = {"t@spark": stored("s3://b/t"), "t@pandas": stored("s3://b/t")}
    assert check(nodes, catalog=one_path) == []
    assert codes(check(nodes, catalog={**one_path, "t@pandas": stored("s3://b/u")})) == [
        "transcoding-mismatch"
    ]
    patterns = {"{x}@spark": stored("s3://b/{x}"), "{x}@pandas": stored("s3://b/{x}.pq")}
    (found,) = check(nodes, catalog=patterns)
    assert found.message.startswith("the engines of 't' have different paths")
    catch_all = {"{rest}": stored("s3://b/undeclared/{rest}")}
    assert check(nodes, catalog={**patterns, "{x}@pandas": stored("s3://b/{x}"), **catch_all}) == []
    swallowed = check(nodes, catalog={"t@spark": stored("s3://b/t"), **catch_all})
    assert "pattern '{rest}' would match 't@pandas'" in swallowed[0].message
    assert "transcoding-mismatch" in codes(check(nodes, catalog={"t@spark": stored("s3://b/t")}))


@pytest.mark.parametrize(
    ("tracking", "uri", "local"),
    [
        ({"server": {"mlflow_tracking_uri": "mlruns"}}, None, True),
        ({"experiment": "shop"}, None, True),
        ({}, "http://localhost:5000", True),
        ({"tracking_uri": "sqlite:///mlruns.db"}, "https://mlflow.example", True),
        ({"tracking_uri": "https://mlflow.example"}, None, False),
        ({"experiment": "shop"}, "databricks", False),
        ({}, None, False),
    ],
)
def test_local_mlflow_stores(tracking: dict[str, Any], uri: str | None, local: bool) -> None:  # noqa: FBT001  a table's column
    """Where MLflow is used, its store must be one that all tasks reach."""
    environment = [{"name": "MLFLOW_TRACKING_URI", "value": uri}] if uri else []
    found = check(argo={"template": {"environment": environment}}, tracking=tracking)
    assert codes(found) == (["local-mlflow-store"] if local else [])


def test_a_store_from_a_secret_is_trusted() -> None:
    """A store from a secret is not known, so there is no finding."""
    secret = {"name": "MLFLOW_TRACKING_URI", "secret_ref": {"name": "mlflow", "key": "uri"}}
    assert codes(check(argo={"mlflow": True})) == ["local-mlflow-store"]
    assert check(argo={"mlflow": True, "template": {"environment": [secret]}}) == []


def test_a_plan_is_checked_without_catalog() -> None:
    """Without a catalog nothing is stored; parameters and engines are not judged."""
    config = ArgoConfig.model_validate({"deployment": {"image": "shop"}})
    nodes = Pipeline([Node(take, ["raw", "params:x"], "t@a", name="one"), Node(take, "t@b", "b", name="two")])
    found = check_plan(build_plan(nodes, config=config), pipeline=nodes, config=config)
    assert codes(found) == ["memory-dataset-crosses-tasks", "unused-task-output"]


@pytest.mark.parametrize("before", ["", "arguments: {{inputs.parameters.args}}\n"])
def test_a_secret_in_the_manifest_of_a_resource_is_found(before: str) -> None:
    """The text of an object that Argo creates is read as YAML, whatever tags it has."""
    manifest = f"{before}driver: {{env: [{{name: DB_PASSWORD, value: {PASSWORD}}}]}}"
    spark = {"name": "spark", "resource": {"manifest": manifest}}
    (found,) = check(argo={"template": {"templates": [spark]}})
    assert found.code == "secret-in-clear"
    assert "DB_PASSWORD" in found.message
    spark = {"name": "spark", "resource": {"manifest": "a: [b: c"}}
    assert check(argo={"template": {"templates": [spark]}}) == []

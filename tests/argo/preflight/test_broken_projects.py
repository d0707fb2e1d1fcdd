"""The example project, broken in one way per finding code, each caught by `kedro argo check`."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import EXAMPLES
from tests.kedro_project import KedroProject

from kedro_matrix_ext.argo import preflight
from kedro_matrix_ext.findings import FINDING_CODES, Location

pytestmark = pytest.mark.project

# Each variant is an environment on top of cloud; all are checked in one process, each by the command.
CHECK_ALL = """
import json
from pathlib import Path
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro_matrix_ext.cli.argo import commands

metadata = bootstrap_project(Path.cwd())
answers = {{}}
for env, words in {words}.items():
    result = CliRunner().invoke(
        commands, ["argo", "check", "--env", env, "--format", "json", *words.split()], obj=metadata
    )
    answers[env] = (result.exit_code, result.stdout, result.stderr)
Path("answers.json").write_text(json.dumps(answers))
"""

Answer = tuple[int, dict[str, Any], str]  # exit status, JSON on standard output, standard error

ARGO = """
deployment: {image: registry.example/shop, tag: v1}
machine_types:
  default: {mem: 4, cpu: 1}
"""

MOUNTED = """
template:
  templates:
    - name: mounting
      container:
        command: [python, -m, kedro_matrix_ext.argo.code, kedro, run]
        args: ["--nodes={{inputs.parameters.kedro_nodes}}"]
        volume_mounts: [{name: code, mount_path: "${oc.env:STORE_PATH}"}]
      volumes: [{name: code, size: 1}]
"""

# The pipelines of the example, and pipelines whose faults are in code.
REGISTRY = """
from kedro.pipeline import Node, Pipeline
from kedro_matrix_ext import inject_object
from kedro_matrix_ext.argo import ArgoNode, FusedPipeline


def take(*values):
    return values


@inject_object()
def use(model):
    return model


LARGE = Pipeline([Node(take, "companies", None, name=f"look_{number:0200}") for number in range(2500)])


def register_broken_pipelines():
    pipelines = register_sound_pipelines()
    together = {"create_model_input_table", "compare_variants"}
    made = pipelines["__default__"]
    return {
        **pipelines,
        "cyclic": Pipeline(
            [node.tag("argowf.fuse-group.ends") if node.name.rpartition(".")[2] in together else node
             for node in made.nodes]
        ),
        "machine": Pipeline([ArgoNode(take, "companies", None, name="look", machine_type="defualt")]),
        "template": Pipeline([ArgoNode(take, "companies", None, name="look", template="grph")]),
        "transcoded": Pipeline([Node(take, "companies", "cars@rows", name="make"),
                                Node(take, "cars@pandas", None, name="look")]),
        "fused": FusedPipeline([Node(take, "companies", "price_predictor.model_input_table", name="make"),
                                Node(take, "price_predictor.model_input_table", "price_predictor.report",
                                     name="look")], name="pair"),
        "injected": Pipeline([Node(use, "params:model", None, name="use")]),
        "loose": Pipeline([Node(take, "companies", None, name="look")]),
        "large": LARGE,
    }


register_sound_pipelines, register_pipelines = register_pipelines, register_broken_pipelines
"""


@dataclass(frozen=True)
class Broken:
    """One way to break the example.

    Attributes:
        code: What `check` reports of it, and nothing else.
        place: The configuration path, file and line that the finding names.
        files: What the environment adds to cloud, by file.
        words: Options of the command.
        names: Task, node and dataset that the finding names, where it does.
    """

    code: str
    place: str
    files: dict[str, str] = field(default_factory=dict)
    words: str = ""
    names: dict[str, str] = field(default_factory=dict)


VARIANTS = {
    "memory": Broken(
        "memory-dataset-crosses-tasks",
        "catalog: ['{namespace}.model_input_table'] (conf/memory/catalog.yml:2, env memory)",
        {"catalog.yml": '# lost\n"{namespace}.model_input_table":\n  type: MemoryDataset\n'},
        names={
            "task": "price-predictor-create-model-input-table",
            "node": "price_predictor.create_model_input_table",
            "dataset": "price_predictor.model_input_table",
        },
    ),
    "local-path": Broken(
        "local-path-crosses-tasks",
        "catalog: ['{namespace}.model_input_table'] (conf/local-path/catalog.yml:1, env local-path)",
        {
            "catalog.yml": '"{namespace}.model_input_table":\n  type: pandas.ParquetDataset\n'
            "  filepath: /data/{namespace}.parquet\n"
        },
        names={
            "node": "price_predictor.create_model_input_table",
            "dataset": "price_predictor.model_input_table",
        },
    ),
    "local-input": Broken(
        "local-input",
        "catalog: reviews (conf/local-input/catalog.yml:1, env local-input)",
        {"catalog.yml": "reviews:\n  type: pandas.CSVDataset\n  filepath: data/01_raw/reviews.csv\n"},
        names={"node": "price_predictor.create_model_input_table", "dataset": "reviews"},
    ),
    "twice": Broken(
        "dataset-written-twice",
        "catalog: ['{namespace}.{variant}.metrics'] (conf/twice/catalog.yml:1, env twice)",
        {
            "catalog.yml": '"{namespace}.{variant}.metrics":\n  type: json.JSONDataset\n'
            "  filepath: ${globals:paths.base}/08_reporting/{namespace}/metrics.json\n"
        },
        names={
            "node": "price_predictor.candidate1.evaluate_model",
            "dataset": "price_predictor.candidate1.metrics",
        },
    ),
    "unused": Broken(
        "unused-task-output",
        "catalog: ['{namespace}.report'] (conf/unused/catalog.yml:1, env unused)",
        {"catalog.yml": '"{namespace}.report": {type: MemoryDataset}\n'},
        names={"node": "price_predictor.draw_report", "dataset": "price_predictor.report"},
    ),
    "unsaved": Broken(
        "declared-dataset-not-saved",
        "catalog: ['{namespace}.model_input_table'] (conf/base/catalog.yml:25, env unsaved)",
        {"argo.yml": "runner: {use_memory_datasets: true}\n"},
        "-p fused",
        {"task": "pair", "dataset": "price_predictor.model_input_table"},
    ),
    "transcoding": Broken(
        "transcoding-mismatch",
        "catalog: cars@pandas (conf/transcoding/catalog.yml:1, env transcoding)",
        {
            "catalog.yml": "cars@pandas:\n  type: pandas.ParquetDataset\n  filepath: s3://bucket/cars.parquet\n"
            "cars@rows:\n  type: pandas.ParquetDataset\n  filepath: s3://bucket/rows.parquet\n"
        },
        "-p transcoded",
        {"dataset": "cars"},
    ),
    "cycle": Broken(
        "grouping-cycle",
        "env cycle",
        words="-p cyclic",
        names={"node": "price_predictor.create_model_input_table"},
    ),
    "large": Broken("manifest-too-large", "env large", words="-p large"),
    "invalid": Broken(
        "manifest-invalid",
        "argo: deployment.image (conf/invalid/argo.yml:2, env invalid)",
        {"argo.yml": "deployment:\n  image:\n  tag: v1\n"},
    ),
    "braces": Broken(
        "braces-in-text",
        "argo: annotations.team (conf/braces/argo.yml:2, env braces)",
        {"argo.yml": "annotations:\n  team: '{{workflow.name}}'\n"},
    ),
    "missing": Broken(
        "missing-parameter",
        "parameters: price_predictor.candidate3.model_options.model "
        "(conf/missing/parameters.yml:3, env missing)",
        {"parameters.yml": "price_predictor:\n  candidate3:\n    model_options:\n"},
        names={
            "node": "price_predictor.candidate3.train_model",
            "dataset": "params:price_predictor.candidate3.model_options.model",
        },
    ),
    "injected": Broken(
        "injected-object",
        "parameters: price_predictor.base.model_options.model.object "
        "(conf/base/parameters_price_predictor.yml:7, env injected)",
        {"parameters.yml": "_estimators:\n  linear:\n    object: sklearn.linear_model.LinearRegresion\n"},
        names={"node": "price_predictor.base.train_model"},
    ),
    "secret-parameter": Broken(
        "secret-in-clear",
        "parameters: sources.db_password (conf/secret-parameter/parameters.yml:2, env secret-parameter)",
        {"parameters.yml": "sources:\n  db_password: hunter2\n"},
    ),
    "secret-variable": Broken(
        "secret-in-clear",
        "argo: template.environment[1] (conf/secret-variable/argo.yml:4, env secret-variable)",
        {
            "argo.yml": "template:\n  environment:\n    - {name: REGION, value: eu}\n"
            "    - {name: API_TOKEN, value: a1b2c3d4}\n"
        },
    ),
    "weaker": Broken(
        "hardening-weakened",
        "argo: pod.hostNetwork (conf/weaker/argo.yml:2, env weaker)",
        {"argo.yml": "hardening: true\npod: {hostNetwork: true}\n"},
    ),
    "machine": Broken(
        "unknown-machine-type",
        "argo: machine_types (conf/base/argo.yml:2, env machine)",
        words="-p machine",
        names={"task": "look", "node": "look"},
    ),
    "template": Broken(
        "unknown-template",
        "argo: template.templates (conf/template/argo.yml:2, env template)",
        {"argo.yml": "template:\n  templates:\n    - {name: graph, container: {command: kedro}}\n"},
        "-p template",
        {"task": "look", "node": "look"},
    ),
    "oversized": Broken(
        "resources-exceed-machine",
        "argo: machine_types (conf/base/argo.yml:2, env oversized)",
        {
            "argo.yml": "rules:\n  - match: {node: '*.base.train_model'}\n"
            "    resources: {memory_request: 100, memory_limit: 100}\n"
        },
        names={"task": "price-predictor-base-train-model"},
    ),
    "node-size": Broken(
        "request-at-node-size",
        "argo: machine_types.default.mem (conf/node-size/argo.yml:3, env node-size)",
        {"argo.yml": "machine_types:\n  default:\n    mem: 64\n    cpu: 8\n"},
    ),
    "under-run": Broken(
        "input-under-run-id",
        "catalog: reviews (conf/under-run/catalog.yml:1, env under-run)",
        {"catalog.yml": "reviews:\n  type: pandas.CSVDataset\n  filepath: s3://b/${run:id}/reviews.csv\n"},
        names={"node": "price_predictor.create_model_input_table", "dataset": "reviews"},
    ),
    "only-in-pod": Broken(
        "value-only-in-pod",
        "parameters: model (conf/only-in-pod/parameters.yml:1, env only-in-pod)",
        {
            "parameters.yml": "model: {object: fractions.Fraction, numerator: '${oc.env:API_TOKEN}'}\n",
            "argo.yml": "template: {environment: [{name: API_TOKEN, secret_ref: {name: a, key: t}}]}\n",
        },
        "-p injected",
    ),
    "type": Broken(
        "unknown-dataset-type",
        "catalog: reviews (conf/type/catalog.yml:1, env type)",
        {"catalog.yml": "reviews:\n  type: pandas.CSVDatset\n  filepath: s3://bucket/reviews.csv\n"},
        names={"dataset": "reviews"},
    ),
    "ungrouped": Broken(
        "ungrouped-nodes", "env ungrouped", words="-p loose --group-by namespace", names={"node": "look"}
    ),
    "old-image": Broken(
        "image-outdated",
        "argo: deployment.code (conf/old-image/argo.yml:3, env old-image)",
        {"argo.yml": "deployment:\n  image: host/shop-env\n  code: ${oc.env:STORE}\n" + MOUNTED},
    ),
    "no-store": Broken(
        "code-store-unreadable",
        "argo: deployment.code (conf/no-store/argo.yml:2, env no-store)",
        {"argo.yml": "deployment:\n  code: nothing://code\n"},
    ),
    "outside": Broken("environment-not-in-image", "conf/outside, env outside"),
    "mlflow": Broken(
        "local-mlflow-store",
        "tracking: tracking_uri (conf/mlflow/tracking.yml:1, env mlflow)",
        {"tracking.yml": "tracking_uri: sqlite:///mlflow.db\n"},
    ),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """The command's answer for each variant: exit status, output and errors."""
    path = tmp_path_factory.mktemp("broken") / "spaceflights"
    shutil.copytree(EXAMPLES / "spaceflights", path, ignore=shutil.ignore_patterns("0[1-9]_*", "expected"))
    project = KedroProject(path)
    project.write("conf/base/argo.yml", ARGO)
    project.write(".dockerignore", "conf/outside/*\n")
    project.write("conf/cloud/tracking.yml", "tracking_uri: https://mlflow.example.com\n")
    registry = "src/spaceflights/pipeline_registry.py"
    project.write(registry, project.read(registry) + REGISTRY)
    for env, broken in VARIANTS.items():
        for name, text in {"environment.yml": "inherits: [cloud]\n", **broken.files}.items():
            (path / "conf" / env).mkdir(exist_ok=True)
            (path / "conf" / env / name).write_text(text)
    words = {"cloud": "", **{env: broken.words for env, broken in VARIANTS.items()}}
    record = {"image": "host/shop-env@sha256:0", "fingerprint": "of other dependencies"}
    project.write("store/spaceflights/image.json", json.dumps(record))
    variables = {"SPACEFLIGHTS_BUCKET": "bucket", "STORE": (path / "store").as_uri(), "STORE_PATH": str(path)}
    project.python(CHECK_ALL.format(words=words), env=variables)
    said: dict[str, tuple[int, str, str]] = json.loads(project.read("answers.json"))
    assert not [errors for _, output, errors in said.values() if not output]
    return {env: (status, json.loads(output), errors) for env, (status, output, errors) in said.items()}


def test_the_sound_project_has_no_findings(answers: dict[str, Answer]) -> None:
    """The project that every variant starts from has no findings in cloud."""
    assert answers["cloud"][:2] == (0, {"ok": True, "findings": []})


@pytest.mark.parametrize("env", VARIANTS)
def test_each_broken_variant_is_caught_with_its_code_and_place(answers: dict[str, Answer], env: str) -> None:
    """One code and no other, the matching severity and exit status, and the location with file and line."""
    status, report, _ = answers[env]
    broken, findings = VARIANTS[env], report["findings"]
    severity = FINDING_CODES[broken.code].severity.value
    assert {(found["code"], found["severity"]) for found in findings} == {(broken.code, severity)}
    assert (status, report["ok"]) == ((1, False) if severity == "error" else (0, True))
    first = findings[0]
    assert str(Location(**first["location"])) == broken.place
    assert {name: first[name] for name in broken.names} == broken.names
    assert all(found["message"] and found["fix"] for found in findings)
    assert "hunter2" not in json.dumps(report)


def test_every_code_of_the_check_has_a_broken_variant() -> None:
    """For every rule of the preflight there is a project with a finding."""
    rules = Path(preflight.__file__).parent.rglob("*.py")
    codes = {code for rule in rules for code in re.findall(r'finding\(\s*"([a-z-]+)"', rule.read_text())}
    from_elsewhere = {"transcoding-mismatch", "injected-object", "missing-parameter"}  # rules it shares
    in_code = {"node-cannot-be-imported", "image-lacks-package", "credentials-not-in-pods"}
    in_code |= {"missing-storage-package", "image-lacks-program", "template-lacks-code", "code-store-local"}
    # in test_node_imports, test_packages, test_credentials and test_code_package
    assert {broken.code for broken in VARIANTS.values()} == (codes - in_code) | from_elsewhere

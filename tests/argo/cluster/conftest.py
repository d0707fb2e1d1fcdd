"""A cluster on loopback, a project's folder in git, image tools that note what they are asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.cluster.kubernetes_api import KubernetesApi, serve_kubernetes_api, write_kubeconfig
from tests.conftest import SHARED

from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest
from kedro_matrix_ext.argo.cluster import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from kedro_matrix_ext.argo.cluster.client import Cluster

DIGEST = f"sha256:{'ab' * 32}"

# Notes its arguments, does what the tool would, and fails where it is told to.
TOOL = """#!{python} -SE
import json, os, sys
name, words = os.path.basename(sys.argv[0]), sys.argv[1:]
with open("{log}", "a") as log:
    log.write(json.dumps([name, *words]) + "\\n")
print(name + ": pushing manifest sha256:0123")
if "--metadata-file" in words and "{digest}":
    with open(words[words.index("--metadata-file") + 1], "w") as file:
        json.dump({{"containerimage.digest": "{digest}", "image.name": "shop"}}, file)
if "--digestfile" in words:
    with open(words[words.index("--digestfile") + 1], "w") as file:
        file.write("{digest}")
if {status}:
    print("first line\\ntime=now level=fatal msg=denied", file=sys.stderr)
sys.exit(0 if "version" in words else {status})
"""


@pytest.fixture(scope="session")
def schemas() -> dict[str, Any]:
    """Per kind a validator by the strict schema of Argo v4; none where the public schemas are not there."""
    import jsonschema_rs

    return {
        kind: jsonschema_rs.validator_for(json.loads(file.read_text()))
        for kind in ("Workflow", "WorkflowTemplate", "CronWorkflow")
        if (file := SHARED / "argo" / f"{kind.lower()}s.v4.schema.json").exists()
    }


@pytest.fixture
def api(schemas: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubernetesApi]:
    """An empty cluster with Argo in it, which the kubeconfig leads to."""
    with serve_kubernetes_api(schemas) as served:
        monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "kubeconfig", served.address)))
        yield served


@pytest.fixture
def cluster(api: KubernetesApi) -> Cluster:
    """The connection to it."""
    return client.connect("jobs")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits as a person would."""
    monkeypatch.setattr(client, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.delenv("ARGO_TOKEN", raising=False)


@pytest.fixture
def make_config() -> Callable[..., ArgoConfig]:
    """Models of an `argo.yml` that names an image: ``make_config(server_url=...)``."""

    def make(**sections: Any) -> ArgoConfig:
        deployment = {"image": "registry.example/shop", "tag": "v1"}
        return ArgoConfig.model_validate({"namespace": "jobs", "deployment": deployment, **sections})

    return make


@pytest.fixture
def make_plan() -> Callable[..., Plan]:
    """A plan of small tasks: ``make_plan({"load": [], "train": ["load"]})``; other inputs by task."""

    def make(graph: Mapping[str, list[str]], inputs: Mapping[str, tuple[str, ...]] | None = None) -> Plan:
        tasks = tuple(
            Task(
                name=name,
                nodes=(name,),
                depends_on=tuple(above),
                inputs=(inputs or {}).get(name, tuple(f"{task}_table" for task in above)),
                outputs=(f"{name}_table",),
                resources=ArgoResourceConfig(),
                pipelines=("__default__",),
            )
            for name, above in graph.items()
        )
        return Plan(pipeline="ds", env="cloud", group_by="node", tasks=tasks)

    return make


@pytest.fixture
def plan(make_plan: Callable[..., Plan]) -> Plan:
    """Three tasks in a row and one beside them."""
    return make_plan({"load": [], "clean": ["load"], "train": ["clean"], "report": []})


@pytest.fixture
def make_manifest(plan: Plan, make_config: Callable[..., ArgoConfig]) -> Callable[..., dict[str, Any]]:
    """A manifest of that plan: ``make_manifest(kind="WorkflowTemplate")``."""

    def make(**options: Any) -> dict[str, Any]:
        return build_manifest(plan, config=make_config(), **options)

    return make


@pytest.fixture
def tool_log(tmp_path: Path) -> Callable[[], list[list[str]]]:
    """What the tools on PATH were asked, in order."""

    def read() -> list[list[str]]:
        log = tmp_path / "tools.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    return read


@pytest.fixture
def install_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put executables on PATH that note their arguments; besides them, there is only git."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").symlink_to(
        next(
            file
            for part in os.environ["PATH"].split(os.pathsep)
            if os.access(file := os.path.join(part, "git"), os.X_OK)  # noqa: PTH118  as PATH has it
        )
    )
    monkeypatch.setenv("PATH", str(folder))

    def install(name: str, *, status: int = 0, digest: str = DIGEST) -> None:
        text = TOOL.format(python=sys.executable, log=tmp_path / "tools.log", status=status, digest=digest)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    return install


@pytest.fixture
def git_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a Dockerfile, committed."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    commit(folder)
    return folder


def commit(folder: Path) -> str:
    """Commit all that is in a folder, and give the commit."""
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S607  the machine's git
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return head.stdout.strip()

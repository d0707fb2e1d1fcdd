"""Judge manifests as the cluster would; projects in git; image tools that record their arguments."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.image_tools import DIGEST, TOOL, commit
from tests.argo.real.pods import list_pods
from tests.argo.real.validator import start_pod_validator, start_validators
from tests.conftest import SHARED

from kedro_matrix_ext.argo import dump_manifest
from kedro_matrix_ext.argo.validation import find_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

from tests.argo.real.validator import ArgoValidator, PodValidator


@pytest.fixture(scope="session")
def validators() -> Iterator[list[ArgoValidator]]:
    """Argo's own validators; none where they are not built."""
    validators = start_validators()
    yield validators
    for validator in validators:
        validator.close()


@pytest.fixture(scope="session")
def kubernetes() -> Iterator[PodValidator | None]:
    """Kubernetes' own validator of pods; none where it is not built."""
    validator = start_pod_validator()
    yield validator
    if validator is not None:
        validator.close()


@pytest.fixture
def argo(validators: list[ArgoValidator]) -> list[ArgoValidator]:
    """Argo's own validators; the test is skipped where they are not built."""
    if not validators:
        return pytest.skip("Argo's validator is not built: `nox -s argo_validate` does it, with Go >= 1.25")
    return validators


@pytest.fixture(scope="session")
def schemas() -> dict[str, Any]:
    """A validator per kind by the strict schema of Argo v4; none without the public schemas."""
    import jsonschema_rs

    return {
        kind: jsonschema_rs.validator_for(json.loads(file.read_text()))
        for kind in ("Workflow", "WorkflowTemplate", "CronWorkflow")
        if (file := SHARED / "argo" / f"{kind.lower()}s.v4.schema.json").exists()
    }


@pytest.fixture(scope="session")
def admit(
    schemas: dict[str, Any], validators: list[ArgoValidator], kubernetes: PodValidator | None
) -> Callable[[dict[str, Any]], None]:
    """Admit a manifest as the cluster would: by our rules and, where present, by Argo and Kubernetes."""

    def check(manifest: dict[str, Any]) -> None:
        if schemas:
            schemas[manifest["kind"]].validate(manifest)
        assert [str(fault) for fault in find_faults(manifest, check_size=False)] == []
        text = dump_manifest(manifest) if validators else ""
        for validator in validators:
            assert validator.read(text) == manifest
            assert (validator.version, validator.refuse(text)) == (validator.version, "")
        if kubernetes is not None:
            assert [kubernetes.refuse(pod, patches) for pod, patches in list_pods(manifest)] == [
                "" for _ in list_pods(manifest)
            ]

    return check


@pytest.fixture
def tool_log(tmp_path: Path) -> Callable[[], list[list[str]]]:
    """The recorded calls of the tools on PATH, in order."""

    def read() -> list[list[str]]:
        log = tmp_path / "tools.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    return read


@pytest.fixture
def install_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put executables on PATH that record their arguments; git is the only other program."""
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

    def install(name: str, *, status: int = 0, digest: str = DIGEST, answers_info: bool = False) -> None:
        text = TOOL.format(
            python=sys.executable,
            log=tmp_path / "tools.log",
            status=status,
            digest=digest,
            answers_info=answers_info,
        )
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

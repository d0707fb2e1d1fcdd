"""What the preflight finds about machines, and the templates that tasks run in."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from kedro.pipeline import Node
from tests.argo.preflight.checked_pipelines import chain, check, codes, take

from kedro_matrix_ext.argo import (
    ArgoNode,
    ArgoResourceConfig,
    FusedPipeline,
    scaffold,
)
from kedro_matrix_ext.argo.preflight.rules.machines import usable_cores, usable_memory


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

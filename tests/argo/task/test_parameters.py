"""Parameters given at submit, on their way: through manifest, Argo and Kubernetes, to what nodes get."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader
from tests.config_folder import quiet_kedro

from kedro_matrix_ext import LayeredConfigLoader
from kedro_matrix_ext.argo import ArgoConfig, ArgoResourceConfig, Plan, Task, build_manifest, dump_manifest
from kedro_matrix_ext.errors import ArgoError, ConfigurationError
from kedro_matrix_ext.hooks.workflow_task import WorkflowTaskHooks

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "KEDRO_MATRIX_PARAMS"
CONFIG = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
TASK = Task(name="train", nodes=("train",), resources=ArgoResourceConfig(), pipelines=("ds",))
PLAN = Plan(pipeline="__default__", env="cloud", group_by="node", tasks=(TASK,))

# What Argo, Kubernetes, YAML, a shell or Kedro's own parser would trip over. "${" is OmegaConf's, as it is in
# what 'kedro run --params' takes.
ODD = [
    "{{",
    "}}",
    "{{workflow.name}}",
    "$(HOME)",
    "$$",
    "=",
    ",",
    "\n",
    "'",
    '"',
    "\\",
    "é",
    "🚗",
    "null",
    "1",
    " ",
]
TEXT = st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=5)), max_size=4).map("".join)
SAFE = TEXT.filter(lambda text: "${" not in text and not text.endswith("???"))
LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | SAFE
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SAFE, inner, max_size=3), max_leaves=8
)
PARAMETERS = st.dictionaries(SAFE.filter(bool), VALUE, min_size=1, max_size=4)


def hand_over(parameters: dict[str, Any]) -> str:
    """Give the variable's value as a pod sees it: Argo has replaced its tags, Kubernetes its references."""
    manifest = yaml.safe_load(dump_manifest(build_manifest(PLAN, config=CONFIG, params=parameters)))
    leaf = next(part for part in manifest["spec"]["templates"] if part["name"] == "kedro")
    value = next(entry["value"] for entry in leaf["container"]["env"] if entry["name"] == VARIABLE)
    by_argo = re.sub(r"\{\{.*?\}\}", "REPLACED", value, flags=re.DOTALL)
    return re.sub(r"\$\$|\$\(([^)]*)\)", lambda found: "$" if found[1] is None else "REPLACED", by_argo)


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose parameters the workflow's are merged over."""
    folder = tmp_path_factory.mktemp("conf")
    for environment in ("base", "cloud"):
        (folder / environment).mkdir()
    (folder / "base/parameters.yml").write_text("model: {depth: 1, eta: 0.1}\nkept: [1]\n")
    (folder / "cloud/parameters.yml").write_text("model: {depth: 2}\n")
    return folder


def load(conf: Path, kind: type[Any], given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Load parameters as a task does."""
    with quiet_kedro():
        loader = kind(
            str(conf),
            env="cloud",
            base_env="base",
            default_run_env="local",
            runtime_params=given,
            merge_strategy={"parameters": "soft"},
        )
        WorkflowTaskHooks().after_context_created(cast("Any", SimpleNamespace(config_loader=loader)))
        loaded: dict[str, Any] = loader["parameters"]
        return loaded


@pytest.mark.long
@settings(max_examples=60)
@given(parameters=PARAMETERS)
@pytest.mark.parametrize("kind", [LayeredConfigLoader, OmegaConfigLoader])
def test_any_parameters_reach_the_loader_typed_and_whole(
    conf: Path, kind: type[Any], parameters: dict[str, Any]
) -> None:
    """What was given at submit is what nodes get, under both loaders; nothing is replaced on the way."""
    mapped = {"given": parameters}
    with patch.dict("os.environ", {VARIABLE: hand_over(mapped)}):
        loaded = load(conf, kind)
    assert loaded["given"] == parameters
    assert repr(loaded["given"]) == repr(parameters)  # 1 is not True, nor 1.0
    assert (loaded["model"], loaded["kept"]) == ({"depth": 2, "eta": 0.1}, [1])


@pytest.mark.parametrize("kind", [LayeredConfigLoader, OmegaConfigLoader])
def test_they_win_over_files_and_yield_to_the_commands_own(
    conf: Path, kind: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Command, then workflow, then files; mappings are merged, lists replaced."""
    monkeypatch.setenv(VARIABLE, hand_over({"model": {"depth": 3, "eta": 0.3}, "kept": []}))
    assert load(conf, kind) == {"model": {"depth": 3, "eta": 0.3}, "kept": []}
    own = load(conf, kind, {"model": {"depth": 4}})
    assert own == {"model": {"depth": 4, "eta": 0.3}, "kept": []}


@pytest.mark.parametrize("value", [float("nan"), {1: "one"}, [{"a": object()}]])
def test_what_would_not_come_back_the_same_is_refused_at_submit(value: object) -> None:
    """Rather than passed as something else; the message says where it is."""
    with pytest.raises(ArgoError, match="cannot be passed to tasks as it is") as refused:
        build_manifest(PLAN, config=CONFIG, params={"model": {"odd": value}})
    assert "params: model.odd" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"), [("{", "holds no JSON"), ("[1]", "holds list, not a JSON object")]
)
def test_a_variable_with_something_else_is_refused(
    conf: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    """A mistake in it is one clear error."""
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ConfigurationError, match=message):
        load(conf, LayeredConfigLoader)

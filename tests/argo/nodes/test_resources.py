"""Requests and limits: what is accepted, refused, rendered and fused."""

from __future__ import annotations

import pickle
import re
import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kedro_matrix_ext.argo import (
    ARGO_CPU_ONLY_NODE_MEDIUM,
    ARGO_GPU_NODE_MEDIUM,
    ARGO_NODE_H3_MATRIX_GENERATION,
    ARGO_NODE_L,
    ARGO_NODE_M,
    ARGO_NODE_MEDIUM_MATRIX_GENERATION,
    ARGO_NODE_S,
    ARGO_NODE_XL,
    ArgoResourceConfig,
)
from kedro_matrix_ext.argo.nodes.quantities import parse_cores, parse_gib, render_cores, render_gib

if TYPE_CHECKING:
    from decimal import Decimal

AMOUNTS = st.floats(min_value=0.01, max_value=200, allow_nan=False)


def both(cpu: float, memory: float, storage: float = 1, gpus: int = 0) -> ArgoResourceConfig:
    """Make a configuration whose limits are its requests."""
    return ArgoResourceConfig(
        num_gpus=gpus,
        cpu_request=cpu,
        cpu_limit=cpu,
        memory_request=memory,
        memory_limit=memory,
        ephemeral_storage_request=storage,
        ephemeral_storage_limit=storage,
    )


CONFIGS = st.builds(both, AMOUNTS, AMOUNTS, AMOUNTS, st.integers(0, 8))


def test_the_defaults_are_the_documented_ones() -> None:
    """Without arguments: no GPU, CPU 4/14, memory 52/52, storage 0/128."""
    assert ArgoResourceConfig().model_dump() == {
        "num_gpus": 0,
        "cpu_request": 4,
        "cpu_limit": 14,
        "memory_request": 52,
        "memory_limit": 52,
        "ephemeral_storage_request": 0,
        "ephemeral_storage_limit": 128,
    }


def test_defaults_render_as_kubernetes_writes_them() -> None:
    """Storage of 0 is not requested, and a task without GPUs does not mention them."""
    config = ArgoResourceConfig()
    assert config.requests == {"cpu": "4", "memory": "52Gi"}
    assert config.limits == {"cpu": "14", "memory": "52Gi", "ephemeral-storage": "128Gi"}
    assert ARGO_GPU_NODE_MEDIUM.limits["nvidia.com/gpu"] == "1"


@pytest.mark.parametrize(
    ("written", "cores"),
    [("500m", 0.5), ("2", 2), ("0.25", 0.25), (" 1e1 ", 10), (4.0, 4), (0.1, 0.1), ("1500000u", 1.5)],
)
def test_cores_are_numbers_or_quantities(written: Any, cores: float) -> None:
    """CPU is read from a number of cores and from a Kubernetes quantity alike."""
    assert parse_cores(written) == cores


@pytest.mark.parametrize(
    ("written", "gib"),
    [("1536Mi", 1.5), ("52Gi", 52), ("1Ti", 1024), ("1073741824", 1), ("1G", 1e9 / 2**30), (0.5, 0.5)],
)
def test_memory_is_numbers_or_quantities(written: Any, gib: float) -> None:
    """Memory is read from a number of GiB and from a Kubernetes quantity alike."""
    assert parse_gib(written) == gib


@pytest.mark.parametrize(
    "written", ["52GB", "4 cores", "", "Gi", "-", None, [], True, float("nan"), float("inf")]
)
def test_other_values_are_refused(written: Any) -> None:
    """Anything else is an error that names the field and repeats the value."""
    with pytest.raises(ValidationError, match="memory_limit"):
        ArgoResourceConfig(memory_limit=written)
    with pytest.raises(ValidationError, match=re.escape(repr(written))):
        ArgoResourceConfig(cpu_limit=written)


def test_a_number_in_quotes_is_not_taken_for_bytes() -> None:
    """`"52"` would be 52 bytes to Kubernetes; the error says how to write GiB."""
    with pytest.raises(ValidationError, match="'52Gi'"):
        ArgoResourceConfig(memory_request="52", memory_limit="52")


@pytest.mark.parametrize("field", ["cpu_request", "cpu_limit", "memory_request", "memory_limit"])
@pytest.mark.parametrize("amount", [0, -1, "-500m", "0"])
def test_cpu_and_memory_must_be_positive(field: str, amount: Any) -> None:
    """Zero or less CPU or memory is an error that names the field."""
    with pytest.raises(ValidationError, match=field):
        ArgoResourceConfig(**{field: amount})


@pytest.mark.parametrize("field", ["num_gpus", "ephemeral_storage_request", "ephemeral_storage_limit"])
def test_gpus_and_storage_must_not_be_negative(field: str) -> None:
    """GPUs and storage may be 0 but not less; the error names the field."""
    assert getattr(ArgoResourceConfig(**{field: 0}), field) == 0
    with pytest.raises(ValidationError, match=field):
        ArgoResourceConfig(**{field: -1})


def test_gpus_are_not_true_or_false() -> None:
    """`num_gpus: true` is a mistake, not one GPU."""
    with pytest.raises(ValidationError, match="num_gpus"):
        ArgoResourceConfig(num_gpus=True)


@pytest.mark.parametrize("kind", ["cpu", "memory", "ephemeral_storage"])
def test_a_limit_below_its_request_is_refused(kind: str) -> None:
    """The error names both fields, and says where the limit is the default."""
    with pytest.raises(ValidationError, match=rf"{kind}_limit is 1 below {kind}_request"):
        ArgoResourceConfig(**{f"{kind}_request": 2, f"{kind}_limit": 1})
    with pytest.raises(ValidationError, match=rf"{kind}_limit is \d+, its default, below {kind}_request"):
        ArgoResourceConfig(**{f"{kind}_request": 200})


def test_unknown_fields_are_refused_and_values_cannot_be_set() -> None:
    """The model is closed and frozen."""
    with pytest.raises(ValidationError, match="memory"):
        ArgoResourceConfig(memory=4)  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="frozen"):
        ArgoResourceConfig().num_gpus = 1


@pytest.mark.parametrize(
    ("amounts", "message"),
    [
        ({"cpu_request": 4, "cpu_limit": 4000}, "cpu_limit is 4000 cores"),
        ({"memory_limit": 52_000}, "memory_limit is 52000 GiB"),
        ({"ephemeral_storage_limit": 5000}, "ephemeral_storage_limit is 5000 GiB"),
    ],
)
def test_amounts_of_another_unit_are_warned_about(amounts: dict[str, Any], message: str) -> None:
    """More than 256 cores or 4,096 GiB: a warning about the unit that points at the caller's line."""
    with pytest.warns(UserWarning, match=message) as caught:
        ArgoResourceConfig(**amounts)
    assert caught[0].filename == __file__


def test_the_largest_usual_amounts_are_not_warned_about() -> None:
    """256 cores and 4,096 GiB are fine."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        both(256, 4096, 4096)


@settings(deadline=None)
@given(CONFIGS, CONFIGS)
def test_fusing_takes_the_maximum_of_each_field(left: ArgoResourceConfig, right: ArgoResourceConfig) -> None:
    """The result has the larger value of every field, is valid, and neither operand has changed."""
    before = left.model_dump(), right.model_dump()
    fused = left.fuse(right)
    for name, value in fused.model_dump().items():
        assert value == max(getattr(left, name), getattr(right, name))
    assert ArgoResourceConfig.model_validate(fused.model_dump()) == fused == right.fuse(left)
    assert (left.model_dump(), right.model_dump()) == before


@settings(deadline=None)
@given(CONFIGS)
def test_configurations_survive_pickle_and_json(config: ArgoResourceConfig) -> None:
    """A configuration comes back equal, with an equal hash."""
    assert pickle.loads(pickle.dumps(config)) == config
    again = ArgoResourceConfig.model_validate_json(config.model_dump_json())
    assert again == config
    assert hash(again) == hash(config)


@settings(deadline=None)
@given(st.floats(min_value=0.001, max_value=4096))
def test_rendered_memory_is_a_quantity_of_at_least_the_amount(gib: float) -> None:
    """Rendered memory is a Kubernetes quantity, never less than requested, at most a MiB more."""
    text = render_gib(gib)
    assert re.fullmatch(r"\d+(Ki|Mi|Gi)?", text)
    assert gib - 1e-12 <= float(parse_gib(text)) <= gib + 1 / 1024


@settings(deadline=None)
@given(st.decimals(min_value="0.001", max_value=256, places=3))
def test_millicores_come_back_as_they_were(cores: Decimal) -> None:
    """Rendering and reading CPU gives the same number, however its float looks."""
    assert parse_cores(render_cores(float(cores))) == float(cores)


def test_presets_are_the_documented_sizes() -> None:
    """The documented names have their documented sizes, and fusing leaves them alone."""
    assert ArgoResourceConfig() == ARGO_CPU_ONLY_NODE_MEDIUM
    assert ArgoResourceConfig(num_gpus=1) == ARGO_GPU_NODE_MEDIUM
    assert both(48, 256, 512) == ARGO_NODE_MEDIUM_MATRIX_GENERATION
    assert both(87, 300, 512) == ARGO_NODE_H3_MATRIX_GENERATION
    assert ARGO_CPU_ONLY_NODE_MEDIUM.fuse(ARGO_GPU_NODE_MEDIUM).num_gpus == 1
    assert ARGO_CPU_ONLY_NODE_MEDIUM.num_gpus == 0


def test_the_ladder_climbs() -> None:
    """Each size of S, M, L, XL has more of everything than the one before."""
    ladder = [ARGO_NODE_S, ARGO_NODE_M, ARGO_NODE_L, ARGO_NODE_XL]
    for smaller, larger in pairwise(ladder):
        assert smaller.fuse(larger) == larger != smaller

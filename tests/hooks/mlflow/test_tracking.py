"""What ``tracking.yml`` may say, where the store is, and how values are fitted to MLflow; without MLflow."""

from __future__ import annotations

import dataclasses
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.pipeline import Pipeline, node
from pydantic import BaseModel

from kedro_matrix_ext.errors import HookError
from kedro_matrix_ext.hooks import MLflowHooks
from kedro_matrix_ext.hooks.mlflow.config import parse_tracking_config
from kedro_matrix_ext.hooks.mlflow.flattening import fit_keys, fit_value, flatten_numbers, flatten_parameters
from kedro_matrix_ext.hooks.mlflow.tracking_uri import check_answers, locate_store

Run = Callable[..., dict[str, Any]]
PIPELINE = Pipeline([node(lambda: 1, None, "x", name="a")])


def test_every_mistake_is_told_at_once_with_its_place_and_the_nearest_key() -> None:
    """Unknown keys at any depth and wrong types are one error."""
    wrong = {
        "experimant": "shop",
        "log": {"parameter": True, "metrics": {"datasets": "metrics", "node": ["a"]}},
        "tags": {"team": ["a", "b"]},
        "timeout": 0,
    }
    with pytest.raises(HookError, match=r"tracking\.yml cannot be used") as raised:
        parse_tracking_config(wrong)
    lines = str(raised.value).splitlines()[1:-1]
    assert _has_line(lines, "tracking: experimant:", "'experiment'")
    assert _has_line(lines, "tracking: log.parameter:", "'parameters'")
    assert _has_line(lines, "tracking: log.metrics.node:", "'nodes'")
    assert _has_line(lines, "tracking: log.metrics.datasets:", "'metrics'")
    assert _has_line(lines, "tracking: tags.team:", "'b'")
    assert _has_line(lines, "tracking: timeout:", "0")


def _has_line(lines: list[str], place: str, text: str) -> bool:
    return any(line.strip().startswith(place) and text in line for line in lines)


def test_a_mistake_stops_the_session_before_anything_runs(run_with_hooks: Run) -> None:
    """The context alone is enough to notify the hook."""
    with pytest.raises(HookError, match="Did you mean 'required'"):
        run_with_hooks([MLflowHooks()], PIPELINE, conf={"base/tracking.yml": "requird: true"})


def test_the_file_must_hold_a_mapping(run_with_hooks: Run) -> None:
    """A list is refused, whichever error the loader or the hook words it with."""
    with pytest.raises(Exception, match=r"(?i)mapping|dict|list|iterable|update"):
        run_with_hooks([MLflowHooks()], PIPELINE, conf={"base/tracking.yml": "- a\n- b\n"})


def test_a_run_without_the_extra_says_how_to_get_it(
    run_with_hooks: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One error names the package; with ``required: false`` one warning does, and the run goes on."""
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(HookError, match="not installed") as raised:
        run_with_hooks([MLflowHooks()], PIPELINE)
    assert "Run: pip install mlflow" in str(raised.value)

    run_with_hooks([MLflowHooks()], PIPELINE, conf={"base/tracking.yml": "required: false"})
    assert [record.levelname for record in caplog.records if "pip install mlflow" in record.message] == [
        "WARNING"
    ]


@pytest.mark.parametrize(
    ("written", "located"),
    [
        ("sqlite:///mlruns.db", "sqlite:////srv/shop/mlruns.db"),
        ("sqlite:///data/runs.db?timeout=9", "sqlite:////srv/shop/data/runs.db?timeout=9"),
        ("sqlite:////var/mlruns.db", "sqlite:////var/mlruns.db"),
        ("mlruns", "file:///srv/shop/mlruns"),
        ("http://tracking:5000/path", "http://tracking:5000/path"),
        ("postgresql+psycopg2://user@db/mlflow", "postgresql+psycopg2://user@db/mlflow"),
        ("databricks", "databricks"),
    ],
)
def test_relative_paths_are_under_the_project(written: str, located: str) -> None:
    """A path on this machine is made absolute; addresses stay as they are."""
    assert locate_store(written, Path("/srv/shop")) == located


def test_a_store_that_cannot_be_had_is_found_out_without_mlflow(tmp_path: Path) -> None:
    """A port nobody listens on, a file that is not a database, a folder in place of one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for scheme in ("http", "postgresql+psycopg2"):
            with pytest.raises(HookError, match="does not answer"):
                check_answers(f"{scheme}://127.0.0.1:{port}", 1)
        taken.listen()
        check_answers(f"http://127.0.0.1:{port}", 5)
    (tmp_path / "text.db").write_text("this is not a database, although it is long enough to be one" * 20)
    for path in (tmp_path / "text.db", tmp_path):
        with pytest.raises(HookError, match="does not answer"):
            check_answers(f"sqlite:///{path}", 1)
    check_answers(f"sqlite:///{tmp_path}/new/folder/runs.db", 1)


def test_an_address_that_is_none_is_told_without_its_password() -> None:
    """A port that is not a number; names and passwords stay out of messages."""
    with pytest.raises(HookError, match="does not answer") as raised:
        check_answers("postgresql://me:hidden@localhost:54x2/mlflow", 1)
    assert "'postgresql://********@localhost:54x2/mlflow'" in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_parameters_are_flattened_through_mappings_and_models() -> None:
    """Typed parameters (pydantic models, dataclasses) are taken apart like mappings; lists are one value."""

    class Typed(BaseModel):
        rate: float = 0.1

    @dataclasses.dataclass
    class Plain:
        typed: Typed

    flat = flatten_parameters({"a": Plain(Typed()), "b": {}, "c": [{"object": "x.Y"}], "d": {3: True}})
    assert flat == {"a.typed.rate": "0.1", "b": "{}", "c": '[{"object": "x.Y"}]', "d.3": "True"}


def test_only_numbers_become_metrics() -> None:
    """NumPy's and Decimal's relatives of float count, truth values too; texts and frames do not."""
    numpy = pytest.importorskip("numpy")
    data = {"r2": numpy.float32(0.5), "n": numpy.int64(3), "ok": True, "name": "linear", "rows": [1, 2]}
    assert flatten_numbers("m@pandas", data) == {"m.r2": 0.5, "m.n": 3.0, "m.ok": 1.0}
    assert flatten_numbers("loss", 2) == {"loss": 2.0}
    assert flatten_numbers("frame", object()) == {}


@given(
    st.dictionaries(st.text(min_size=1), st.integers(), max_size=20), st.integers(min_value=20, max_value=60)
)
def test_fitted_keys_are_what_mlflow_takes_and_none_is_lost(values: dict[str, int], longest: int) -> None:
    """Whatever the names: as many as before, short enough, of MLflow's alphabet; good ones unchanged."""
    fitted = fit_keys(values, longest)
    assert list(fitted.values()) == list(values.values())
    assert all(len(key) <= longest and re.fullmatch(r"[/\w.\- ]+", key) for key in fitted)
    try:
        from mlflow.utils.validation import _validate_param_name
    except ModuleNotFoundError:
        return
    for key in fitted:
        _validate_param_name(key)  # type: ignore[no-untyped-call]


@given(st.text(max_size=40), st.integers(min_value=3, max_value=30))
def test_a_value_is_cut_only_where_it_is_too_long(text: str, longest: int) -> None:
    """What fits stays; what is cut fills the length and says so."""
    fitted = fit_value(text, longest)
    assert fitted == text if len(text) <= longest else (len(fitted), fitted[-3:]) == (longest, "...")

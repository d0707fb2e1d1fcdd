"""Declared objects that cannot be made are found before a run, and nothing is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro_matrix_ext import inject_object
from kedro_matrix_ext.findings import FINDING_CODES, Location, Severity
from kedro_matrix_ext.injection import check_injected_objects
from kedro_matrix_ext.injection.checks import check_call
from kedro_matrix_ext.injection.decorators.calls import Call, Given

if TYPE_CHECKING:
    import pytest

T = "declared_targets"


def test_every_block_that_cannot_be_made_is_found_at_its_place(targets: Any) -> None:
    """Not importable, refused, wrong arguments, malformed; at any depth; good blocks are silent."""
    targets.CALLS.clear()
    tree = {
        "good": {"object": f"{T}.record", "value": {"object": f"{T}.Scaler", "factor": 1}},
        "models": [
            {"object": "nope.x"},
            {"object": f"{T}.Scalar"},
            {"object": "os.system", "command": "ls"},
            {"object": f"{T}.Strict", "dept": 1},
            {"object": f"{T}.keep", "deep": ({"object": "nope"},), "args": [{"object": 3}]},
        ],
        "raw": {"object": "nope"},
    }
    found = list(check_injected_objects(tree, keys=["base"], exclude_kwargs=["raw"]))
    assert [finding.location.config_path for finding in found] == [
        "parameters: base.models[0].object",
        "parameters: base.models[1].object",
        "parameters: base.models[2].object",
        "parameters: base.models[3]",
        "parameters: base.models[4].args[0]",
        "parameters: base.models[4].deep[0].object",
    ]
    assert {finding.code for finding in found} == {"injected-object"}
    assert {finding.severity for finding in found} == {Severity.ERROR}
    assert "Did you mean 'depth'?" in found[3].fix
    assert targets.CALLS == []


def test_what_is_allowed_narrows_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check judges as the run would."""
    tree = {"model": {"object": "decimal.Decimal"}}
    assert list(check_injected_objects(tree)) == []
    assert len(list(check_injected_objects(tree, allow=["fractions.*"]))) == 1
    monkeypatch.setenv("KEDRO_MATRIX_INJECT_ALLOWLIST", "fractions.*")
    assert len(list(check_injected_objects(tree))) == 1


def test_the_key_that_declares_objects_narrows_the_check() -> None:
    """With ``key="_object"``, a value of ``object`` is data for the checks too; the rest is found."""
    tree = {"triple": {"subject": "a", "object": "nobody"}, "model": {"_object": "nope.x", "object": "b"}}
    found = list(check_injected_objects(tree, key="_object"))
    assert [str(each.location) for each in found] == ["parameters: model._object"]

    @inject_object(key="_object")
    def learn(triple: object, model: object) -> object:
        return triple, model

    given = {name: Given(value, f"params:{name}", (name,)) for name, value in tree.items()}
    assert [each.dataset for each in check_call(learn, Call((), given))] == ["params:model"]


def test_findings_say_where_foreign_keywords_come_from_where_that_is_known(targets: Any) -> None:
    """A merge of one estimator over another: the files of both are named."""
    lines: dict[tuple[object, ...], int] = {("model",): 1, ("model", "n_estimators"): 7}

    def locate(keys: tuple[object, ...]) -> Location | None:
        return Location(file="conf/base/parameters.yml", line=lines[keys]) if keys in lines else None

    tree = {"model": {"object": f"{T}.Strict", "depth": 1, "n_estimators": 5, "max_features": 2}}
    (found,) = check_injected_objects(tree, locate=locate)
    assert str(found.location) == "parameters: model (conf/base/parameters.yml:1)"
    assert found.fix.endswith("'n_estimators' comes from conf/base/parameters.yml:7.")


def test_a_finding_without_a_hint_of_its_own_has_the_codes_remedy(targets: Any) -> None:
    """Every finding says what to do."""
    (found,) = check_injected_objects({"a": {"object": f"{T}.Strict"}})
    assert found.fix == FINDING_CODES["injected-object"].remedy

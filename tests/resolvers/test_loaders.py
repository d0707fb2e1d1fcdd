"""The same resolvers under Kedro's own OmegaConfigLoader and under ours."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from tests.config_folder import ConfFolder

from kedro_matrix_ext import config_loader_args
from kedro_matrix_ext.errors import MissingEnvironmentVariableError
from kedro_matrix_ext.resolvers import default_resolvers

if TYPE_CHECKING:
    from pathlib import Path

both_loaders = pytest.mark.parametrize("loader", ["layered", "omegaconf"])


@pytest.fixture
def conf(tmp_path: Path) -> ConfFolder:
    """A configuration folder with an empty ``local``."""
    (tmp_path / "local").mkdir()
    return ConfFolder(tmp_path)


def _load(conf: ConfFolder, loader: str, config_type: str, env: str | None = None) -> Any:
    return getattr(conf, loader)(env)[config_type]


def _project(folder: Path, name: str) -> ConfFolder:
    """Make a folder whose parameters name it through a resolver, a global and a variable."""
    arguments = config_loader_args(custom_resolvers={"who": lambda: name})
    text = "who: ${who:}\nwhere: ${globals:where}\nseed: ${oc.int:${oc.env:KM_SEED}}\n"
    files = {"base/parameters.yml": text, "base/globals.yml": f"where: {name}\n", "local/.gitkeep": ""}
    return ConfFolder(folder / name, arguments).write(files)


@both_loaders
def test_a_globals_file_may_name_a_variable_with_a_default(
    conf: ConfFolder, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`gs://bucket/project/${oc.env:WORKFLOW_ID, dummy}` has its default, or the variable's value."""
    monkeypatch.delenv("WORKFLOW_ID", raising=False)
    conf.write({"base/globals.yml": "path: gs://bucket/project/${oc.env:WORKFLOW_ID, dummy}\n"})
    assert _load(conf, loader, "globals") == {"path": "gs://bucket/project/dummy"}
    monkeypatch.setenv("WORKFLOW_ID", "wf-7")
    assert _load(conf, loader, "globals") == {"path": "gs://bucket/project/wf-7"}


@both_loaders
def test_two_loaders_one_after_the_other_have_their_own_values(
    tmp_path: Path, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each uses the resolvers it was given, though Kedro's keeps names that are already registered."""
    seen = []
    for name, seed in (("first", "1"), ("second", "2")):
        monkeypatch.setenv("KM_SEED", seed)
        seen.append(_load(_project(tmp_path, name), loader, "parameters"))
    assert seen == [
        {"who": "first", "where": "first", "seed": 1},
        {"who": "second", "where": "second", "seed": 2},
    ]


@pytest.mark.parametrize(("loader", "firsts"), [("layered", "first"), ("omegaconf", "second")])
def test_loaders_that_take_turns(
    tmp_path: Path, loader: str, firsts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours keep apart. Kedro's limit: what loads late has the resolvers and globals of the last one built."""
    monkeypatch.setenv("KM_SEED", "1")
    first, second = (getattr(_project(tmp_path, name), loader)() for name in ("first", "second"))
    assert second["parameters"] == {"who": "second", "where": "second", "seed": 1}
    assert first["parameters"] == {"who": firsts, "where": firsts, "seed": 1}


@both_loaders
def test_all_resolvers_work_in_every_kind_of_file(
    conf: ConfFolder, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters, catalog and credentials; none of it draws a warning of ours."""
    monkeypatch.setenv("KM_TOKEN", "secret")
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", "run-1")
    conf.write(
        {
            "base/globals.yml": "folder: data\n",
            "base/parameters.yml": """
                base: {depth: 3, names: [a, b]}
                variant: "${merge:${.base},{depth: 9}}"
                shallow: "${merge_shallow:${base},null}"
                cheap: ${if_null:null,${oc.bool:no},${oc.float:1}}
                """,
            "base/catalog.yml": "t: {filepath: '${globals:folder}/${run:id}-${ka.random:}'}\n",
            "base/credentials.yml": "s3: {token: '${oc.env:KM_TOKEN}'}\n",
        }
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        types = ("parameters", "catalog", "credentials")
        parameters, catalog, credentials = (_load(conf, loader, name) for name in types)
    assert parameters["variant"] == {"depth": 9, "names": ["a", "b"]}
    assert parameters["shallow"] == {"depth": 3, "names": ["a", "b"]}
    assert parameters["cheap"] is False
    assert catalog["t"]["filepath"].startswith("data/run-1-")
    assert credentials == {"s3": {"token": "secret"}}
    assert [str(w.message) for w in caught if "register_new_resolver" not in str(w.message)] == []


def test_a_missing_variable_can_be_found_in_omegaconfs_error(conf: ConfFolder) -> None:
    """OmegaConf wraps what a resolver raises; the error that names the variable is in the chain."""
    conf.write({"base/parameters.yml": "a: ${oc.env:KM_MISSING}\n"})
    with pytest.raises(Exception, match="'KM_MISSING' is not set") as caught:
        _load(conf, "omegaconf", "parameters")
    chain: list[BaseException] = []
    error: BaseException | None = caught.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    missing = [link.variable for link in chain if isinstance(link, MissingEnvironmentVariableError)]
    assert set(missing) == {"KM_MISSING"}


def test_every_resolver_is_given_to_kedros_loader(conf: ConfFolder) -> None:
    """What config_loader_args passes are the resolvers of this package and the one for settings."""
    assert list(conf.arguments["custom_resolvers"]) == [*default_resolvers(), "setting"]

"""The same resolvers under Kedro's own OmegaConfigLoader, given as ``custom_resolvers``."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from kedro.config import OmegaConfigLoader

from kedro_matrix_ext.errors import MissingEnvironmentVariableError
from kedro_matrix_ext.resolvers import default_resolvers, offer_resolvers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    WriteConf = Callable[[str, Mapping[str, str]], str]

# Kedro 1.7 itself calls what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:register_new_resolver:UserWarning")


@pytest.fixture
def write_conf(tmp_path: Path) -> WriteConf:
    """Write ``conf/<file>`` for each name and give the folder."""

    def write(folder: str, files: Mapping[str, str]) -> str:
        for name, text in {"local/.gitkeep": "", **files}.items():
            file = tmp_path / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return str(tmp_path / folder)

    return write


def _loader(conf: str, custom: Mapping[str, Any] | None = None, env: str | None = None) -> OmegaConfigLoader:
    """Make a loader as a session does from settings.py."""
    resolvers = {**default_resolvers(), **(custom or {})}
    offer_resolvers(resolvers)
    return OmegaConfigLoader(
        conf, env=env, base_env="base", default_run_env="local", custom_resolvers=resolvers
    )


def test_a_globals_file_may_name_a_variable_with_a_default(
    write_conf: WriteConf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`gs://bucket/project/${oc.env:WORKFLOW_ID, dummy}` has its default, or the variable's value."""
    monkeypatch.delenv("WORKFLOW_ID", raising=False)
    conf = write_conf(
        "conf", {"base/globals.yml": "path: gs://bucket/project/${oc.env:WORKFLOW_ID, dummy}\n"}
    )
    assert _loader(conf)["globals"] == {"path": "gs://bucket/project/dummy"}
    monkeypatch.setenv("WORKFLOW_ID", "wf-7")
    assert _loader(conf)["globals"] == {"path": "gs://bucket/project/wf-7"}


def test_two_loaders_one_after_the_other_have_their_own_values(
    write_conf: WriteConf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each loader uses the custom resolvers it was given, though Kedro keeps names already registered."""
    files = {"base/parameters.yml": "who: ${who:}\nseed: ${oc.int:${oc.env:KM_SEED}}\n"}
    seen = []
    for name, seed in (("first", "1"), ("second", "2")):
        monkeypatch.setenv("KM_SEED", seed)
        loader = _loader(write_conf(name, files), {"who": lambda name=name: name})
        seen.append(loader["parameters"])
    assert seen == [{"who": "first", "seed": 1}, {"who": "second", "seed": 2}]


def test_loaders_in_turns_share_the_last_ones_resolvers(
    write_conf: WriteConf,
) -> None:
    """Kedro's limit: what loads after another loader was built has that one's resolvers and globals."""
    files = {"base/parameters.yml": "who: ${who:}\nwhere: ${globals:where}\n"}
    first, second = (
        _loader(
            write_conf(name, {**files, "base/globals.yml": f"where: {name}\n"}),
            {"who": lambda name=name: name},
        )
        for name in ("first", "second")
    )
    assert second["parameters"] == {"who": "second", "where": "second"}
    assert first["parameters"] == {"who": "second", "where": "second"}


def test_all_resolvers_work_in_every_kind_of_file(
    write_conf: WriteConf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters, catalog and credentials; none of it draws a warning but Kedro's own."""
    monkeypatch.setenv("KM_TOKEN", "secret")
    conf = write_conf(
        "conf",
        {
            "base/globals.yml": "folder: data\n",
            "base/parameters.yml": (
                "base: {depth: 3, names: [a, b]}\n"
                "variant: '${merge:${.base},{depth: 9}}'\n"
                "shallow: '${merge_shallow:${.base},null}'\n"
                "cheap: ${if_null:null,${oc.bool:no},${oc.float:1}}\n"
            ),
            "base/catalog.yml": "t: {filepath: '${globals:folder}/${run:id}-${ka.random:}'}\n",
            "base/credentials.yml": "s3: {token: '${oc.env:KM_TOKEN}'}\n",
        },
    )
    monkeypatch.setenv("KEDRO_MATRIX_RUN_ID", "run-1")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loader = _loader(conf)
        parameters, catalog, credentials = loader["parameters"], loader["catalog"], loader["credentials"]
    assert parameters["variant"] == {"depth": 9, "names": ["a", "b"]}
    assert parameters["shallow"] == {"depth": 3, "names": ["a", "b"]}
    assert parameters["cheap"] is False
    assert catalog["t"]["filepath"].startswith("data/run-1-")
    assert credentials == {"s3": {"token": "secret"}}
    assert [str(w.message) for w in caught if "register_new_resolver" not in str(w.message)] == []


def test_a_missing_variable_can_be_found_in_the_error(
    write_conf: WriteConf,
) -> None:
    """OmegaConf wraps what a resolver raises; ours is its cause or context and names the variable."""
    loader = _loader(write_conf("conf", {"base/parameters.yml": "a: ${oc.env:KM_MISSING}\n"}))
    with pytest.raises(Exception, match="'KM_MISSING' is not set") as caught:
        loader["parameters"]
    chain: list[BaseException] = []
    error: BaseException | None = caught.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    missing = [link for link in chain if isinstance(link, MissingEnvironmentVariableError)]
    assert [link.variable for link in missing] == ["KM_MISSING"]

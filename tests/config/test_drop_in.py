from __future__ import annotations

import io
import tarfile
import zipfile
from typing import Any

import fsspec
import pytest
from kedro.config import OmegaConfigLoader

from kedro_matrix_ext import config_loader_args
from kedro_matrix_ext.config import LayeredConfigLoader
from kedro_matrix_ext.errors import ConfigurationError, InterpolationError, SettingsError

FILES = {
    "base/globals.yml": "g: {h: v}\n",
    "base/parameters.yml": "a: 1\n",
    "base/nested/parameters_more.yaml": "b: '${globals:g.h}'\n",
    "base/parameters/deep/er.json": '{"c": [1, 2.5e3, null, "x"]}\n',
    "cloud/parameters.yml": "a: 2\n",
    "cloud/environment.yml": "inherits: [dev]\n",
    "dev/parameters.yml": "d: 4\n",
}
EXPECTED = {"a": 2, "b": "v", "c": [1, 2500.0, None, "x"], "d": 4}


def test_it_is_one_of_kedros_loaders(conf: Any) -> None:
    """It is an OmegaConfigLoader with its keys, its repr names the layers, and get() has a default."""
    loader = conf.write(FILES).layered("cloud")
    assert isinstance(loader, OmegaConfigLoader)
    assert {"catalog", "parameters", "credentials", "globals", "spark", "argo"} <= set(loader.keys())
    assert "base < dev < cloud" in repr(loader)
    assert loader.get("nothing", 3) == 3
    with pytest.raises(KeyError, match=r"No config patterns were found for 'parametrs'.*'parameters'"):
        loader["parametrs"]
    loader.config_patterns.update({"later": ["later*"]})
    conf.write({"base/later.yml": "x: 1\n"})
    assert loader["later"] == {"x": 1}


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "flat.zip"])
def test_archives(conf: Any, kind: str) -> None:
    """A configuration can be a zip or tar archive, with the folder as Kedro packs it or without."""
    prefix = "" if kind == "flat.zip" else "conf/"
    archive = conf.path.parent / f"packed.{kind}"
    if kind.endswith("zip"):
        with zipfile.ZipFile(archive, "w") as packed:
            for name, text in FILES.items():
                packed.writestr(prefix + name, text)
    else:
        with tarfile.open(archive, "w:gz" if kind.endswith("gz") else "w") as tar:
            for name, text in FILES.items():
                entry = tarfile.TarInfo(prefix + name)
                entry.size = len(text)
                tar.addfile(entry, io.BytesIO(text.encode()))
    loader = LayeredConfigLoader(archive, "cloud", **config_loader_args())
    assert loader["parameters"] == EXPECTED


def test_object_storage(object_storage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration can be a URL; environments are found in it and mistyped ones suggested."""
    pytest.importorskip("s3fs")
    for name, value in object_storage.variables.items():
        monkeypatch.setenv(name, value)
    bucket = object_storage.create_bucket("configuration")
    for name, text in FILES.items():
        object_storage.client().put_object(Bucket=bucket, Key=f"project/conf/{name}", Body=text.encode())
    loader = LayeredConfigLoader(f"s3://{bucket}/project/conf", "cloud", **config_loader_args())
    assert loader["parameters"] == EXPECTED
    with pytest.raises(ConfigurationError, match=r"Did you mean 'cloud'\?"):
        LayeredConfigLoader(f"s3://{bucket}/project/conf", "clud", **config_loader_args())


def test_hidden_files_are_ignored_unless_asked_for(conf: Any) -> None:
    """Files and folders that start with a dot are left out; a project in a hidden folder is not."""
    conf.write(
        {
            "base/parameters.yml": "a: 1\n",
            "base/.parameters.yml": "b: 2\n",
            "base/.x/parameters.yml": "c: 3\n",
        }
    )
    assert conf.layered()["parameters"] == {"a": 1}
    assert conf.layered(ignore_hidden=False)["parameters"] == {"a": 1, "c": 3}


@pytest.mark.parametrize("kind", ["parameters", "catalog"])
def test_duplicate_keys_are_reported_with_both_files(conf: Any, kind: str) -> None:
    """A key in two files of one environment is an error, as with Kedro; parts of parameters may be apart."""
    conf.write({f"base/{kind}_a.yml": "x: {y: 1}\nz: 1\n", f"base/{kind}_b.yml": "x: {w: 1}\n_p: 1\n"})
    if kind == "parameters":
        assert conf.layered()[kind] == {"x": {"y": 1, "w": 1}, "z": 1, "_p": 1}
        conf.write({f"base/{kind}_b.yml": "x: {y: 2}\n"})
    with pytest.raises(
        ConfigurationError, match=rf"conf/base/{kind}_a.yml:1 and conf/base/{kind}_b.yml:1 both give 'x"
    ):
        conf.layered()[kind]
    with pytest.raises(ValueError, match="Duplicate keys"):
        conf.omegaconf()[kind]


def test_a_key_that_is_set_is_given_back(conf: Any) -> None:
    """`loader["catalog"] = ...` takes the place of files, and set globals are looked up."""
    conf.write({"base/globals.yml": "g: file\n", "base/parameters.yml": "a: ${globals:g}\n"})
    loader = conf.layered()
    loader["catalog"] = {"x": {"type": "T"}}
    assert loader["catalog"] == {"x": {"type": "T"}}
    assert loader["parameters"] == {"a": "file"}
    loader["globals"] = {"g": "set"}
    assert loader["parameters"] == {"a": "set"}
    assert loader["globals"] == {"g": "set"}


def test_runtime_params_can_be_looked_up_everywhere_but_in_globals(conf: Any) -> None:
    """`runtime_params:` finds nested keys and falls back to its default, a global among others."""
    conf.write(
        {
            "base/globals.yml": "size: 9\n",
            "base/catalog.yml": "x: {n: '${runtime_params:a.b}', m: '${runtime_params:c,${globals:size}}'}",
            "base/parameters.yml": "p: ${runtime_params:a}\nq: ${runtime_params:d}\n",
        }
    )
    loader = conf.layered(None, {"a": {"b": 1}, "d": "${a.b}"})
    assert loader["catalog"] == {"x": {"n": 1, "m": 9}}
    assert loader["parameters"] == {"p": {"b": 1}, "q": 1, "a": {"b": 1}, "d": 1}


@pytest.mark.parametrize(
    "entry",
    [
        "x: {type: '${runtime_params:t}'}",
        "x: {type: 'pandas.${runtime_params:t}'}",
        "x: {type: P, dataset: {type: '${_t}'}}\n_t: ${runtime_params:t}",
        "x: ${runtime_params:e}",
        "x: ${merge:${_e},${runtime_params:e}}\n_e: {a: 1}",
        "x: {type: '${if_null:null, ${runtime_params:t}, b}'}",
        "x: {type: '${same:${runtime_params:t}}'}",
        "x: {type: '${same:pandas.${runtime_params:t}}'}",
        "x: {type: '${_types.${runtime_params:w}}'}\n_types: {a: T}",
        "x: {type: '${_types.${runtime_params:n}}'}\n_types: [T]",
        "x: {type: 'x'}\ny: {a: ['${runtime_params:e}']}",
    ],
)
def test_a_type_from_runtime_params_is_refused_where_restricted(conf: Any, entry: str) -> None:
    """The guard of Kedro holds at any depth and through references; without it all of them load."""
    conf.write({"base/catalog.yml": entry})
    arguments = {"custom_resolvers": {**conf.arguments["custom_resolvers"], "same": lambda x: x}}
    params = {"t": "T", "e": {"type": "T"}, "w": "a", "n": "0"}  # OmegaConf 2.3 takes text alone
    assert "T" in str(conf.layered(None, params, **arguments)["catalog"])
    with pytest.raises(InterpolationError, match="comes from a runtime parameter"):
        conf.layered(None, params, restrict_runtime_params_type_selection=True, **arguments)["catalog"]


def test_other_runtime_params_pass_the_guard(conf: Any) -> None:
    """Under restriction, defaults for types and runtime parameters elsewhere are plain values."""
    conf.write(
        {"base/catalog.yml": "x: {type: '${runtime_params:no, T}', filepath: 'a/${runtime_params:t}'}\n"}
    )
    loaded = conf.layered(None, {"t": "b"}, restrict_runtime_params_type_selection=True)["catalog"]
    assert loaded == {"x": {"type": "T", "filepath": "a/b"}}
    assert type(loaded["x"]["filepath"]) is str


def test_environment_variables_need_our_arguments_outside_credentials(conf: Any) -> None:
    """As with Kedro, `oc.env` is for credentials unless the project gives it."""
    conf.write({"base/parameters.yml": "a: ${oc.env:HOME}\n"})
    with pytest.raises(InterpolationError, match=r"in credentials only(.|\n)*config_loader_args\(\)"):
        conf.layered(custom_resolvers=None)["parameters"]


def test_two_loaders_keep_their_own_resolvers(conf: Any) -> None:
    """Two loaders of one process give the same name its own meaning each, in turn."""
    conf.write({"base/parameters.yml": "a: ${mine:}\nb: ${mine:}-${oc.select:a}\n"})
    one = conf.layered(custom_resolvers={"mine": lambda: 1})
    two = conf.layered(custom_resolvers={"mine": lambda: 2})
    assert [loader["parameters"]["b"] for loader in (one, two, one)] == ["1-1", "2-2", "1-1"]


def test_arguments_are_laid_over_the_defaults() -> None:
    """One more pattern, strategy or resolver leaves the others as they were."""
    given = config_loader_args(
        merge_strategy={"catalog": "soft", "spark": "destructive"},
        config_patterns={"tables": ["tables*"]},
        custom_resolvers={"mine": str},
        default_run_env="dev",
    )
    assert given["merge_strategy"] == {
        "parameters": "soft",
        "globals": "soft",
        "mlflow": "soft",
        "tracking": "soft",
        "spark": "destructive",
        "argo": "soft",
        "catalog": "soft",
    }
    assert {"tables", "globals", "argo"} <= set(given["config_patterns"])
    assert {"mine", "merge", "setting", "oc.env"} <= set(given["custom_resolvers"])
    assert given["default_run_env"] == "dev"


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ({"params": "soft"}, r"'params', which is not a type.*\n.*'parameters'"),
        ({"parameters": "sot"}, r"'sot' of 'parameters' does not exist\n.*'soft'"),
    ],
)
def test_unknown_merge_strategies_are_refused(conf: Any, strategy: dict[str, str], message: str) -> None:
    """Mistyped types and strategies are errors in settings.py and in the loader, with the suggestion."""
    with pytest.raises(SettingsError, match=message):
        config_loader_args(merge_strategy=strategy)
    with pytest.raises(SettingsError, match=message):
        conf.layered(merge_strategy=strategy)


def test_the_arguments_serve_kedros_loader(conf: Any) -> None:
    """With OmegaConfigLoader the same arguments load the same configuration."""
    conf.write(FILES | {"base/parameters.yml": "a: 1\ne: ${merge:${f},${g}}\nf: {x: 1}\ng: {y: 2}\n"})
    assert conf.layered()["parameters"] == conf.omegaconf()["parameters"]


def test_the_memory_file_system(conf: Any) -> None:
    """Any file system of fsspec serves."""
    memory = fsspec.filesystem("memory")
    for name, text in FILES.items():
        memory.pipe_file(f"/layers/conf/{name}", text.encode())
    assert (
        LayeredConfigLoader("memory://layers/conf", "cloud", **config_loader_args())["parameters"] == EXPECTED
    )

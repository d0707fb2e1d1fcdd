from __future__ import annotations

import pickle
from typing import Any

import pytest

from kedro_matrix_ext.errors import ConfigurationError, UnknownEnvironmentError


def layers(loader: Any) -> list[str]:
    """The names of a loader's layers."""
    return [layer.name for layer in loader.environments.layers]


def test_an_environment_inherits_others(conf: Any) -> None:
    """`inherits` puts other environments between base and the run's, each once, the last on top."""
    conf.write(
        {
            "cloud/environment.yml": "fabricated: true\n",
            "gpu/environment.yml": "inherits: [cloud]\n",
            "prod/environment.yml": "inherits: [cloud, gpu]\n",
            "base/parameters.yml": "a: base\nb: base\nc: base\nd: base\ne: ${a}\n",
            "cloud/parameters.yml": "a: cloud\nb: cloud\nc: cloud\n",
            "gpu/parameters.yml": "b: gpu\nc: gpu\n",
            "prod/parameters.yml": "c: prod\n",
        }
    )
    prod = conf.layered("prod")
    assert layers(prod) == ["base", "cloud", "gpu", "prod"]
    assert prod["parameters"] == {"a": "cloud", "b": "gpu", "c": "prod", "d": "base", "e": "cloud"}
    assert not prod.environments.fabricated
    assert conf.layered("cloud").environments.fabricated


def test_an_unknown_environment_is_an_error_at_construction(conf: Any) -> None:
    """A mistyped `-e` lists the environments and suggests the nearest; the error survives pickling."""
    conf.write({"cloud/catalog.yml": "", ".hidden/x.yml": ""})
    with pytest.raises(UnknownEnvironmentError) as raised:
        conf.layered("clod")
    error = pickle.loads(pickle.dumps(raised.value))
    assert str(error) == (
        "there is no environment 'clod'\n"
        "  Did you mean 'cloud'? The environments in 'conf' are 'base', 'cloud', 'local'."
    )
    assert (error.env, error.known) == ("clod", ("base", "cloud", "local"))


@pytest.mark.parametrize(("env", "name"), [("prod", "prod"), (None, "base")])
def test_an_empty_configuration_folder_is_answered_with_what_to_make(
    conf: Any, env: str | None, name: str
) -> None:
    """There is no name to suggest: the folder is missing, or --conf-source is wrong."""
    for folder in conf.path.iterdir():
        folder.rmdir()
    with pytest.raises(UnknownEnvironmentError) as raised:
        conf.layered(env)
    assert str(raised.value) == (
        f"there is no environment {name!r}\n"
        f"  'conf' has no environments: make a folder 'conf/{name}', or correct --conf-source."
    )


@pytest.mark.parametrize("env", [None, "local"])
def test_the_default_environment_may_be_absent(conf: Any, env: str | None) -> None:
    """Without conf/local a run has base alone, also where local is named."""
    (conf.path / "local").rmdir()
    conf.write({"base/parameters.yml": "a: 1\n"})
    loader = conf.layered(env)
    assert layers(loader) == ["base"]
    assert loader["parameters"] == {"a": 1}


def test_base_alone_can_be_run(conf: Any) -> None:
    """`-e base` has one layer, and nothing is missing where a type has no files, as with Kedro."""
    loader = conf.layered("base")
    assert layers(loader) == ["base"]
    assert loader["catalog"] == conf.omegaconf("base")["catalog"] == {}


def test_a_folder_without_environments_is_loaded_as_it_is(conf: Any) -> None:
    """Without base_env and default_run_env the configuration folder itself is the one layer."""
    conf.write({"parameters.yml": "a: 1\n"})
    bare: dict[str, Any] = {"base_env": None, "default_run_env": None}
    assert conf.layered(**bare)["parameters"] == conf.omegaconf(**bare)["parameters"] == {"a": 1}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a/environment.yml": "inherits: [b]", "b/environment.yml": "inherits: [a]"}, "cycle: a -> b -> a"),
        ({"a/environment.yml": "inherits: [a]"}, "cycle: a -> a"),
        (
            {
                "a/environment.yml": "inherits: [e0]",
                **{f"e{n}/environment.yml": f"inherits: [e{n + 1}]" for n in range(1500)},
                "e1500/parameters.yml": "",
            },
            "in a line of more than 100: a -> e0 -> e1 -> ...",
        ),
        (
            {"a/environment.yml": "inherits: [clod]", "cloud/x.yml": ""},
            "no environment 'clod'\n.*'a' inherits",
        ),
        (
            {"a/environment.yml": "inherits: cloud"},
            r"'inherits' is 'cloud', not a list.*\n.*environment.yml:1",
        ),
        ({"a/environment.yml": "# x\ninherit: [b]"}, r"'inherit' is not a key.*\n.*yml:2\n.*'inherits'\?"),
        ({"a/environment.yml": "fabricated: 1"}, "'fabricated' is 1, not true or false"),
        ({"a/environment.yml": "x: ["}, r"cannot read this file.*\n.*conf/a/environment.yml"),
        ({"a/environment.yaml": "inherits: []"}, "'environment.yaml' is not read.*\n.*\n.*'environment.yml'"),
        ({"a/x.yml": "", "base/environment.yml": "inherits: [a]"}, "'base' is the lowest layer"),
    ],
)
def test_an_environment_file_that_does_not_hold_is_an_error(
    conf: Any, files: dict[str, str], message: str
) -> None:
    """Cycles, unknown names, unknown keys and wrong types are reported at construction, with the file."""
    conf.write(files)
    with pytest.raises(ConfigurationError, match=message):
        conf.layered("a")


@pytest.mark.parametrize("env", ["../secret", "/", "a/../../secret"])
def test_an_environment_is_a_folder_of_the_configuration(conf: Any, env: str) -> None:
    """A name cannot lead out of the configuration folder."""
    conf.write({"../secret/parameters.yml": "a: 1\n", "a/x.yml": ""})
    with pytest.raises(UnknownEnvironmentError):
        conf.layered(env)

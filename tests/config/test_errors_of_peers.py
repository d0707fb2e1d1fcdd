"""Code that catches what Kedro, OmegaConf or PyYAML raise catches ours too."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import yaml
from kedro.config import MissingConfigException, OmegaConfigLoader
from kedro.framework.context import KedroContext
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DatasetError
from omegaconf.errors import (
    GrammarParseError,
    InterpolationKeyError,
    InterpolationResolutionError,
    InterpolationToMissingValueError,
    KeyValidationError,
    UnsupportedInterpolationType,
    UnsupportedValueType,
)
from tests.config_folder import quiet_kedro

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args, errors
from kedro_matrix_ext.argo.configuration.loading import load_argo_config
from kedro_matrix_ext.catalog import expand_transcoding
from kedro_matrix_ext.errors import KedroMatrixError, UnknownEnvironmentError
from kedro_matrix_ext.hooks.hook_config import read_hook_config

PARAMETERS: dict[str, tuple[dict[str, str | bytes], type[Exception]]] = {
    "missing key": ({"parameters.yml": "a: ${b.c}\n"}, InterpolationKeyError),
    "missing key below": ({"parameters.yml": "a: ${b.c}\nb: {d: 1}\n"}, InterpolationKeyError),
    "missing key by OmegaConf": ({"parameters.yml": "a: ${b['c']}\n"}, GrammarParseError),
    "missing value": ({"parameters.yml": "a: ${b}\nb: ???\n"}, InterpolationToMissingValueError),
    "unknown resolver": ({"parameters.yml": "a: ${nothing:b}\n"}, UnsupportedInterpolationType),
    "failing resolver": ({"parameters.yml": "a: ${fail:}\n"}, InterpolationResolutionError),
    "grammar": ({"parameters.yml": "a: ${b\n"}, GrammarParseError),
    "no global": ({"parameters.yml": "a: ${globals:b}\n"}, InterpolationResolutionError),
    "private global": ({"parameters.yml": "a: ${globals:_b}\n"}, InterpolationResolutionError),
    "no parameter": ({"parameters.yml": "a: ${runtime_params:b}\n"}, InterpolationResolutionError),
    "no variable": ({"parameters.yml": "a: ${oc.env:KM_NOT_SET}\n"}, InterpolationResolutionError),
    "syntax": ({"parameters.yml": "a: [\n"}, yaml.parser.ParserError),
    "tab": ({"parameters.yml": "a:\n\tb: 1\n"}, yaml.YAMLError),
    "twice in a file": ({"parameters.yml": "a: 1\na: 2\n"}, yaml.YAMLError),
    "twice in two files": ({"parameters.yml": "a: 1\n", "parameters_b.yml": "a: 2\n"}, ValueError),
    "encoding": ({"parameters.yml": b"a: \xff\n"}, UnicodeError),
    "control character": ({"parameters.yml": "a: 1\nb: \x01\n"}, yaml.reader.ReaderError),
    "unknown tag": ({"parameters.yml": "a: !foo 1\n"}, yaml.constructor.ConstructorError),
    "tag of Python": ({"parameters.yml": "a: !!python/tuple [1]\n"}, yaml.constructor.ConstructorError),
    "tag of dates": ({"parameters.yml": "a: !!timestamp 2020-01-01\n"}, UnsupportedValueType),
    "tag of sets": ({"parameters.yml": "a: !!set {x}\n"}, UnsupportedValueType),
    "merge of null": ({"parameters.yml": "m: {<<: null}\n"}, yaml.constructor.ConstructorError),
    "value tag": ({"parameters.yml": "a: =\n"}, yaml.constructor.ConstructorError),
    "unknown alias": ({"parameters.yml": "a: *nothing\n"}, yaml.composer.ComposerError),
    "two documents": ({"parameters.yml": "a: 1\n---\nb: 2\n"}, yaml.composer.ComposerError),
    "null as key": ({"parameters.yml": "null: 1\n"}, KeyValidationError),
    "list as key": ({"parameters.yml": "? [1, 2]\n: 3\n"}, yaml.constructor.ConstructorError),
    "above the top": ({"parameters.yml": "a: ${..b}\n"}, InterpolationKeyError),
    "runtime_params in globals": (
        {"parameters.yml": "a: 1\n", "globals.yml": "g: ${runtime_params:x}\n"},
        UnsupportedInterpolationType,
    ),
    "no files": ({"catalog.yml": "{}\n"}, MissingConfigException),
}


def fail() -> None:
    """A resolver that fails."""
    raise OSError("on purpose")


def _arguments(**more: Any) -> dict[str, Any]:
    return config_loader_args(custom_resolvers={"fail": fail}, **more)


def _raised(loader: type[OmegaConfigLoader], source: Any, env: str | None = None, **more: Any) -> Exception:
    try:
        with quiet_kedro():
            loader(str(source), env, **_arguments(**more))["parameters"]
    except Exception as error:  # noqa: BLE001  any of theirs
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("name", PARAMETERS)
def test_ours_are_caught_as_theirs(conf: Any, name: str) -> None:
    """What Kedro's loader raises for a configuration is a base of what ours raises."""
    files, expected = PARAMETERS[name]
    (conf.path / "base").mkdir(parents=True, exist_ok=True)
    (conf.path / "local").mkdir(exist_ok=True)
    for file, content in files.items():
        (conf.path / "base" / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    theirs, ours = _raised(OmegaConfigLoader, conf.path), _raised(LayeredConfigLoader, conf.path)
    assert isinstance(theirs, expected)
    assert isinstance(ours, expected)
    assert name == "no files" or isinstance(ours, KedroMatrixError)
    copied = pickle.loads(pickle.dumps(ours))
    assert (type(copied), str(copied), vars(copied).keys()) == (type(ours), str(ours), vars(ours).keys())


def test_an_item_of_a_list_cannot_be_set_by_a_parameter_of_the_run(conf: Any) -> None:
    """Both raise a TypeError, since the list would become a mapping; ours says where the list is."""
    conf.write({"base/parameters.yml": "a: {c: [1, 2], d: 1}\n"})
    given = {"a": {"c": {"0": 9}}}
    with pytest.raises(TypeError):
        conf.omegaconf("base", given)["parameters"]
    with pytest.raises(TypeError, match=r"'a.c', which is a list\n.*conf/base/parameters.yml:1") as raised:
        conf.layered("base", given)["parameters"]
    assert isinstance(raised.value, KedroMatrixError)
    whole = {"a": {"c": [9], "d": {"e": 1}}, "f": {"g": 2}}
    assert conf.layered("base", whole)["parameters"] == whole


@pytest.mark.parametrize("resolver", [5, "math.sqrt"])
def test_a_resolver_that_is_no_function_is_a_type_error(conf: Any, resolver: Any) -> None:
    """In both loaders when they are built, and in the arguments for both."""
    for loader in (OmegaConfigLoader, LayeredConfigLoader):
        with quiet_kedro(), pytest.raises(TypeError):
            loader(str(conf.path), base_env="base", default_run_env="local", custom_resolvers={"x": resolver})
    with pytest.raises(errors.ResolverError, match="the custom resolver 'x'"):
        config_loader_args(custom_resolvers={"x": resolver})


def test_an_unknown_merge_strategy_is_a_value_error(conf: Any) -> None:
    """As with Kedro; so is one for a type without patterns, which Kedro ignores."""
    conf.write({"base/parameters.yml": "a: 1\n", "local/parameters.yml": "a: 2\n"})
    strategy: dict[str, Any] = {"merge_strategy": {"parameters": "sft"}}
    for loader in (OmegaConfigLoader, LayeredConfigLoader):
        with quiet_kedro(), pytest.raises(ValueError, match="sft"):
            loader(str(conf.path), base_env="base", default_run_env="local", **strategy)["parameters"]
    with pytest.raises(errors.MergeStrategyError):
        config_loader_args(merge_strategy={"parametrs": "soft"})


def test_a_mistyped_environment_is_caught_as_kedros_error(conf: Any) -> None:
    """It is raised when the loader is built, so that Kedro does not take it for missing files."""
    conf.write({"base/parameters.yml": "a: 1\n", "cloud/parameters.yml": "a: 2\n"})
    assert isinstance(_raised(OmegaConfigLoader, conf.path, "clud"), MissingConfigException)
    with pytest.raises(MissingConfigException, match=r"no environment 'clud'[\s\S]*Did you mean 'cloud'"):
        LayeredConfigLoader(conf.path, "clud", **_arguments())


@pytest.mark.filterwarnings("ignore")
def test_an_environment_that_is_set_later_is_not_swallowed(conf: Any) -> None:
    """Neither by Kedro's context nor by what reads optional files."""
    conf.write({"base/parameters.yml": "a: 1\n", "base/catalog.yml": "{}\n"})
    loader = LayeredConfigLoader(conf.path, **_arguments())
    loader.env = "clud"
    manager = _create_hook_manager()
    context = KedroContext(
        project_path=conf.path.parent,
        config_loader=loader,
        env="clud",
        package_name="shop",
        hook_manager=manager,
    )
    with pytest.raises(UnknownEnvironmentError):
        _ = context.catalog
    for read in (load_argo_config, lambda loader: read_hook_config(loader, "tracking")):
        with pytest.raises(UnknownEnvironmentError):
            read(loader)


def test_errors_of_the_catalog_are_dataset_errors() -> None:
    """As those that Kedro raises for an entry."""
    with pytest.raises(DatasetError, match="no engine 'polrs'"):
        expand_transcoding({"cars": {"transcode": ["polrs"], "format": "csv", "filepath": "cars.csv"}})


def test_the_old_paths_lead_to_the_classes() -> None:
    """Every name of `kedro_matrix_ext.errors` can be imported from it, and no other."""
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), KedroMatrixError)
    assert dir(errors) == sorted(errors.__all__)
    with pytest.raises(AttributeError):
        _ = errors.ConfigError

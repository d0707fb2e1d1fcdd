"""Every example's configuration loads to the expected result next to it, with our loader and Kedro's.

An example is a folder of ``conf_examples`` with ``conf/`` and, for each environment and type of
configuration, ``expected/<env>/<type>.yml``. Its ``.env.defaults`` applies while it loads. Where
only LayeredConfigLoader gives what is expected, ``expected/layered-only.txt`` says why.
``pytest tests/test_conf_examples.py --regenerate`` regenerates the expected files; read the diff before
you commit.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from dotenv import dotenv_values
from kedro.config import MissingConfigException, OmegaConfigLoader
from omegaconf.errors import OmegaConfBaseException

from kedro_matrix_ext import LayeredConfigLoader, TranscodingMixin, config_loader_args
from kedro_matrix_ext.argo.configuration import parse_argo_config
from kedro_matrix_ext.hooks.mlflow.config import parse_tracking_config
from kedro_matrix_ext.hooks.spark.options import parse_spark_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLES = Path(__file__).parent.parent / "conf_examples"
# Kedro 1.7 registers its resolvers by what OmegaConf 2.4 deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:register_new_resolver\(\):UserWarning:kedro\.config")


class KedroLoader(TranscodingMixin, OmegaConfigLoader):
    """Kedro's loader, with our entries in the catalog."""


FOLDERS = sorted(folder.parent for folder in EXAMPLES.glob("*/conf"))


@dataclass(frozen=True)
class Expected:
    """One expected file.

    Attributes:
        example: The example's folder.
        env: The environment it is expected in.
        config_type: The type of configuration it shows.
    """

    example: Path
    env: str
    config_type: str

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.example / "expected" / self.env / f"{self.config_type}.yml"

    @property
    def needs_layers(self) -> bool:
        """Whether only LayeredConfigLoader gives what the example shows."""
        return (self.example / "expected/layered-only.txt").exists()

    def __str__(self) -> str:
        return str(self.file.relative_to(EXAMPLES))


EXPECTED = [
    Expected(file.parents[2], file.parent.name, file.stem)
    for folder in FOLDERS
    for file in sorted(folder.glob("expected/*/*.yml"))
]


@pytest.fixture(autouse=True)
def _variables(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example's variables are in the environment; nothing is compared while files are rewritten."""
    rewrites = request.function is test_every_configuration_of_an_example_is_expected
    if request.config.getoption("--regenerate") and not rewrites:
        pytest.skip("the expected files are being rewritten")
    (argument,) = request.node.callspec.params.values()
    folder = argument.example if isinstance(argument, Expected) else argument
    for name, value in dotenv_values(folder / ".env.defaults").items():
        monkeypatch.setenv(name, value or "")


def _make_loader(loader: type[OmegaConfigLoader], example: Path, env: str) -> OmegaConfigLoader:
    arguments = config_loader_args(default_run_env="base")
    return loader(str(example / "conf"), env=env, **arguments)


def _load(loader: type[OmegaConfigLoader], expected: Expected) -> Any:
    return _make_loader(loader, expected.example, expected.env)[expected.config_type]


def _load_all(example: Path) -> Iterator[tuple[Expected, Any]]:
    """Load each type of configuration that an example has files for, in each of its environments."""
    environments = [folder.name for folder in (example / "conf").iterdir() if any(folder.rglob("*.yml"))]
    for env in sorted(environments):
        loader = _make_loader(LayeredConfigLoader, example, env)
        for config_type in sorted(loader.config_patterns):
            try:
                loaded = loader[config_type]
            except MissingConfigException:
                continue
            if loaded:
                yield Expected(example, env, config_type), loaded


@pytest.mark.parametrize("example", FOLDERS, ids=lambda folder: folder.name)
def test_every_configuration_of_an_example_is_expected(example: Path, pytestconfig: pytest.Config) -> None:
    """Each environment and type has an expected file; `--regenerate` writes them all."""
    loaded = dict(_load_all(example))
    if pytestconfig.getoption("--regenerate"):
        _write(example, loaded)
        pytest.skip("regenerated")
    assert {str(one) for one in loaded} == {str(one) for one in EXPECTED if one.example == example}


@pytest.mark.parametrize("expected", EXPECTED, ids=str)
def test_layered_loader_gives_what_is_expected(expected: Expected) -> None:
    """LayeredConfigLoader's result is the expected file."""
    assert _load(LayeredConfigLoader, expected) == _read(expected)


READERS: dict[str, Callable[[Any], object]] = {
    "argo": parse_argo_config,
    "spark": parse_spark_options,
    "tracking": parse_tracking_config,
}


@pytest.mark.parametrize("expected", [one for one in EXPECTED if one.config_type in READERS], ids=str)
def test_what_is_expected_is_what_its_reader_takes(expected: Expected) -> None:
    """An example for Argo, Spark or MLflow is one that the feature itself accepts."""
    assert READERS[expected.config_type](_read(expected))


@pytest.mark.parametrize("expected", [one for one in EXPECTED if not one.needs_layers], ids=str)
def test_kedro_loader_gives_what_is_expected(expected: Expected) -> None:
    """OmegaConfigLoader with the same arguments gives the same, unless the example says that it cannot."""
    assert _load(KedroLoader, expected) == _read(expected)


@pytest.mark.parametrize(
    "example",
    [folder for folder in FOLDERS if (folder / "expected/layered-only.txt").exists()],
    ids=lambda folder: folder.name,
)
def test_example_that_needs_layers_says_why_and_does(example: Path) -> None:
    """A `layered-only.txt` gives a reason, and OmegaConfigLoader differs in at least one expected file."""
    assert (example / "expected/layered-only.txt").read_text().strip()
    assert not all(_kedro_agrees(one) for one in EXPECTED if one.example == example)


def _kedro_agrees(expected: Expected) -> bool:
    try:
        return bool(_load(KedroLoader, expected) == _read(expected))
    except (MissingConfigException, OmegaConfBaseException):
        return False


def _read(expected: Expected) -> Any:
    return yaml.safe_load(expected.file.read_text())


def _write(example: Path, loaded: dict[Expected, Any]) -> None:
    for folder in (example / "expected").glob("*/"):
        shutil.rmtree(folder)
    for one, configuration in loaded.items():
        one.file.parent.mkdir(parents=True, exist_ok=True)
        one.file.write_text(yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True))

"""What ``kedro matrix config`` costs, compared with ``kedro registry list`` and with loading.

Start-up is the CPU time of whole processes in copies of the example project, with its pipelines and without
any, the median of interleaved pairs.
A key is explained in a catalog of 2,000 datasets under both loaders; each is compared with the time that
OmegaConfigLoader takes to load that catalog.
Five environments of 265 datasets and 754 nodes are checked in at most three times what loading them takes.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

from kedro.config import OmegaConfigLoader
from kedro.pipeline import Node, Pipeline

from kedro_matrix_ext.checks import Project, check_environments
from kedro_matrix_ext.config import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.config.explain import explain_key

_EXAMPLE = Path(__file__).parents[2] / "conf_examples" / "spaceflights"
_PAIRS = 10
_MOST_START, _MOST_EXPLAIN = 1.3, 2.0
_BASELINE = ("registry", "list")
_COMMANDS = (
    ("show", "parameters"),
    ("explain", "reviews.filepath"),
    ("explain", "--dataset", "price_predictor.base.regressor"),
    ("diff", "base", "local"),
    ("check", "--help"),
)
# A whole check imports the classes that the catalog names, as a run does and listing pipelines does not.
_WHOLE_CHECK, _MOST_CHECK = ("check", "-e", "base"), 1.5
_DATASETS = 2000
_ENVIRONMENTS, _MOST_ENVIRONMENTS = ("base", "local", "test", "cloud", "prod"), 3.0
_PROJECT_DATASETS, _PROJECT_NODES, _PROJECT_GROUPS = 265, 754, 200
_NO_PIPELINES = """
from kedro.pipeline import Pipeline


def register_pipelines():
    return {"__default__": Pipeline([])}
"""
_LIMIT = "OMEGACONF_MAX_YAML_EXPANDED_NODES"


def measure(project: Path, words: tuple[str, ...]) -> float:
    """Give the CPU seconds of one ``kedro`` process."""
    variables = {**os.environ, "DO_NOT_TRACK": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "kedro", *words], cwd=project, env=variables, capture_output=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare_start(project: Path, words: tuple[str, ...]) -> float:
    """Print the medians of interleaved pairs, and give the ratio."""
    command = ("matrix", "config", *words)
    for each in (command, _BASELINE):
        measure(project, each)
    pairs = []
    for number in range(_PAIRS):
        order = (command, _BASELINE) if number % 2 else (_BASELINE, command)
        times = {each: measure(project, each) for each in order}
        pairs.append((times[command], times[_BASELINE]))
    ratio = median(ours / theirs for ours, theirs in pairs)
    ours, theirs = (median(pair[side] for pair in pairs) for side in (0, 1))
    print(f"{' '.join(words):50} {ours:8.3f} {theirs:8.3f} {ratio:8.3f}")
    return ratio


def write_catalog(folder: Path) -> Path:
    """Write 2,000 entries that refer to the globals."""
    (folder / "local").mkdir(parents=True)
    (folder / "base").mkdir()
    (folder / "base/globals.yml").write_text("paths:\n  base: s3://bucket/data\n")
    (folder / "base/catalog.yml").write_text(
        "".join(
            f"dataset_{number}:\n"
            "  type: pandas.ParquetDataset\n"
            f"  filepath: ${{globals:paths.base}}/04_feature/dataset_{number}.parquet\n"
            for number in range(_DATASETS)
        )
    )
    return folder


def time_explaining(source: Path, loader: type[OmegaConfigLoader]) -> float:
    """Give the CPU seconds of explaining one key of the last dataset, loader and all."""
    start = time.process_time()
    found = explain_key(
        loader(str(source), **config_loader_args()), f"dataset_{_DATASETS - 1}.filepath", "catalog"
    )
    elapsed = time.process_time() - start
    assert found.value == f"s3://bucket/data/04_feature/dataset_{_DATASETS - 1}.parquet"
    return elapsed


def time_loading(source: Path) -> float:
    """Give the CPU seconds that OmegaConfigLoader takes to load the catalog."""
    start = time.process_time()
    assert len(OmegaConfigLoader(str(source), **config_loader_args())["catalog"]) == _DATASETS
    return time.process_time() - start


def compare_explaining(source: Path) -> float:
    """Print explaining compared with loading, under both loaders, and return the larger ratio."""
    os.environ[_LIMIT] = "none"
    ratios = []
    for loader in (LayeredConfigLoader, OmegaConfigLoader):
        pairs = [(time_explaining(source, loader), time_loading(source)) for _ in range(2)]
        ours, theirs = (median(pair[side] for pair in pairs) for side in (0, 1))
        ratios.append(median(mine / base for mine, base in pairs))
        print(f"{'explain with ' + loader.__name__:50} {ours:8.3f} {theirs:8.3f} {ratios[-1]:8.3f}")
    return max(ratios)


def _take(**inputs: object) -> object:
    return inputs


def make_project(conf: Path) -> Project:
    """Write the configuration of a large project, and make its pipeline."""
    for env in _ENVIRONMENTS:
        (conf / env).mkdir(parents=True)
        (conf / env / "globals.yml").write_text(f"paths:\n  base: {env}/data\n")
    (conf / "base/catalog.yml").write_text(
        "".join(
            f"dataset_{number}:\n"
            "  type: pandas.ParquetDataset\n"
            f"  filepath: ${{globals:paths.base}}/04_feature/dataset_{number}.parquet\n"
            for number in range(_PROJECT_DATASETS)
        )
    )
    (conf / "base/parameters.yml").write_text(
        "".join(
            f"group_{number}:\n  depth: {number}\n  rate: ${{.depth}}\n" for number in range(_PROJECT_GROUPS)
        )
    )
    nodes = [
        Node(
            _take,
            {
                "data": f"dataset_{number % _PROJECT_DATASETS}",
                "depth": f"params:group_{number % _PROJECT_GROUPS}.depth",
                **({"made": f"made_{number - 1}"} if number else {}),
            },
            f"made_{number}",
            name=f"node_{number}",
        )
        for number in range(_PROJECT_NODES)
    ]
    return Project(
        conf_source=str(conf),
        loader_class=LayeredConfigLoader,
        loader_arguments=config_loader_args(),
        pipelines={"__default__": Pipeline(nodes)},
    )


def time_environments(project: Project) -> float:
    """Give the CPU seconds of checking all environments."""
    start = time.process_time()
    assert check_environments(project, _ENVIRONMENTS) == []
    return time.process_time() - start


def time_loading_environments(source: str) -> float:
    """Give the CPU seconds that OmegaConfigLoader takes to load catalog, parameters and globals of all."""
    start = time.process_time()
    for env in _ENVIRONMENTS:
        loader = OmegaConfigLoader(source, env, **config_loader_args())
        assert all(loader[config_type] for config_type in ("catalog", "parameters", "globals"))
    return time.process_time() - start


def compare_environments(conf: Path) -> float:
    """Print checking all environments compared with loading them, and return the ratio."""
    project = make_project(conf)
    time_environments(project)  # imports the class of the datasets
    pairs = [(time_environments(project), time_loading_environments(project.conf_source)) for _ in range(3)]
    ours, theirs = (median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = median(mine / base for mine, base in pairs)
    title = f"check {len(_ENVIRONMENTS)} environments, CPU s"
    print(f"{title:50} {ours:8.3f} {theirs:8.3f} {ratio:8.3f}   target {_MOST_ENVIRONMENTS}")
    return ratio


def main() -> int:
    """Print the tables; the exit status is 0 if the targets are met."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        project, small = Path(name) / "spaceflights", Path(name) / "small"
        shutil.copytree(_EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", "0[2-9]_*"))
        shutil.copytree(project, small)
        (small / "src/spaceflights/pipeline_registry.py").write_text(_NO_PIPELINES)
        starts = []
        for what, folder in (("the example", project), ("without pipelines", small)):
            print(f"{f'{what}, CPU s':50} {'ours':>8} {'list':>8} {'ratio':>8}   target {_MOST_START}")
            starts += [compare_start(folder, words) for words in _COMMANDS]
        print(f"{'a whole check, CPU s':50} {'ours':>8} {'list':>8} {'ratio':>8}   target {_MOST_CHECK}")
        check = compare_start(project, _WHOLE_CHECK)
        title = f"{_DATASETS} datasets, CPU s"
        print(f"{title:50} {'ours':>8} {'load':>8} {'ratio':>8}   target {_MOST_EXPLAIN}")
        explaining = compare_explaining(write_catalog(Path(name) / "conf"))
        environments = compare_environments(Path(name) / "environments")
    met = max(starts) <= _MOST_START and check <= _MOST_CHECK and explaining <= _MOST_EXPLAIN
    met = met and environments <= _MOST_ENVIRONMENTS
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

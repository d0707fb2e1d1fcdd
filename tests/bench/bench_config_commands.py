"""What ``kedro matrix config`` costs, compared with ``kedro registry list`` and with loading.

Start-up is the CPU time of whole processes in copies of the example project, with its pipelines and without
any, the median of interleaved pairs.
A key is explained in a catalog of 2,000 datasets under both loaders; each is compared with the time that
OmegaConfigLoader takes to load that catalog.
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
    met = max(starts) <= _MOST_START and check <= _MOST_CHECK and explaining <= _MOST_EXPLAIN
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

"""CPU seconds and peak memory of LayeredConfigLoader and OmegaConfigLoader for the same configuration.

OmegaConf 2.4 refuses files above 10,000 nodes unless OMEGACONF_MAX_YAML_EXPANDED_NODES allows them; the
variable is set for OmegaConfigLoader only.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
import tracemalloc
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from kedro.config import OmegaConfigLoader

from kedro_matrix_ext.config import LayeredConfigLoader, config_loader_args

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIMIT = "OMEGACONF_MAX_YAML_EXPANDED_NODES"
_LOADERS = (LayeredConfigLoader, OmegaConfigLoader)


@dataclass(frozen=True)
class Case:
    """What is loaded.

    Attributes:
        name: How the table calls it.
        config_type: The configuration type that is read.
        files: Per file its text.
        repeats: How often each loader reads it.
        target: The least ratio of theirs to ours.
    """

    name: str
    config_type: str
    files: dict[str, str]
    repeats: int
    target: float


def make_cases() -> list[Case]:
    """Write the configurations of the three promises."""
    catalog = "".join(
        f"dataset_{number}:\n"
        "  type: pandas.ParquetDataset\n"
        f"  filepath: ${{globals:paths.base}}/04_feature/dataset_{number}.parquet\n"
        for number in range(2000)
    )
    variants = "".join(
        f"variant_{number}:\n"
        f"  overrides:\n    seed: {number}\n    model:\n      depth: {number % 9}\n"
        "  options: ${merge:${defaults},${.overrides}}\n"
        for number in range(1000)
    )
    defaults = (
        "defaults:\n  model: {object: xgboost.XGBClassifier, depth: 3, eta: 0.1}\n"
        "  features: [a, b, c]\n  test_size: 0.2\n"
    )
    small = "".join(f"small_{n}:\n  type: MemoryDataset\n  metadata:\n    n: {n}\n" for n in range(10))
    global_values = {"base/globals.yml": "paths:\n  base: s3://bucket/data\n"}
    return [
        Case(
            "2,000 catalog entries with globals",
            "catalog",
            {**global_values, "base/catalog.yml": catalog},
            3,
            8,
        ),
        Case("1,000 variants with merge", "parameters", {"base/parameters.yml": defaults + variants}, 3, 10),
        Case("10 catalog entries", "catalog", {**global_values, "base/catalog.yml": small}, 60, 1),
    ]


def load(loader: type[OmegaConfigLoader], source: Path, config_type: str) -> Any:
    """Build the loader and read one type, as a Kedro session does."""
    with warnings.catch_warnings(), _without_limit(active=loader is OmegaConfigLoader):
        warnings.simplefilter("ignore")
        return loader(str(source), **config_loader_args())[config_type]


@contextmanager
def _without_limit(*, active: bool) -> Iterator[None]:
    if active:
        os.environ[_LIMIT] = "none"
    try:
        yield
    finally:
        os.environ.pop(_LIMIT, None)


def measure(case: Case, source: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Measure medians of interleaved repeats, in CPU seconds, and peaks, in MiB, per loader."""
    results = [load(loader, source, case.config_type) for loader in _LOADERS]
    assert results[0] == results[1]
    seconds: dict[str, list[float]] = {loader.__name__: [] for loader in _LOADERS}
    for _ in range(case.repeats):
        for loader in _LOADERS:
            gc.collect()
            start = time.process_time()
            load(loader, source, case.config_type)
            seconds[loader.__name__].append(time.process_time() - start)
    peaks = {loader.__name__: _peak(loader, source, case.config_type) for loader in _LOADERS}
    return {name: median(values) for name, values in seconds.items()}, peaks


def _peak(loader: type[OmegaConfigLoader], source: Path, config_type: str) -> float:
    tracemalloc.start()
    try:
        load(loader, source, config_type)
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def measure_one_resolver() -> float:
    """Return how many times longer 265 entries take if one text calls a resolver of the user's."""
    plain = "".join(
        f"dataset_{number}:\n"
        "  type: pandas.ParquetDataset\n"
        f"  filepath: ${{globals:base}}/04_feature/dataset_{number}.parquet\n"
        "  load_args: {columns: [a, b, c], engine: pyarrow}\n"
        "  metadata: {kedro-viz: {layer: feature}}\n"
        for number in range(265)
    )
    entries = {
        "without": f"{plain}last: {{type: MemoryDataset, metadata: '${{globals:base}}'}}\n",
        "with": f"{plain}last: {{type: MemoryDataset, metadata: '${{upper:${{dataset_7.filepath}}}}'}}\n",
    }
    arguments = config_loader_args(custom_resolvers={"upper": str.upper})
    seconds: dict[str, list[float]] = {name: [] for name in entries}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "base").mkdir()
        (Path(folder) / "base/globals.yml").write_text("base: data\n")
        for _ in range(9):
            for name, text in entries.items():
                (Path(folder) / "base/catalog.yml").write_text(text)
                loader = LayeredConfigLoader(folder, **arguments)
                start = time.process_time()
                loader["catalog"]
                seconds[name].append(time.process_time() - start)
    return min(seconds["with"]) / min(seconds["without"])  # a busy machine only adds


def main() -> None:
    """Print the table."""
    print(f"{'':<36}{'ours':>10}{'theirs':>10}{'ratio':>8}{'target':>8}{'ours MiB':>10}{'theirs MiB':>12}")
    for case in make_cases():
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "conf"
            (source / "local").mkdir(parents=True)
            for name, text in case.files.items():
                path = source / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            seconds, peaks = measure(case, source)
        ours, theirs = (seconds[loader.__name__] for loader in _LOADERS)
        our_peak, their_peak = (peaks[loader.__name__] for loader in _LOADERS)
        print(
            f"{case.name:<36}{ours:>9.4f}s{theirs:>9.4f}s{theirs / ours:>7.1f}x{case.target:>7.0f}x"
            f"{our_peak:>10.1f}{their_peak:>12.1f}"
        )
    ratio = measure_one_resolver()
    print(f"265 entries, one with a resolver of the user's: {ratio:.2f}x as long (at most 1.5x)")


if __name__ == "__main__":
    main()

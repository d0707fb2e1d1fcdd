"""Time fabrication: a million rows of ten mixed columns, pools of faker values, and memory as rows grow."""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kedro_matrix_ext.fabrication import fabricate_datasets

if TYPE_CHECKING:
    from collections.abc import Callable

_ROWS = 1_000_000
_SECONDS = 5.0
_POOL_SPEEDUP = 3.0
_MEMORY_GROWTH = 1.3  # of the memory of a row, when there are ten times as many
_COLUMNS: dict[str, Any] = {
    "id": {"type": "generate_unique_id", "prefixes": ["a", "b"], "delimiter": "-"},
    "price": {"type": "generate_random_numbers", "distribution": "normal"},
    "doors": {
        "type": "generate_random_numbers",
        "distribution": "integers",
        "arguments": {"low": 2, "high": 6},
        "null_probability": 0.1,
        "dtype": "Int64",
    },
    "sold": {
        "type": "generate_dates",
        "start_dt": "2020-01-01",
        "end_dt": "2024-01-01",
        "format": "%d.%m.%Y",
    },
    "colour": {"type": "generate_values", "choices": ["red", "blue"], "weights": [1, 2]},
    "code": {"type": "map_values", "input_column": "colour", "mapping": {"red": 1}, "default": 9},
    "group": {"type": "hash_map", "input_column": "colour", "buckets": ["x", "y"]},
    "size": {"type": "copy_column", "source": "sizes.size", "draw": "size"},
    "extras": {
        "type": "generate_lists",
        "items": {"type": "generate_values", "choices": ["roof", "radio", "hook"]},
        "max_length": 3,
        "unique": True,
        "delimiter": "|",
    },
    "tax": {"type": "column_apply", "function": "numpy.square", "input_columns": ["price"]},
}
# As in a table of a real project: mostly text from faker, and its 5,000 rows 20 times.
_FAKER_ROWS = 100_000
_PROVIDERS = ("name", "word", "url")


def _fabricate(rows: int) -> pd.DataFrame:
    sizes = {"num_rows": 100, "columns": {"size": {"type": "generate_random_numbers"}}}
    tables = {"seed": 3, "sizes": sizes, "cars": {"num_rows": rows, "columns": _COLUMNS}}
    return fabricate_datasets(tables)["cars"]


def _draw_with_numpy() -> pd.DataFrame:
    stream = np.random.default_rng(3)
    frame: pd.DataFrame = pd.DataFrame({f"c{number}": stream.normal(size=_ROWS) for number in range(10)})
    return frame


def _fabricate_text(**options: Any) -> None:
    columns = {name: {"type": "faker", "provider": name, **options} for name in _PROVIDERS}
    fabricate_datasets({"t": {"num_rows": _FAKER_ROWS, "columns": columns}})


def _seconds(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def _peak_memory(rows: int) -> int:
    tracemalloc.start()
    try:
        _fabricate(rows)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def main() -> int:
    """Print the measurements; exit status 1 if a target is missed."""
    pairs = [(_seconds(lambda: _fabricate(_ROWS)), _seconds(_draw_with_numpy)) for _ in range(3)]
    ours = statistics.median(pair[0] for pair in pairs)
    numpy = statistics.median(pair[1] for pair in pairs)
    print(
        f"{_ROWS:,} rows of 10 columns: {ours:.2f} s of CPU (target {_SECONDS} s), "
        f"{ours / numpy:.1f} times NumPy's normal distribution alone"
    )
    _fabricate_text()  # creates the Faker
    each = _seconds(lambda: _fabricate_text(pool_size=_FAKER_ROWS))
    pool = _seconds(_fabricate_text)
    print(
        f"{_FAKER_ROWS:,} rows of {len(_PROVIDERS)} faker columns: a pool is {each / pool:.0f} times faster "
        f"than drawing each value (target {_POOL_SPEEDUP:.0f})"
    )
    small, large = _peak_memory(_ROWS // 20), _peak_memory(_ROWS // 2)
    growth = large / small / 10
    print(f"peak memory of a row with 10 times the rows: {growth:.2f} times (target {_MEMORY_GROWTH})")
    return 0 if ours <= _SECONDS and each / pool >= _POOL_SPEEDUP and growth <= _MEMORY_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())

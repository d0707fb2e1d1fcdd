"""Make lists of items, and text made of them."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kedro_matrix_ext.fabrication.columns.fake import make_pool
from kedro_matrix_ext.fabrication.schema.columns import CopyColumn, Faker, GenerateValues

if TYPE_CHECKING:
    from collections.abc import Callable

    from kedro_matrix_ext.fabrication.columns.space import ColumnSpace
    from kedro_matrix_ext.fabrication.schema.columns import GenerateLists

    Maker = Callable[[Any, ColumnSpace], Any]

__all__ = ["make_lists"]

_CHUNK = 2_000_000  # cells of a block of random keys: 16 MB
_DENSE_POOL = 4  # below this many values per item of the longest list, redrawing duplicates takes too long
_ROUNDS = 200


def make_lists(column: GenerateLists, space: ColumnSpace, make_values: Maker) -> Any:
    """Return a list for each row, or its text; ``make_values`` makes the items."""
    lengths = _draw_lengths(column, space)
    inner = replace(space, num_rows=int(lengths.sum()), part="items")
    items = (
        _make_distinct(column, lengths, inner, make_values)
        if column.unique
        else make_values(column.items, inner)
    )
    flat = pd.Series(items).tolist() if not isinstance(items, list) else items
    ends = np.concatenate([[0], np.cumsum(lengths)]).tolist()
    if column.delimiter is not None:
        texts = [str(item) for item in flat]
        return [column.delimiter.join(texts[start:end]) for start, end in pairwise(ends)]
    if column.as_json:
        return [json.dumps(flat[start:end], default=str) for start, end in pairwise(ends)]
    values = np.empty(space.num_rows, dtype=object)
    values[:] = [flat[start:end] for start, end in pairwise(ends)] if space.num_rows else []
    return values


def _draw_lengths(column: GenerateLists, space: ColumnSpace) -> np.ndarray[Any, Any]:
    if column.length is not None:
        return np.full(space.num_rows, column.length)
    return space.stream("lengths").integers(
        column.min_length, column.max_length or 0, space.num_rows, endpoint=True
    )


def _make_distinct(
    column: GenerateLists, lengths: np.ndarray[Any, Any], space: ColumnSpace, make_values: Maker
) -> Any:
    """Return items of which those of the same list are distinct."""
    longest = int(lengths.max(initial=0))
    pool, weights = _list_pool(column.items, space)
    if pool is not None and len(pool) < longest:
        raise space.error(
            f"there are {len(pool):,} distinct items, too few for lists of {longest:,}",
            hint="Shorten the lists, or remove 'unique'.",
        )
    if pool is not None and (weights is not None or len(pool) <= _DENSE_POOL * longest):
        return pool.take(_choose_without_repeats(len(pool), weights, lengths, space))
    return _redraw_repeats(column, lengths, space, make_values)


def _list_pool(items: Any, space: ColumnSpace) -> tuple[pd.Series[Any] | None, np.ndarray[Any, Any] | None]:
    """Return the distinct values that items are drawn from, with weights; None if they are not listed."""
    if isinstance(items, GenerateValues):
        if items.weights is None:
            return pd.Series(items.choices).drop_duplicates().reset_index(drop=True), None
        sums = pd.Series(items.weights).groupby(pd.Series(items.choices), sort=False).sum()
        sums = sums[sums > 0]
        return pd.Series(list(sums.index)), sums.to_numpy(dtype=float)
    if isinstance(items, CopyColumn):
        return space.source(items.source).dropna().drop_duplicates().reset_index(drop=True), None
    if isinstance(items, Faker) and not items.unique:
        return pd.Series(make_pool(items, space)).drop_duplicates().reset_index(drop=True), None
    return None, None


def _choose_without_repeats(
    size: int, weights: np.ndarray[Any, Any] | None, lengths: np.ndarray[Any, Any], space: ColumnSpace
) -> np.ndarray[Any, Any]:
    """Return positions in a pool: for each list the first ones of a random order of the whole pool.

    With weights the order is that of exponential keys (Efraimidis and Spirakis 2006).
    """
    stream = space.stream()
    rows = max(1, _CHUNK // max(size, 1))
    chosen = [np.empty(0, dtype=np.int64)]
    for start in range(0, len(lengths), rows):
        part = lengths[start : start + rows]
        keys = stream.exponential(size=(len(part), size))
        order = np.argsort(keys if weights is None else keys / weights, axis=1)
        chosen.append(order[np.arange(size) < part[:, None]])
    return np.concatenate(chosen)


def _redraw_repeats(
    column: GenerateLists, lengths: np.ndarray[Any, Any], space: ColumnSpace, make_values: Maker
) -> Any:
    """Return items where those that repeat one of the same list were drawn again."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    items = pd.Series(make_values(column.items, space)).reset_index(drop=True)
    for attempt in range(_ROUNDS):
        codes = pd.factorize(items, use_na_sentinel=False)[0]
        repeated = np.flatnonzero(pd.DataFrame({"owner": owner, "code": codes}).duplicated())
        if not len(repeated):
            return items
        again = replace(space, num_rows=len(repeated), part=f"items {attempt}")
        values = pd.Series(make_values(column.items, again)).array
        items = pd.concat([items.drop(repeated), pd.Series(values, index=repeated)]).sort_index()
    raise space.error(
        f"some lists still repeat an item after {_ROUNDS} draws",
        hint="Shorten the lists, remove 'unique', or choose items with more values.",
    )

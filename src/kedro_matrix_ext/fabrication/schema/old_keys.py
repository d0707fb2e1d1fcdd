"""The keys and types of another fabricator's YAML, and what to write instead."""

from __future__ import annotations

__all__ = ["CONVERT_HINT", "OLD_KEYS", "OLD_TYPES"]

CONVERT_HINT = "'kedro matrix init --fabricator FILE' converts a whole file."

OLD_KEYS = {
    "allow_duplicates": "Write 'unique', which means the opposite.",
    "check_all_inputs_same_length": "Remove it: inputs are drawn to the number of rows.",
    "column_func": "Write 'function'.",
    "column_func_kwargs": "Write 'arguments'.",
    "date_format": "Write 'format'.",
    "default_value": "Write 'default'.",
    "faker_seed": "Remove it: one 'seed' above the tables seeds all columns.",
    "inject_nulls": "Write 'null_probability', and 'null_value' if it is not null.",
    "localisation": "Write 'locale'.",
    "numpy_seed": "Remove it: one 'seed' above the tables seeds all columns.",
    "provider_args": "Write 'arguments'.",
    "resize": "Remove it: inputs are drawn to the number of rows.",
    "row_func": "Write 'function'.",
    "row_func_kwargs": "Write 'arguments'.",
    "sample": "Write 'sampling', and the same 'draw' in columns that share their rows.",
    "sample_values": "Write 'choices', or 'items' in a list; weights go into 'weights'.",
    "seed": "Remove it: one 'seed' above the tables seeds all columns.",
    "sort_dates": "Write 'sorted'.",
    "sort_values": "Write 'sorted'.",
    "source_column": "Write 'source'.",
    "to_json": "Write 'as_json'.",
}

OLD_TYPES = {
    "generate_random_arrays": "generate_lists",
    "generate_weighted_choice": "generate_values",
    "numpy_random": "generate_random_numbers",
}

"""Explanations as a tree of text for people, and as plain data for tools; secrets are in neither."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext._secrets import REDACTED, looks_secret
from kedro_matrix_ext.config.explain.model import Explanation
from kedro_matrix_ext.config.layers.values import copy_plain
from kedro_matrix_ext.config.secrecy.secret_paths import is_written_as_secret, redact_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.catalog.lookup.explained_match import PatternMatch
    from kedro_matrix_ext.config.explain.model import ResolverCall, Step
    from kedro_matrix_ext.config.inspection.provenance import Definition

__all__ = [
    "explanation_as_dict",
    "render_explanation",
    "render_written",
    "shown_value",
    "written_as_dict",
]

_LONGEST = 100
_DEFAULTS = re.compile(r",[^{}]*")


def render_explanation(explanation: Explanation, *, emphasise: Callable[[str], str] = str) -> str:
    """Write an explanation as a tree."""
    return "\n".join(_draw(explanation, emphasise, secret=False))


def explanation_as_dict(explanation: Explanation) -> dict[str, Any]:
    """Turn an explanation into the plain data that ``--format json`` prints."""
    return _step_as_dict(explanation, secret=False)


def render_written(written: Definition, *, config_type: str = "", secret: bool = False) -> str:
    """Write a place with its environment and raw text, as in ``conf/base/globals.yml:2 [base] data``."""
    env = f" [{written.env}]" if written.env else ""
    text = _raw(written, config_type=config_type, secret=secret)
    return f"{written}{env}  {_one_line(text)}".rstrip()


def written_as_dict(
    written: Definition | None, *, config_type: str = "", secret: bool = False
) -> dict[str, Any] | None:
    """Turn a place into plain data."""
    if written is None:
        return None
    text = _raw(written, config_type=config_type, secret=secret)
    place = {"file": written.file, "line": written.line, "column": written.column}
    return {**place, "env": written.env, "text": text}


def _draw(step: Step, emphasise: Callable[[str], str], *, secret: bool) -> Iterator[str]:
    secret = secret or step.is_secret
    first, *details = _label(step, emphasise, secret=secret)
    yield first
    children = list(step.steps)
    for line in details:
        yield f"{'│' if children else ' '}   {line}"
    for index, child in enumerate(children):
        last = index == len(children) - 1
        opening, below = ("└── ", "    ") if last else ("├── ", "│   ")
        for number, line in enumerate(_draw(child, emphasise, secret=secret)):
            yield f"{below if number else opening}{line}"


def _label(step: Step, emphasise: Callable[[str], str], *, secret: bool) -> list[str]:
    """The line that names a step and its value, and those below it that say where it is written."""
    value = REDACTED if secret else _short(shown_value(step))
    if isinstance(step, Explanation):
        secret = secret or _hides_some(step)
        path = render_config_path(step.config_type, step.keys)
        via = f"{_one_line(step.via)} → " if step.via else ""
        return [f"{via}{emphasise(path)} = {value}", *_places(step, secret=secret)]
    source = f"  ({step.source})" if step.source else ""
    overridden = [_overridden(below, secret=secret) for below in step.overridden]
    return [f"{emphasise(_one_line(_call_text(step, secret=secret)))} = {value}{source}", *overridden]


def _overridden(step: Step, *, secret: bool) -> str:
    """One line for what an earlier argument of a merge would have given."""
    first, *places = _label(step, str, secret=secret or step.is_secret)
    at = f"  at {step.written}" if places and isinstance(step, Explanation) and step.written else ""
    return f"overrides {first}{at}"


def _places(step: Explanation, *, secret: bool) -> Iterator[str]:
    if step.written is not None:
        yield render_written(step.written, config_type=step.config_type, secret=secret)
    for place in step.merged:
        yield f"merged with {render_written(place, config_type=step.config_type, secret=secret)}"
    for place in step.overridden:
        yield f"overrides {render_written(place, config_type=step.config_type, secret=secret)}"
    if step.match is not None:
        yield from _match(step.match)
    yield from step.notes


def _match(match: PatternMatch) -> Iterator[str]:
    if match.values and match.declared:
        given = ", ".join(f"{name}={value}" for name, value in match.values.items())
        yield f"made by the pattern {match.entry!r}: {given}"
    for candidate in match.candidates:
        yield f"not by {candidate.pattern!r}, which matches too: {candidate.reason}"


def _step_as_dict(step: Step, *, secret: bool) -> dict[str, Any]:
    secret = secret or step.is_secret
    below = [_step_as_dict(child, secret=secret) for child in step.steps]
    value = REDACTED if secret else shown_value(step)
    if isinstance(step, Explanation):
        as_dict = partial(written_as_dict, config_type=step.config_type, secret=secret or _hides_some(step))
        return {
            "key": render_config_path(step.config_type, step.keys),
            "type": step.config_type,
            "path": list(step.keys),
            "via": step.via or None,
            "value": value,
            "written": as_dict(step.written),
            "merged_with": [as_dict(place) for place in step.merged],
            "overrides": [as_dict(place) for place in step.overridden],
            "pattern": _match_as_dict(step.match) if step.match else None,
            "notes": list(step.notes),
            "made_from": below,
        }
    return {
        "resolver": step.name,
        "expression": _call_text(step, secret=secret),
        "arguments": _arguments(step, secret=secret),
        "value": value,
        "source": step.source or None,
        "environment_variable": step.variable,
        "overrides": [_step_as_dict(child, secret=secret) for child in step.overridden],
        "made_from": below,
    }


def _match_as_dict(match: PatternMatch) -> dict[str, Any]:
    return {
        "dataset": match.dataset,
        "entry": match.entry,
        "declared": match.declared,
        "values": match.values,
        "candidates": [{"pattern": one.pattern, "reason": one.reason} for one in match.candidates],
    }


def _arguments(call: ResolverCall, *, secret: bool) -> list[Any]:
    """The arguments of a call, containers by their size; of a secret one only the name of the variable."""
    if secret:
        return [call.variable or REDACTED]
    return [_short(value) if _is_container(value) else _redact_written("", value) for value in call.arguments]


def shown_value(step: Step) -> Any:
    """Give the value of a step without secrets: neither what looks like one nor what is made from one."""
    if step.is_secret:
        return REDACTED
    if not isinstance(step, Explanation):
        secrets = [leaf for below in step.steps for leaf in _secret_leaves(below)]
        return redact_leaves(
            step.value, (), lambda keys, leaf: leaf in secrets or is_written_as_secret("", keys, leaf)
        )
    shown = copy_plain(step.shown)
    if isinstance(shown, (dict, list)):
        for below in step.steps:
            if isinstance(below, Explanation) and below.keys[:-1] == step.keys:
                shown[below.keys[-1]] = shown_value(below)
            elif below.value == step.value:
                return shown_value(below)
    return shown


def _raw(written: Definition, *, config_type: str = "", secret: bool) -> str:
    """The raw text of a place; of a secret only that it is looked up, and where."""
    if isinstance(written.value, (dict, list)):
        redacted = _redact_written("credentials" if secret else config_type, written.value, written.keys)
        return written.text if redacted == written.value else REDACTED
    return _without_secret(written.text) if secret or looks_secret("", written.value) else written.text


def _hides_some(step: Explanation) -> bool:
    """Whether a mapping or list has secrets in it, so that its raw text may have them too."""
    return isinstance(step.value, (dict, list)) and step.shown != step.value


def _redact_written(config_type: str, value: Any, keys: Keys = ()) -> Any:
    return redact_leaves(value, keys, lambda path, leaf: is_written_as_secret(config_type, path, leaf))


def _secret_leaves(step: Step) -> Iterator[Any]:
    """The values that a step hides."""
    if isinstance(step, Explanation):
        yield from _differing(step.value, step.shown)
    for below in step.steps:
        yield from _secret_leaves(below)


def _differing(value: Any, shown: Any) -> Iterator[Any]:
    if isinstance(value, dict) and isinstance(shown, dict):
        for key, child in value.items():
            yield from _differing(child, shown[key])
    elif isinstance(value, list) and isinstance(shown, list):
        for child, other in zip(value, shown, strict=True):
            yield from _differing(child, other)
    elif shown == REDACTED and isinstance(value, str):
        yield value


def _without_secret(text: str) -> str:
    bare = text.strip("'\" ")
    return _DEFAULTS.sub(f",{REDACTED}", bare) if bare.startswith("${") and bare.endswith("}") else REDACTED


def _call_text(call: ResolverCall, *, secret: bool) -> str:
    return _without_secret(call.expression) if secret else call.expression


def _is_container(value: object) -> bool:
    """Whether a value holds others; OmegaConf's containers are not dictionaries and lists."""
    return isinstance(value, (Mapping, Sequence)) and not isinstance(value, (str, bytes))


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{len(value)} key{'' if len(value) == 1 else 's'}}}"
    return _one_line(repr(value))


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines()]
    joined = lines[0] if len(lines) == 1 else " ".join(line for line in lines if line)
    return joined if len(joined) <= _LONGEST else f"{joined[: _LONGEST - 3]}..."

"""Names in expressions: values of the last attempt, functions of Argo and of the language."""

from __future__ import annotations

__all__ = ["ATTEMPT", "FUNCTIONS", "NAMES", "PREDICATES"]

ATTEMPT = dict.fromkeys(("exitCode", "status", "duration", "message"), "text")
"""The values of ``lastRetry``; all are text."""

NAMES = {"lastRetry": "attempt", "retries": "text", "sprig": "any", "$env": "any"}
"""The types of values by name."""

PREDICATES = {
    **dict.fromkeys(("all", "any", "none", "one"), "bool"),
    **dict.fromkeys(("count", "sum", "findIndex", "findLastIndex"), "number"),
    **dict.fromkeys(("filter", "find", "findLast", "groupBy", "map", "reduce", "sortBy"), "any"),
}
"""The types of functions whose second argument is an expression over the members of the first."""

_OF_TYPE = {
    "number": "abs asFloat asInt bitand bitnot bitnand bitor bitshl bitshr bitushr bitxor ceil float floor "
    "indexOf int lastIndexOf len mean median round",
    "text": "fromBase64 join lower repeat replace string toBase64 toJSON toJson trim trimPrefix trimSuffix "
    "type upper",
    "bool": "hasPrefix hasSuffix",
    "any": "concat date duration first flatten fromJSON fromPairs get jsonpath keys last max min now reverse "
    "sort split splitAfter take timezone toPairs uniq values",
}
FUNCTIONS = {name: kind for kind, names in _OF_TYPE.items() for name in names.split()}
"""The types of other functions."""

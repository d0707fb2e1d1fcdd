"""Expressions of `retries` are refused where Argo cannot evaluate them, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kedro_matrix_ext.argo.configuration import ArgoConfig
from kedro_matrix_ext.argo.configuration.retry_expressions.check import check_expression
from kedro_matrix_ext.argo.configuration.retry_expressions.tokens import read_tokens

if TYPE_CHECKING:
    from tests.argo.real.validator import ArgoValidator

ATTEMPT = {
    "retries": "0",
    "lastRetry.exitCode": "1",
    "lastRetry.status": "Failed",
    "lastRetry.duration": "5",
    "lastRetry.message": "Error (exit code 1)",
}
GOOD = [
    "lastRetry.status == 'Error' || lastRetry.exitCode in ['143','75']",
    "lastRetry.message matches '(?i)evict|preempt'",
    "asInt(lastRetry.exitCode) > 1 && asInt(retries) < 2",
    "lastRetry.exitCode not in [\"1\", '2',]",
    "not (lastRetry.message contains 'memory')",
    "!(lastRetry.status startsWith 'E') and true",
    "asFloat(lastRetry.duration) / 60 <= 10.5e0 ? true : false",
    "let code = int(lastRetry.exitCode); code >= 64 && code <= 78",
    "any([64, 75], # == int(lastRetry.exitCode))",
    "all(split(lastRetry.message, ' '), {len(#) > 0})",
    "lastRetry.message matches '\\\\d+'",
    "lastRetry.message matches `\\(exit code [0-9]+\\)`",
    "if lastRetry.exitCode == '1' { true } else { false }",
    "(lastRetry?.message ?? '') == ''",
    "lastRetry['exitCode'] == '1'",
    "1 in 1..3",
    "lastRetry.message[0:5] == 'Error'",
    "lastRetry.message | lower() | hasPrefix('error')",
    "sprig.contains('exit', lastRetry.message)",
    "toJson({a: 1, 'b': [2]}) != nil /* always */",
    "1 < 2 < 3",
    "0x10 + 0b1 + 0o7 - 1_000 < -1 ** 2",
    "len(filter([1, 2], # > 1)) == 1 // one",
    "string(1) == '1'",
    "true",
]
BAD = [
    *(
        "",
        "asInt(",
        "lastRetry.exitCode ==",
        "lastRetry.exitCode = '1'",
        "'1",
        "a.b.",
        "1 +",
        "[1, 2",
        "{a 1}",
    ),
    *("lastRetry.exitCode == '1' or", "lastRetry.exitCode is '1'", "lastRetry.message =~ 'x'", "a && && b"),
    *("lastRetry.exitCode === '1'", "lastRetry.exitCode == '1';;", "not", "()", "true true", "1 < ", "?:"),
    *(
        "lastRetry.message matches '\\d+'",
        "lastRetry.message matches '(?!memory)'",
        "lastRetry.message matches '('",
    ),
    *(
        "exitCode == '1'",
        "lastretry.exitCode == '1'",
        "asint(lastRetry.exitCode) > 1",
        "True",
        "lastRetry.exitCode",
    ),
    *(
        "asInt(lastRetry.exitCode)",
        "'yes'",
        "1",
        "nil",
        "[true]",
        "lastRetry.exitCode > 1",
        "!lastRetry.exitCode",
    ),
    *(
        "lastRetry.exitCode && true",
        "lastRetry.message + 1 == 'a'",
        "'a' in 'abc'",
        "1 == '1'",
        "0x",
        "1__e",
        "1a",
    ),
    *(
        "'a' - 'b' == 1",
        "lastRetry.exitCode.text == ''",
        "1 matches 'a'",
        "lastRetry.message | lower()[0:1] == 'e'",
        "${HOME} == ''",
        "a ?? b || true",
    ),
    *("/* open", "let = 1; true", "let retries = 1; true", "any([1])", "lastRetry.message matches ['a']"),
]
# Argo evaluates these to false whatever happened, so no task would be retried.
NEVER_TRUE = ["lastRetry.exitcode == '1'", "lastRetry.exitCode == 1", "lastRetry.exitCode in [137, 143]"]


@pytest.mark.parametrize("expression", GOOD)
def test_what_argo_evaluates_is_accepted(argo: list[ArgoValidator], expression: str) -> None:
    """Whatever the language has: the test is whether the expression gives true or false."""
    assert [type(validator.decide_retry(expression, ATTEMPT)) for validator in argo] == [bool for _ in argo]
    assert check_expression(expression) == expression


@pytest.mark.parametrize("expression", BAD)
def test_what_argo_cannot_evaluate_is_refused(argo: list[ArgoValidator], expression: str) -> None:
    """Wrong syntax, unknown names, and types that do not fit; as an error of the field."""
    assert [type(validator.decide_retry(expression, ATTEMPT)) for validator in argo] == [str for _ in argo]
    with pytest.raises(ValueError, match=r"retries|expression"):
        ArgoConfig.model_validate({"retries": {"expression": expression, "limit": 1}})


@pytest.mark.parametrize("expression", NEVER_TRUE)
def test_what_is_never_true_is_refused(argo: list[ArgoValidator], expression: str) -> None:
    """Argo accepts it, and no failed task would be tried again."""
    assert [validator.decide_retry(expression, ATTEMPT) for validator in argo] == [False for _ in argo]
    with pytest.raises(ValueError, match=r"exitCode|in quotes"):
        check_expression(expression)


PIECES = st.sampled_from(
    [
        *(
            "lastRetry",
            ".",
            "exitCode",
            "retries",
            "asInt",
            "len",
            "any",
            "let",
            "x",
            "true",
            "nil",
            "if",
            "else",
        ),
        *(
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "::",
            ";",
            "?",
            "?.",
            "??",
            "|",
            "#",
            "..",
            "=",
            "==",
            "!=",
            "<",
        ),
        *(
            "and",
            "or",
            "not",
            "in",
            "matches",
            "contains",
            "&&",
            "||",
            "!",
            "-",
            "+",
            "*",
            "**",
            "/",
            "%",
            "^",
            "&",
        ),
        *(
            "'a'",
            '"b"',
            "`c`",
            "'",
            "1",
            "0x1F",
            "1.5",
            ".5",
            "1.",
            "1e3",
            "1e",
            "08",
            "'\\d'",
            "'\\x41'",
            "$env",
            "@",
        ),
    ]
)
EXPRESSIONS = st.recursive(
    st.sampled_from(
        ["lastRetry.exitCode", "retries", "'a'", "1", "true", "nil", "[1, 2]", "lastRetry.message"]
    ),
    lambda inner: st.one_of(
        st.builds(
            "{} {} {}".format,
            inner,
            st.sampled_from(
                ["==", "<", "&&", "or", "not in", "matches", "??", "+", "..", "**", "not contains"]
            ),
            inner,
        ),
        st.builds("({})".format, inner),
        st.builds("not {}".format, inner),
        st.builds("-{}".format, inner),
        st.builds("{} ? {} : {}".format, inner, inner, inner),
        st.builds("let x = {}; {}".format, inner, inner),
        st.builds("any([{}], # == {})".format, inner, inner),
        st.builds("{}[{}:{}]".format, inner, inner, inner),
        st.builds("asInt({})".format, inner),
        st.builds("{} | string()".format, inner),
        st.builds("if {} {{ {} }} else {{ {} }}".format, inner, inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expression=st.one_of(EXPRESSIONS, st.lists(PIECES, max_size=9).map(" ".join)))
def test_no_error_of_syntax_is_missed(argo: list[ArgoValidator], expression: str) -> None:
    """What Argo's parser refuses, we refuse."""
    if all(validator.refuse_syntax(expression) for validator in argo):
        with pytest.raises(ValueError, match=r"."):
            check_expression(expression)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expression=EXPRESSIONS)
def test_nothing_that_argo_evaluates_is_refused(argo: list[ArgoValidator], expression: str) -> None:
    """Except comparisons of text with numbers, which are never true, and branches that are not reached."""
    try:
        check_expression(expression)
    except ValueError as error:
        refused = str(error)
    else:
        return
    decided = [validator.decide_retry(expression, ATTEMPT) for validator in argo]
    assert not any(isinstance(each, bool) for each in decided) or _is_stricter(expression, refused)


def _is_stricter(expression: str, refused: str) -> bool:
    """Whether an error is about types, in an expression that may stop before it comes to them."""
    short_cut = {"&&", "or", "?", "??", "if", "any"} & {token.value for token in read_tokens(expression)}
    return "compares" in refused or (bool(short_cut) and ("takes" in refused or "true or false" in refused))

"""Check prose and messages for words that have a plainer one: ``python tests/docs/word_list.py [FILE ...]``.

Without files, every file under version control is checked: Markdown, comments, docstrings, and the strings of
the source (those of tests are sample data). Code is not checked, nor are words in backticks, doctests, and
blocks of code in Markdown, except for their comments.
"""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
EXCLUDED = {"LICENSE", "CODE_OF_CONDUCT.md"}  # quoted texts
COMMENTED = {".yml", ".yaml", ".toml", ".defaults", ".txt", ".css", ".sh"}  # only their comments are prose
CODE = "\x00"  # takes the place of what is not prose, so that no phrase continues across it

_END = r"(?=[^\w ]| ?\Z| (and|or|which|that|for|in|to|too|is|has|at|on|by)\b)"  # of a phrase
WORDS = {  # a pattern, and what to write instead
    r"anew": "again, or name the action: regenerate, rebuild, rerun",
    r"mend(s|ed|ing)?": "fix",
    r"shall": "must, will, or the plain verb",
    r"(un)?told": "reported, given, documented; 'told apart' is 'distinguished'",
    r"tell(s|ing)?": "say, report, show; 'tell apart' is 'distinguish'",
    r"put(s|ting)? up with": "tolerate, allow",
    r"(has|have|had) not(?=[^\w ]| ?\Z| (and|or|but|which|that|is|are|the|a|an)\b)": "does not have",
    r"(?<!there )(is|are|was|were|be) no(?= )(?! (longer|more than|different|later))": "is not a",
    r"(?<!there )(?<!where )(is|are) (?-i:none)(?! of)": "is not one, does not count, does not exist",
    r"the lacks": "missing features, what is missing",
    r"hears?": "receives, has access to, is notified",
    rf"of (one's|its|their|your|our|my) own{_END}": "its own ..., a separate ...",
    r"(do|does|done|did|say|says|said|written|named|group|come|came|went|goes) otherwise": "differently",
    r"unless said": "by default, unless set",
    r"(is|are|was|were|be|been) said": "is stated, is reported, is configured",
    r"hand(s|ed|ing)? (over|on|to|out|back|through)": "pass, return",
    r"(is|are|was|were|be|been) handed": "receives, gets",
    r"(becomes?|became|comes?|came) of": "the result, what happens to",
    r"in force": "active, applied, used",
    r"for want of": "without",
    r"(need|needs|knows?|cares?|matters?) not": "does not need to, does not know",
    r"knows? nothing": "does not know",
    r"(save|but) for": "except",
    r"what there is": "name it",
    r"foresee(s|n|ing)?": "predict, expect",
    r"(is|are|was|were) to be": "must be, will be",
    r"flavours?": "engine",
    r"circles?(?! \{)": "cycle",
    r"spelt": "written",
    r"luggage": "state",
    r"has no say": "does not affect",
    r"in the place of": "instead of, to replace",
    r"says? of": "says about, reports for",
    r"beside": "next to, besides, in addition to, compared with",
    r"stands?(?! (for|out|in for))|stood": "is, is written, is set",
    r"(lays?|laid|laying) (over|flat|into)": "merge over, flatten, add to",
    r"at once": "immediately, or: at the same time",
    r"may not": "must not, is not allowed to, or: might not",
    r"amiss": "wrong",
    r"to and fro": "back and forth",
    r"(whither|whence|thence|hither|hitherto|thither|nought|upon|amongst|whilst)": "the modern word",
    r"(thereof|whereof|whereby|whereupon|wherein|therein|betwixt|lest|forego|ought)": "the modern word",
}
PATTERNS = [
    (re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE), plain) for words, plain in WORDS.items()
]

FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>```+|~~~+)(?P<language>\w*)[^\n]*\n(?P<code>.*?)^ *(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
SPAN = re.compile(r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
TARGET = re.compile(r"\]\([^)\s]*\)|<[A-Za-z]+|<https?:[^>]*>|https?://\S+")
COMMENT = re.compile(r"(?:^|(?<=\s))#(?P<text>[^\n]*)|/\*(?P<css>.*?)\*/", re.MULTILINE | re.DOTALL)
DOCTEST = re.compile(r"^ *>>> .*?(?=^\s*$|\Z)", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")


class Finding(NamedTuple):
    """A word that has a plainer one."""

    line: int
    word: str
    plain: str


def find_words(prose: str) -> list[Finding]:
    """Find the words of the list in a text; a phrase may continue on the next line."""
    words = [(word, number) for number, line in enumerate(prose.split("\n"), 1) for word in line.split()]
    joined = " ".join(word for word, _ in words)
    lines = [number for word, number in words for _ in f"{word} "]  # of each character
    found = [
        Finding(lines[match.start()], match[0], plain)
        for pattern, plain in PATTERNS
        for match in pattern.finditer(joined)
    ]
    return sorted(found)


def read_prose(path: Path) -> str:
    """Return a file's text with everything that is not prose masked; lines keep their numbers."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return mask_python(text, all_strings="tests" not in path.parts)
    if path.suffix in {".md", ".html"} or ".github" in path.parts:
        return mask_markdown(text)
    return _keep(text, COMMENT.finditer(text))


def mask_markdown(text: str) -> str:
    """Keep text, and the comments inside blocks of code; quoted output in ``console`` blocks is masked."""
    text = FENCE.sub(_mask_block, text)
    return _mask_spans(text)


def mask_python(source: str, *, all_strings: bool) -> str:
    """Keep comments, and of the strings all or the docstrings only."""
    docstrings = _find_docstrings(source)
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    kept = list(re.sub(r"\S", CODE, source))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        begin = starts[token.start[0] - 1] + token.start[1]
        end = starts[token.end[0] - 1] + token.end[1]
        name = tokenize.tok_name[token.type]
        if name == "COMMENT":
            kept[begin:end] = " " + _mask_spans(source[begin + 1 : end])
        elif name == "STRING" and (all_strings or token.start in docstrings):
            kept[begin:end] = _mask_string(source[begin:end])
        elif name == "FSTRING_MIDDLE" and all_strings:  # Python 3.12 and later
            kept[begin:end] = _mask_spans(source[begin:end])
        elif name in {"FSTRING_START", "FSTRING_END"}:
            kept[begin:end] = " " * (end - begin)
    return "".join(kept)


def _find_docstrings(source: str) -> set[tuple[int, int]]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    strings = {
        statement.value
        for node in ast.walk(ast.parse(source))
        for statement in (node.body if isinstance(node, owners) else [])
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    }
    return {(string.lineno, string.col_offset) for string in strings}


def _mask_string(literal: str) -> str:
    prefix = re.match(r"[A-Za-z]*(\"\"\"|'''|\"|')", literal)
    assert prefix
    opening, closing = prefix.end(), len(literal) - len(prefix[1])
    text = DOCTEST.sub(_mask, literal[opening:closing])
    if "f" in prefix[0].lower():
        text = FIELD.sub(_mask, text)
    return " " * opening + _mask_spans(text) + " " * (len(literal) - closing)


def _mask_spans(text: str) -> str:
    return TARGET.sub(_mask, SPAN.sub(_mask, text))


def _mask_block(block: re.Match[str]) -> str:
    if block["language"] in {"console", "text", ""}:
        return _mask(block)
    code = block["code"]
    before, after = block[0].split(code, 1) if code else (block[0], "")
    return re.sub(r"\S", CODE, before) + _keep(code, COMMENT.finditer(code)) + re.sub(r"\S", CODE, after)


def _keep(text: str, comments: Iterator[re.Match[str]]) -> str:
    kept = list(re.sub(r"\S", CODE, text))
    for comment in comments:
        kept[slice(*comment.span())] = re.sub(r"[#*/]", " ", _mask_spans(comment[0]))
    return "".join(kept)


def _mask(match: re.Match[str]) -> str:
    return re.sub(r"\S", CODE, match[0])


def list_files() -> list[Path]:
    """List the files under version control whose text is ours."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def is_checked(path: Path) -> bool:
    """Say whether a file holds prose of ours."""
    commented = path.suffix in COMMENTED or path.name == "Dockerfile" or ".ci" in path.parts
    return path.name not in EXCLUDED and (path.suffix in {".py", ".md", ".html"} or commented)


def main(arguments: list[str]) -> int:
    """Print every finding as ``file:line: 'word': plain words``; return 1 if there is one."""
    files = [Path(argument) for argument in arguments] or list_files()
    found = [
        (path, finding) for path in files if is_checked(path) for finding in find_words(read_prose(path))
    ]
    for path, finding in found:
        print(f"{os.path.relpath(path)}:{finding.line}: {finding.word!r}: write {finding.plain}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

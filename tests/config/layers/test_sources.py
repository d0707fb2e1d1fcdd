from __future__ import annotations

from typing import Any

import pytest

from kedro_matrix_ext.errors import ConfigurationError

FILES = {
    "base/catalog.yml": "a: {type: x}\n",
    "base/catalog_1.yml": "b: {type: x}\n",
    "base/sub/catalog_d.yml": "c: {type: x}\n",
    "base/catalog/e.yml": "d: {type: x}\n",
    "shared/cat.yml": "e: {type: x}\n",
    "base/catalog^.yml": "f: {type: x}\n",
    "base/c.yml": "g: {type: x}\n",
    "base/.hidden/catalog.yml": "h: {type: x}\n",
    "base/c/deep/er/z.yml": "i: {type: x}\n",
    "base/catalog[1].yml": "j: {type: x}\n",
    "base/catalog.json": '{"k": {"type": "x"}}',
    "base/catalog.txt": "no mapping",
}
PATTERNS = [
    *(
        "catalog*",
        "**/catalog*",
        "catalog*/**",
        "**",
        "*",
        "*.json",
        "**/*.yml",
        "catalog.yml",
        "catalog?yml",
    ),
    *(
        "./catalog*",
        "sub/./catalog*",
        "sub//catalog*",
        "a//b",
        "/catalog*",
        "sub/../c*",
        "catalog.*",
        "**/",
        "sub/",
    ),
    *("../shared/*", "../base/catalog*", "../*/cat*", "../**/cat*", "..", "c/**", "c/**/z.yml", "c/*/z.yml"),
    *(
        "catalog_[!0-9]*",
        "catalog[!_]*",
        "catalog_[0-9]*",
        "catalog[^_]*",
        "catalog[[]1]*",
        "[a-c]*",
        "catalog[]*",
    ),
    *("c{atalog,}*", "catalog[1]*", "**/**/z.yml", "nothing*"),
]


def load_by(load: Any, pattern: str, *, ignore_hidden: bool) -> Any:
    """Load the catalog by a pattern; None if it cannot be loaded."""
    try:
        return load(config_patterns={"catalog": [pattern]}, merge_strategy={}, ignore_hidden=ignore_hidden)[
            "catalog"
        ]
    except Exception:  # noqa: BLE001  no file, or duplicate keys
        return None


@pytest.mark.parametrize("ignore_hidden", [True, False])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_find_the_files_that_kedro_finds(conf: Any, pattern: str, *, ignore_hidden: bool) -> None:
    """Dots, double slashes, `..`, character classes and stars are read as fsspec reads them."""
    conf.write(FILES)
    ours = load_by(conf.layered, pattern, ignore_hidden=ignore_hidden)
    assert ours == load_by(conf.omegaconf, pattern, ignore_hidden=ignore_hidden)


def test_a_pattern_that_fsspec_refuses_is_an_error(conf: Any) -> None:
    """Two stars with other characters would be read as one in silence."""
    conf.write(FILES)
    loader = conf.layered(config_patterns={"catalog": ["c**"]}, merge_strategy={})
    with pytest.raises(ConfigurationError, match=r"'c\*\*'"):
        loader["catalog"]


@pytest.mark.parametrize("name", ["parameters.yml", "parameters.json"])
def test_a_byte_order_mark_is_not_part_of_the_first_key(conf: Any, name: str) -> None:
    """Editors on Windows write one; the key behind it is read, and found in messages."""
    (conf.path / "base" / name).write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert conf.layered()["parameters"] == {"a": 1}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("a: 1\nb: café\n".encode("latin-1"), 2),
        ("a: 1\n".encode("utf-16"), 1),
        ("a: 1\n".encode("utf-16-be"), None),
        (b"a: 1\n\n# \x80\n", 3),
    ],
)
def test_a_file_that_is_not_utf8_is_an_error_with_its_line(conf: Any, content: bytes, line: int) -> None:
    """The error says where the first such byte is, and how to save the file."""
    (conf.path / "base/parameters.yml").write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        conf.layered()["parameters"]
    assert str(caught.value.file).endswith("base/parameters.yml")
    if line:
        assert (caught.value.line, caught.value.hint) == (line, "Save it as UTF-8.")


def test_escaped_surrogate_pairs_of_json_are_one_character(conf: Any) -> None:
    """Programs write characters beyond the first 65,536 so; behind an escaped backslash they are text."""
    conf.write(
        {"base/parameters.json": r'{"a": "\ud83d\ude00", "b": "\\ud83d\\ude00", "c": "\\\uD83D\uDE00"}'}
    )
    assert conf.layered()["parameters"] == {"a": "\U0001f600", "b": r"\ud83d\ude00", "c": "\\\U0001f600"}


def test_half_a_surrogate_pair_is_an_error_with_its_line(conf: Any) -> None:
    """It is not a character."""
    conf.write({"base/parameters.json": '{"a": 1,\n"b": "\\ud83d"}'})
    with pytest.raises(ConfigurationError) as caught:
        conf.layered()["parameters"]
    assert caught.value.line == 2

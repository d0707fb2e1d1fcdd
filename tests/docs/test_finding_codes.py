"""The page of finding codes agrees with the registry."""

from __future__ import annotations

import re
from pathlib import Path

from kedro_matrix_ext.findings import FINDING_CODES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "finding-codes.md"
SECTION = re.compile(r"^### (?P<code>\S+)\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def test_every_code_has_one_section_with_its_cause_and_remedy() -> None:
    """Severity, cause and remedy are the registry's; no code is missing, none is made up."""
    sections = [
        (match["code"], " ".join(match["text"].split())) for match in SECTION.finditer(PAGE.read_text())
    ]
    assert sorted(code for code, _ in sections) == sorted(FINDING_CODES)
    for code, text in sections:
        declared = FINDING_CODES[code]
        said = f"**{declared.severity.value.capitalize()}.** {declared.cause} **Remedy:** {declared.remedy}"
        assert text.startswith(said)

"""What each code of a finding means: declared here once, with its cause and its general remedy."""

from __future__ import annotations

from kedro_matrix_ext._finding_codes.configuration import CONFIGURATION_CODES
from kedro_matrix_ext._finding_codes.model import FindingCode, Severity
from kedro_matrix_ext._finding_codes.workflow import WORKFLOW_CODES

__all__ = ["FINDING_CODES", "FindingCode", "Severity"]

FINDING_CODES: dict[str, FindingCode] = {code.code: code for code in (*CONFIGURATION_CODES, *WORKFLOW_CODES)}
"""Every code that a check may report, by name, with its severity, cause and remedy."""

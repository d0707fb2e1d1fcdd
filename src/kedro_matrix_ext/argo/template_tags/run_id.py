"""The default id of a workflow's run: its creation time, in the format of Kedro's save versions.

Kubernetes keeps creation times in whole seconds. The fraction is made from the workflow's uid, so that two
workflows that one template starts in the same second have different ids. Argo 3.7 and 4 evaluate the same
expression, https://argo-workflows.readthedocs.io/en/latest/variables/#expression.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.template_tags.syntax import fill_tags, render_tag

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["FRACTION", "RUN_ID_TAGS", "fill_run_id", "fraction_of"]

_DIGITS = 6
FRACTION = f"=sprig.trunc({_DIGITS}, sprig.regexReplaceAll('[^0-9]', sprig.sha256sum(workflow.uid), ''))"
_CREATED = "workflow.creationTimestamp"
_DIRECTIVE = re.compile(re.escape(_CREATED) + r"\.([YmdHMS])")

RUN_ID_TAGS = "{}-{}-{}T{}.{}.{}.{}Z".format(
    *(render_tag(f"{_CREATED}.{directive}") for directive in "YmdHMS"), render_tag(FRACTION)
)
"""Text with tags that the controller replaces by the run's id."""


def fraction_of(uid: str) -> str:
    """Return what the controller makes of ``FRACTION``: the first digits of the SHA-256 of the uid.

    Examples:
        >>> fraction_of("0f1c0a3e-aaaa-4bbb-8ccc-1234567890ab")
        '563891'
    """
    return re.sub("[^0-9]", "", hashlib.sha256(uid.encode()).hexdigest())[:_DIGITS]


def fill_run_id(text: str, *, created: datetime, uid: str) -> str:
    """Replace the tags of ``RUN_ID_TAGS`` in a text as the controller does; other tags stay.

    Examples:
        >>> from datetime import datetime
        >>> fill_run_id(RUN_ID_TAGS, created=datetime(2030, 1, 31, 12), uid="a")
        '2030-01-31T12.00.00.978112Z'
    """

    def look_up(tag: str) -> str | None:
        if tag == FRACTION:
            return fraction_of(uid)
        directive = _DIRECTIVE.fullmatch(tag)
        return created.strftime(f"%{directive[1]}") if directive else None

    return fill_tags(text, look_up)

"""Image tools that record their arguments, and commits of a project's folder."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DIGEST", "TOOL", "commit"]

DIGEST = f"sha256:{'ab' * 32}"

# Records its arguments, writes what the tool would, and fails with the given status.
TOOL = """#!{python} -SE
import json, os, sys
name, words = os.path.basename(sys.argv[0]), sys.argv[1:]
with open("{log}", "a") as log:
    log.write(json.dumps([name, *words]) + "\\n")
print(name + ": pushing manifest sha256:0123")
if "--metadata-file" in words and "{digest}":
    with open(words[words.index("--metadata-file") + 1], "w") as file:
        json.dump({{"containerimage.digest": "{digest}", "image.name": "shop"}}, file)
if "--digestfile" in words:
    with open(words[words.index("--digestfile") + 1], "w") as file:
        file.write("{digest}")
if {status}:
    print("first line\\ntime=now level=fatal msg=denied", file=sys.stderr)
sys.exit(0 if "version" in words or (words == ["info"] and {answers_info}) else {status})
"""


def commit(folder: Path) -> str:
    """Commit all that is in a folder, and give the commit."""
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S607  the machine's git
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return head.stdout.strip()

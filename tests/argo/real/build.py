"""Build the validators of Argo and Kubernetes, one Go program each: ``python tests/argo/real/build.py v4``.

The programs are built into the user's cache, in a folder named by the hash of their sources: no build is
stale, and the repository stays clean. The first build takes minutes and downloads 1.2 GB of Go modules.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["VERSIONS", "find_binary", "find_go"]

SOURCES = Path(__file__).parent
VERSIONS = {  # Argo 4 and 3.7, and Kubernetes' checks of pods, with the oldest Go that builds them
    "v4": (1, 25),
    "v3": (1, 24),
    "pods": (1, 24),
}


def find_binary(version: str) -> Path:
    """Return where the program for a version is built, whether it exists or not."""
    files = sorted([*SOURCES.glob("protocol/*"), *SOURCES.glob(f"{version}/*")])
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "kedro-matrix-ext" / "argo-validator" / digest / version


def find_go(version: str) -> str | None:
    """Return the path of a Go that is new enough for a version's program, or None."""
    go = shutil.which("go", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/go/bin"]))
    if go is None:
        return None
    output = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"go(\d+)\.(\d+)", output)
    return go if match and tuple(map(int, match.groups())) >= VERSIONS[version] else None


def build(version: str) -> None:
    """Build a version's program unless it exists; print where it is, or why it cannot be built."""
    binary = find_binary(version)
    if binary.exists():
        print(f"{version}: {binary}")
        return
    go = find_go(version)
    if go is None:
        required = ".".join(map(str, VERSIONS[version]))
        print(f"{version}: skipped, since Go {required} or newer is not installed")
        return
    binary.parent.mkdir(parents=True, exist_ok=True)
    unfinished = binary.with_suffix(f".{os.getpid()}")
    subprocess.run(
        [go, "build", "-buildvcs=false", "-o", str(unfinished), "."], cwd=SOURCES / version, check=True
    )
    unfinished.replace(binary)
    print(f"{version}: {binary}")


if __name__ == "__main__":
    for argument in sys.argv[1:] or VERSIONS:
        build(argument)

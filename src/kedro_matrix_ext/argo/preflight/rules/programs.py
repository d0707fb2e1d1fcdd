"""Programs that custom templates call and the project's image lacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kedro_matrix_ext.findings import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.configuration.templates import Container
    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_missing_programs"]

# Programs that slim base images do not have, and the package of Debian that brings each.
_PACKAGES = {
    **{
        name: name for name in ("curl", "git", "jq", "make", "rsync", "unzip", "wget", "zip", "gcc", "ffmpeg")
    },
    **dict.fromkeys(("ssh", "scp", "sftp"), "openssh-client"),
    **dict.fromkeys(("ps", "top", "pgrep", "pkill"), "procps"),
    "bzip2": "bzip2",
    "dig": "dnsutils",
    "java": "default-jre-headless",
    "mysql": "default-mysql-client",
    "nc": "netcat-openbsd",
    "ping": "iputils-ping",
    "psql": "postgresql-client",
    "redis-cli": "redis-tools",
    "sqlite3": "sqlite3",
    "xz": "xz-utils",
}
_SHELLS = frozenset({"sh", "bash", "dash"})
_COMMAND = re.compile(r"(?:^|[;&|(`\n]|\b(?:then|do|else|if|exec|sudo)\s)\s*(?P<program>[\w./-]+)")
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
_STAGE = "AS environment"  # what the Dockerfile of init installs before this is not in the image


def find_missing_programs(context: CheckContext) -> Iterator[Finding]:
    """Report programs in the commands of templates that run in the project's image, which lacks them."""
    files, deployment = context.files, context.config.deployment
    dockerfile = files.project / deployment.dockerfile if files is not None else None
    if dockerfile is None or not dockerfile.is_file():
        return
    text = _COMMENT.sub("", dockerfile.read_text(encoding="utf-8", errors="replace"))
    installed = set(
        re.findall(r"[\w.-]+", " ".join([text.rpartition(_STAGE)[2], *deployment.build_args.values()]))
    )
    for number, template in enumerate(context.config.template.templates):
        called = () if template.container.image else _list_programs(template.container)
        for program in dict.fromkeys(called):
            package = _PACKAGES.get(program, program)
            if program in _PACKAGES and installed.isdisjoint({program, package}):
                yield finding(
                    "image-lacks-program",
                    f"template {template.name!r} calls {program!r}, which the image does not have",
                    fix=f"Install {package!r}: 'build_args: {{PROGRAMS: {package}}}' under 'deployment'.",
                    location=context.argo_place("template", "templates", number),
                )


def _list_programs(container: Container) -> Iterator[str]:
    """Yield the names of the programs that a command starts, also by a shell."""
    words = [*container.command, *container.args]
    if not words:
        return
    first = words[0].rpartition("/")[2]
    yield first
    if first in _SHELLS:
        for word in words[1:]:
            yield from (match["program"].rpartition("/")[2] for match in _COMMAND.finditer(word))

"""A process that runs ``kedro`` commands one after the other, and reports what they reached.

Called as ``python audited.py REPORT`` in a project, with a JSON list of argument lists on standard input.
The report holds, per command, its exit code, its output, and by Python's own audit events: each address it
looked for or connected to, this machine's too, each path it wrote to, and each process it started.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

_SOCKETS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
_PATHS = {  # event -> which of its arguments are paths that it changes
    **dict.fromkeys(("os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.utime"), (0,)),
    **dict.fromkeys(("os.chown", "os.setxattr", "os.removexattr", "shutil.rmtree"), (0,)),
    **dict.fromkeys(("os.rename", "os.link"), (0, 1)),
    "os.symlink": (1,),
    "sqlite3.connect": (0,),
}
_PROCESSES = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC

SEEN: dict[str, list[str]] = {"network": [], "written": [], "started": []}


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """Note one audit event."""
    if event in _SOCKETS:
        SEEN["network"].append(f"{event} {arguments[_SOCKETS[event]]!r}")
    elif event in _PROCESSES:
        SEEN["started"].append(f"{event} {arguments[:2]!r}")
    elif event == "open":
        path, mode, flags = arguments
        if (flags or 0) & _WRITING or set(mode or "") & set("wax+"):
            _note(path)
    elif event in _PATHS:
        for position in _PATHS[event]:
            _note(arguments[position])


def _note(path: object) -> None:
    if isinstance(path, (str, bytes, os.PathLike)):
        SEEN["written"].append(os.path.realpath(os.fsdecode(path)))


def run(arguments: list[str]) -> dict[str, Any]:
    """Run one command as the shell would, but in this process."""
    from click.testing import CliRunner
    from kedro.framework.cli.cli import KedroCLI

    for noted in SEEN.values():
        noted.clear()
    result = CliRunner().invoke(KedroCLI(project_path=Path.cwd()), arguments)
    failed = result.exception if not isinstance(result.exception, SystemExit) else None
    return {
        "code": result.exit_code,
        "output": result.output + (f"\n{failed!r}" if failed else ""),
        "failed": None if failed is None else _describe(failed),
        **{kind: sorted(set(noted)) for kind, noted in SEEN.items()},
    }


def _describe(failed: BaseException) -> str:
    """Return an exception and where it arose."""
    frame = traceback.extract_tb(failed.__traceback__)[-1]
    return f"{type(failed).__name__}: {failed} at {frame.filename}:{frame.lineno}"


def main() -> None:
    """Run the commands, then write the report."""
    sys.addaudithook(watch)
    import kedro_matrix_ext
    from kedro_matrix_ext import argo, config, fabrication, hooks

    for module in (kedro_matrix_ext, argo, config, fabrication, hooks):
        for name in module.__all__:
            getattr(module, name)
    imported = {kind: sorted(set(noted)) for kind, noted in SEEN.items()}
    results = [run(arguments) for arguments in json.load(sys.stdin)]
    Path(sys.argv[1]).write_text(json.dumps({"import": imported, "commands": results}), encoding="utf-8")


if __name__ == "__main__":
    main()

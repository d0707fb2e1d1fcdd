"""Draw the README's pictures from the example project's real output: `nox -s pictures` runs this."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text
from task_graph import draw_graph

HERE = Path(__file__).parent
COLUMNS, ROWS = 100, 60
VARIANTS = {
    "reviews_predictor": ["base", "test1"],
    "price_predictor": ["base", "candidate1", "candidate2", "candidate3"],
}
PLAN = ["argo", "plan", "--env", "base", "--group-by", "memory", "--format", "json"]
EXPLAIN = [
    "matrix",
    "config",
    "explain",
    "price_predictor.candidate2.model_options.model.max_depth",
    "-e",
    "base",
]
CHECK = ["argo", "check", "--env", "base"]
REHEARSE = ["argo", "rehearse", "--env", "base", "--namespaces", "price_predictor", "--group-by", "memory"]
HYPERLINK = re.compile(r"\x1b]8;[^\x1b\x07]*(?:\x1b\\|\x07)")
QUIET = "version: 1\nroot: {level: ERROR}\n"  # a logging configuration for Kedro


def main(project: Path) -> None:
    """Capture the timing table of a run, three commands in a terminal, and the graph of a plan."""
    (project / "quiet.yml").write_text(QUIET, encoding="utf-8")
    shown = show_in_terminal(project, ["run"])
    table = shown[shown.rindex("Node timings") :]
    draw_terminal(f"$ kedro run\n...\n{table}", "kedro run", HERE / "node-timings.svg")
    show_in_terminal(project, ["argo", "init"])
    session = "\n".join(
        [
            type_command(EXPLAIN) + show_in_terminal(project, EXPLAIN),
            type_command(CHECK) + shorten(show_in_terminal(project, CHECK, status=1), first=6, last=1),
            type_command(REHEARSE) + cut_table(show_in_terminal(project, REHEARSE)),
        ]
    )
    draw_terminal(session, "explain, check, rehearse", HERE / "explain-check-rehearse.svg")
    file = project / "plan.json"
    show_in_terminal(project, [*PLAN, "--output", str(file)])
    graph = draw_graph(json.loads(file.read_text(encoding="utf-8")), VARIANTS)
    (HERE / "task-graph.svg").write_text(graph, encoding="utf-8")


def type_command(arguments: list[str]) -> str:
    """Return a command as it is typed."""
    return f"\x1b[1m$ kedro {' '.join(arguments)}\x1b[0m\n"


def shorten(text: str, *, first: int, last: int) -> str:
    """Keep the first and the last lines."""
    lines = text.splitlines()
    return "\n".join([*lines[:first], "...", *lines[-last:], ""])


def cut_table(text: str) -> str:
    """Keep the table at the end of a rehearsal."""
    return "...\n" + text[text.rindex("TASK ") :]


def show_in_terminal(project: Path, arguments: list[str], status: int = 0) -> str:
    """Run a kedro command in a new terminal and return everything it prints."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    env = {
        **os.environ,
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm-256color",
        "KEDRO_LOGGING_CONFIG": str(project / "quiet.yml"),
    }
    command = [sys.executable, "-m", "kedro", *arguments]
    with subprocess.Popen(  # noqa: S603  a command of this file
        command, cwd=project, stdin=theirs, stdout=theirs, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        sent = b"".join(iter(lambda: read_some(ours), b""))
    os.close(ours)
    if process.returncode != status:
        raise SystemExit(sent.decode())
    shown = sent.decode().replace("\r\n", "\n").replace(str(project), f"~/{project.name}")
    return HYPERLINK.sub("", shown)


def read_some(terminal: int) -> bytes:
    """Read what is there; nothing once the other side is closed, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def draw_terminal(text: str, title: str, file: Path) -> None:
    """Draw a terminal's content."""
    lines = text.rstrip().splitlines()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(*(Text.from_ansi(line) for line in lines), sep="\n")
        svg = console.export_svg(title=title, unique_id=file.stem)
    file.write_text(without_fonts(svg), encoding="utf-8")


def without_fonts(svg: str) -> str:
    """Remove the fonts that a browser would download."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

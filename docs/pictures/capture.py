"""Draw the README's pictures from what the example project really shows: `nox -s pictures` runs this."""

from __future__ import annotations

import fcntl
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

HERE = Path(__file__).parent
COLUMNS, ROWS = 104, 60
PLAN = ["argo", "plan", "--env", "base", "--format", "html"]
HYPERLINK = re.compile(r"\x1b]8;[^\x1b\x07]*(?:\x1b\\|\x07)")
DRAWN = (":root { color-scheme", ".task", "path")  # the rules of the page that concern the graph
MARGIN = 16


def main(project: Path) -> None:
    """Capture the timing table of a run and the graph of a plan of the project."""
    shown = show_in_terminal(project, ["run"])
    table = shown[shown.rindex("Node timings") :]
    draw_terminal(f"$ kedro run\n...\n{table}", "kedro run", HERE / "node-timings.svg")
    page = project / "plan.html"
    show_in_terminal(project, ["argo", "init"])
    show_in_terminal(project, [*PLAN, "--output", str(page)])
    (HERE / "task-graph.svg").write_text(cut_graph(page.read_text(encoding="utf-8")), encoding="utf-8")


def show_in_terminal(project: Path, arguments: list[str]) -> str:
    """Run a kedro command in a terminal of its own and give all that the terminal was sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    env = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "kedro", *arguments]
    with subprocess.Popen(  # noqa: S603  a command of this file
        command, cwd=project, stdin=theirs, stdout=theirs, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        sent = b"".join(iter(lambda: read_some(ours), b""))
    if process.returncode:
        raise SystemExit(sent.decode())
    return HYPERLINK.sub("", sent.decode()).replace("\r\n", "\n")


def read_some(terminal: int) -> bytes:
    """Read what is there; nothing once the other side is closed, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def draw_terminal(sent: str, title: str, file: Path) -> None:
    """Draw what a terminal was sent."""
    lines = sent.rstrip().splitlines()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(*(Text.from_ansi(line) for line in lines), sep="\n")
        svg = console.export_svg(title=title, unique_id=file.stem)
    file.write_text(without_fonts(svg), encoding="utf-8")


def without_fonts(svg: str) -> str:
    """Leave out the fonts that rich would have a browser fetch from elsewhere."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def cut_graph(page: str) -> str:
    """Take the graph out of a plan's page, with the rules it is drawn by, as a picture of its own."""
    styles = page[page.index("<style>") + len("<style>") : page.index("</style>")]
    rules = "\n".join(line for line in styles.splitlines() if line.startswith(DRAWN))
    graph = page[page.index('<g id="edges">') : page.index("</svg>")]
    found = re.search(r'<svg viewBox="0 0 (\d+) (\d+)"', page)
    if found is None:
        raise SystemExit("the page of the plan has no graph")
    width, height = (int(size) + 2 * MARGIN for size in found.groups())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-MARGIN} {-MARGIN} {width} {height}" '
        f'width="{width}" height="{height}" font-family="system-ui, sans-serif">\n'
        f"<style>\n{rules}\n</style>\n"
        f'<rect x="{-MARGIN}" y="{-MARGIN}" width="{width}" height="{height}" fill="#fbfbfc"/>\n'
        f"{graph}</svg>\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

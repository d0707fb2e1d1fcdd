"""A plan's page in Chromium: folding, search, dark mode, at 28, 227 and 600 tasks.

Each test of a size leaves a picture in ``build/pictures``.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kedro.pipeline import Node, Pipeline
from tests.argo.joined_nodes import join
from tests.argo.report.variants_plan import make_variants_plan
from tests.waiting import PATIENCE

from kedro_matrix_ext.argo import ArgoConfig, build_plan
from kedro_matrix_ext.argo.report import render_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the group 'browser'")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.long, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

SIZES = {28: (8, 1), 227: (74, 2), 600: (199, 0)}
PICTURES = Path(__file__).parents[3] / "build" / "pictures"

# Boxes that overlap, and edges that pass through a box that is not at one of their ends.
FAULTS = """() => {
  const shown = [...boxes.keys()].map(key => units.get(key));
  const within = (at, start, size) => at > start && at < start + size;
  const hits = (box, x, y) => within(x, box.x, WIDTH) && within(y, box.y, HEIGHT);
  const faults = [];
  shown.forEach((a, i) => shown.slice(i + 1).forEach(b => {
    const apart = Math.abs(a.x - b.x) >= WIDTH || Math.abs(a.y - b.y) >= HEIGHT;
    if (!apart) faults.push(a.key + " overlaps " + b.key);
  }));
  const some = lines.filter((_, number) => number % Math.ceil(lines.length / 60) === 0);
  for (const line of some) {
    const length = line.getTotalLength();
    for (let part = 0; part <= 40; part++) {
      const { x, y } = line.getPointAtLength(length * part / 40);
      const { from, to } = line.dataset;
      for (const box of shown) if (hits(box, x, y) && box.key !== from && box.key !== to)
        faults.push(from + " to " + to + " passes behind " + box.key);
    }
  }
  return faults;
}"""
OUTSIDE = """() => {
  const { left, right, top, bottom } = stage.getBoundingClientRect();
  const lit = [...boxes.values()].filter(box => box.classList.contains("lit"));
  return lit.map(box => box.getBoundingClientRect()).filter(box =>
    box.left < left || box.right > right + 1 || box.top < top || box.bottom > bottom + 1).length;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for all tests."""
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Callable[..., Any]:
    """Open the page of a plan of so many tasks; an error of its script fails the test."""

    def go(size: int, scheme: str = "light") -> Any:
        variants, extra = SIZES[size]
        plan = make_variants_plan(variants, extra=extra)
        assert len(plan.tasks) == size
        file = tmp_path / "plan.html"
        file.write_text(render_page(plan), encoding="utf-8")
        page = browser.new_page(color_scheme=scheme, viewport={"width": 1360, "height": 800})
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(file.as_uri())
        return page

    return go


def test_irregular_plan_has_no_edge_behind_a_box(browser: Any, tmp_path: Path) -> None:
    """Three hundred tasks of a tree with shortcuts: edges over several layers have tracks."""
    nodes = [
        Node(join, sorted({f"d{number // 3}", f"d{number // 9}"}) if number else ["raw"], f"d{number + 1}")
        for number in range(300)
    ]
    file = tmp_path / "plan.html"
    file.write_text(render_page(build_plan(Pipeline(nodes), config=ArgoConfig())), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1360, "height": 800})
    page.goto(file.as_uri())
    assert page.locator(".task").count() == 300
    assert page.evaluate(FAULTS) == []


def _keep(page: Any, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"plan-{name}.png")


@pytest.mark.parametrize("size", SIZES)
def test_equal_variants_are_folded_and_open(open_page: Callable[..., Any], size: int) -> None:
    """Three stacks; one opens on a click, in natural order, and folds again."""
    page = open_page(size)
    variants, extra = SIZES[size]
    assert page.locator(".stack").count() == 3
    assert page.locator(".task").count() == 3 + 3 + extra
    assert page.evaluate(FAULTS) == []
    _keep(page, f"{size}-folded")
    page.locator(".stack", has_text="shop-*-train").click()
    assert page.locator(".stack").count() == 2
    opened = page.evaluate(
        "stacks[1].tasks.map(name => [units.get(name).y, name]).sort((a, b) => a[0] - b[0])"
    )
    assert [name for _, name in opened] == [f"shop-v{number}-train" for number in range(1, variants + 1)]
    assert page.evaluate(FAULTS) == []
    page.locator(".frame text").click()
    assert page.locator(".stack").count() == 3


@pytest.mark.parametrize("size", SIZES)
def test_all_stacks_open_without_edges_behind_boxes(open_page: Callable[..., Any], size: int) -> None:
    """With every task shown, no box is on another and no edge passes behind one."""
    page = open_page(size)
    page.click("#fold")
    assert page.locator(".task").count() == size
    assert page.evaluate(FAULTS) == []
    _keep(page, f"{size}-open")
    page.click("#fold")
    assert page.locator(".stack").count() == 3


@pytest.mark.parametrize("size", SIZES)
def test_search_brings_matches_into_view(open_page: Callable[..., Any], size: int) -> None:
    """Matches are lit, inside the window, and counted; their stack opens. Enter shows the details."""
    page = open_page(size)
    page.fill("#search", "shop.v8.")
    assert page.locator("#found").inner_text() == "3 found"
    assert page.locator(".task.lit").count() == 3
    assert page.evaluate(OUTSIDE) == 0
    _keep(page, f"{size}-search")
    page.press("#search", "Enter")
    assert page.locator("#detail h2").inner_text() == "shop-v8-evaluate"
    page.fill("#search", "no such task")
    assert page.locator("#found").inner_text() == "0 found"
    page.fill("#search", "")
    assert page.locator("svg.dimmed").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_dark_mode_is_readable(open_page: Callable[..., Any], size: int) -> None:
    """The page follows the system's scheme: light text on dark, with a contrast of at least 7."""
    page = open_page(size, "dark")
    contrast = page.evaluate("""() => {
      const parts = (element, name) => getComputedStyle(element)[name].match(/[\\d.]+/g).slice(0, 3);
      const light = element => name => parts(element, name).map(Number)
        .map(part => part / 255).map(part => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
      const box = document.querySelector(".task:not(.stack)");
      const text = light(box.querySelector("text"))("fill"), fill = light(box.querySelector("rect"))("fill");
      return [(text + .05) / (fill + .05), light(document.body)("backgroundColor")];
    }""")
    assert contrast[0] >= 7
    assert contrast[1] < 0.05
    _keep(page, f"{size}-dark")


def test_longest_chain_is_marked_without_colour(open_page: Callable[..., Any]) -> None:
    """Boxes of the chain have a dashed border and their step; its edges are dashed and thicker."""
    page = open_page(28)
    steps = page.locator(".step").all_text_contents()
    assert sorted(steps) == [f"step {number}" for number in range(1, 7)]
    assert (
        page.evaluate("getComputedStyle(document.querySelector('path.critical')).strokeDasharray") != "none"
    )
    page.click("#path")
    assert page.locator(".task.lit").count() == 6

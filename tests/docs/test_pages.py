"""Every page of documentation does what it says."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.documentation_page import Page, PageRun
from tests.kedro_project import KedroProject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKED = [*PAGES, ROOT / "CHANGELOG.md", *sorted((ROOT / ".github").rglob("*.md"))]
LINK = re.compile(r"\]\((?P<target>[^)#:\s]+)(#[^)]*)?\)")


@pytest.fixture(params=[str(page.relative_to(ROOT)) for page in PAGES])
def page(request: pytest.FixtureRequest) -> Page:
    """A page; the test is skipped where what the page needs is not installed."""
    page = Page.read(ROOT / request.param, request.param)
    for module in page.requires:
        pytest.importorskip(module, reason=f"the page needs {module!r}")
    if "pyspark" in page.requires and not shutil.which("java"):
        pytest.skip("the page needs Java 17")
    return page


@pytest.fixture
def page_project(
    page: Page,
    make_project: Callable[..., KedroProject],
    copy_example: Callable[[str], KedroProject],
    tmp_path: Path,
) -> KedroProject:
    """The project that the page works in; an empty folder where it makes one itself."""
    if page.project == "none":
        return KedroProject(tmp_path)
    return copy_example(page.project) if page.project else make_project()


@pytest.fixture
def _inside(page_project: KedroProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Doctests see the project as Kedro would; neither its modules nor its variables outlive the page."""
    variables = dict(os.environ)
    monkeypatch.chdir(page_project.path)
    monkeypatch.syspath_prepend(str(page_project.path / "src"))
    yield
    packages = {settings.parent.name for settings in page_project.path.glob("src/*/settings.py")}
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]
    os.environ.clear()
    os.environ.update(variables)


@pytest.mark.project
@pytest.mark.usefixtures("_inside")
def test_page_does_what_it_says(page: Page, page_project: KedroProject) -> None:
    """A page's files, commands and doctests work in the order in which a reader meets them."""
    PageRun(page, page_project).run()


@pytest.mark.parametrize("file", LINKED, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_to_files(file: Path) -> None:
    """Every relative link of a page leads to a file that is there."""
    targets = [match["target"] for match in LINK.finditer(file.read_text())]
    assert [target for target in targets if not (file.parent / target).exists()] == []

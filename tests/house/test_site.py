"""The documentation as a site: what `make site` makes, link by link."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.test_axe import faults
from tests.browser.watching import LAPTOP
from tests.served import REPOSITORY

READERS = ("Developer of an EHR", "Tester", "Clinician", "Committee", "Operator", "Developer of this service")


class _Page(HTMLParser):
    """What a page loads, where it leads, and the places on it that a link may lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, a file that is loaded, an id."""
        named = {name: value or "" for name, value in attrs}
        loaded = [named[name] for name in ("src", "data") if named.get(name)]
        self.loaded += [each for each in loaded if not each.startswith("data:")]
        if "href" in named:
            (self.links if tag == "a" else self.loaded).append(named["href"])
        self.places |= {named[name] for name in ("id", "name") if named.get(name)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, made as `make site` makes it: a warning is a fault."""
    made = tmp_path_factory.mktemp("site")
    words = next(line for line in _recipe() if "-m sphinx" in line).replace("$(BIN)/python", sys.executable)
    words = words.replace("build/site", str(made / "site")).replace("build/doctrees", str(made / "doctrees"))
    run = subprocess.run(words.split(), cwd=REPOSITORY, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    return made / "site"


def _recipe() -> Iterator[str]:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^site:.*\n((?:\t.*\n)+)", makefile, re.M)
    assert found is not None
    return (line.strip() for line in found[1].splitlines())


@pytest.fixture(scope="module")
def pages(site: Path) -> Mapping[Path, _Page]:
    """Every page of the site."""
    return {path: _Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_no_link_of_the_site_leads_nowhere(site: Path, pages: Mapping[Path, _Page]) -> None:
    """Each link within the site leads to a file, and to the place that it names."""
    faults = []
    for path, page in pages.items():
        for link in (*page.links, *page.loaded):
            parts = urlsplit(link)
            if parts.scheme in {"http", "https", "mailto"}:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            if not target.is_file() or (place and target in pages and place not in pages[target].places):
                faults.append(f"{path.relative_to(site)}: {link}")
    assert not faults
    assert len(pages) > 20


def test_the_site_loads_nothing_from_elsewhere(pages: Mapping[Path, _Page]) -> None:
    """Fonts, scripts and pictures are its own, so that it reads in a house without internet."""
    assert [each for page in pages.values() for each in page.loaded if urlsplit(each).netloc] == []


def test_a_reader_enters_by_who_they_are(site: Path, pages: Mapping[Path, _Page]) -> None:
    """The first address leads to the home page; that and each sidebar name every kind of reader."""
    home = site / "docs" / "README.html"
    assert site / pages[site / "index.html"].links[0] == home
    assert re.search(
        r'http-equiv="refresh" content="0; url=docs/README.html"', (site / "index.html").read_text()
    )
    asked = re.findall(r"<h2>(.*?)<a", home.read_text(encoding="utf-8"))
    assert asked == list(READERS)
    captions = re.findall(
        r'<span class="caption-text">(.*?)</span>', (site / "README.html").read_text("utf-8")
    )
    assert captions == ["Everyone", *READERS]


def test_every_page_of_the_documentation_is_in_the_site(site: Path) -> None:
    """A new page is in it by itself; without a reader who is led to it, making the site fails."""
    written = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")]
    assert all((site / page.relative_to(REPOSITORY).with_suffix(".html")).is_file() for page in written)


def test_a_folder_is_named_without_a_link(site: Path) -> None:
    """README leads to folders, which a site does not have."""
    readme = (site / "README.html").read_text(encoding="utf-8")
    assert re.search(
        r'<td><p><code class="docutils literal notranslate"><span class="pre">mappings/</span>', readme
    )


@pytest.mark.parametrize(
    ("page", "dark"),
    [("docs/README", False), ("docs/architecture", True), ("docs/integrate", False), ("search", True)],
)
def test_a_page_of_the_site_has_no_fault_that_axe_knows_of(
    browser: Browser, site: Path, page: str, dark: bool
) -> None:
    """Home, diagrams, tables without a heading, boxes that scroll: all can be heard, and reached by keys."""
    context = browser.new_context(viewport=LAPTOP, color_scheme="dark" if dark else "light")
    shown = context.new_page()
    shown.goto((site / f"{page}.html").as_uri(), wait_until="networkidle")
    assert faults(shown) == []
    context.close()

"""How `make site` makes the pages of this repository into a site: no page is written twice."""

import re
from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer

REPOSITORY = Path(__file__).parents[2]
HOME = "docs/README"

project = "ketamine-cds"
author = "The maintainers of ketamine-cds"
extensions = ["myst_parser"]
include_patterns = [
    "*.md",
    "docs/*.md",
    "bench/README.md",
    "mappings/terminology/NOTICE.md",
    "tests/vignettes/README.md",
]
root_doc = HOME
myst_heading_anchors = 4
html_theme = "furo"
html_title = project
html_extra_path = ["index.html"]
html_static_path = ["site.css", "site.js", "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"]
html_css_files = ["site.css"]
html_js_files = [("mermaid.tiny.js", {"defer": ""}), ("site.js", {"defer": ""})]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": False}
suppress_warnings = ["toc.multiple_toc_parents"]  # a page may be read by more than one kind of reader

_LINK = re.compile(r"\[([^]]*)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)")


def _for_the_site(app: Any, name: str, source: list[str]) -> None:
    """Name folders without a link, since a site has none; give the home page its contents."""
    folder = (REPOSITORY / name).parent
    source[0] = _LINK.sub(lambda link: link[1] if (folder / link[2]).is_dir() else link[0], source[0])
    if name == HOME:
        source[0] += "".join(_contents(source[0]))


def _contents(home: str) -> list[str]:
    """Return what the sidebar lists: for each kind of reader the pages that the home page names."""
    everyone, *readers = re.split(r"^## ", home, flags=re.M)
    parts = [("Everyone", everyone), *(reader.split("\n", 1) for reader in readers)]
    return [
        "\n".join(["", "```{toctree}", ":hidden:", f":caption: {reader}", "", *_pages(text), "```", ""])
        for reader, text in parts
    ]


def _pages(text: str) -> list[str]:
    """Return the pages that a part of the home page leads to, in its order and by its words."""
    targets = [(link[1], (REPOSITORY / "docs" / link[2]).resolve()) for link in _LINK.finditer(text)]
    return [f"{title} </{page.relative_to(REPOSITORY)}>" for title, page in targets if page.suffix == ".md"]


def setup(app: Any) -> None:
    """Let Sphinx call what is above; diagrams are left to the browser."""
    app.add_lexer("mermaid", TextLexer)
    app.connect("source-read", _for_the_site)

"""A page of this service on paper: the same words in the same order, read from its own HTML.

So what is printed cannot say something else than the page does. Only text and tables are taken: nothing of
the HTML can act or be fetched.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

from service.paper.flow import Paper, PaperColumn, with_edges
from service.picture.pdf import Mark, pdf

_BLOCKS = frozenset(
    {"h1", "h2", "h3", "h4", "p", "li", "dt", "dd", "caption", "th", "td", "tr", "table", "ol", "ul", "dl"}
)
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_HIDDEN = frozenset({"only-screen", "unseen"})
_WIDEST, _LONG_WORD = 60, 17  # letters that give a column its share of the width


@dataclass(kw_only=True, slots=True)
class _Table:
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Hands each block inside `main` to the paper as soon as it ends."""

    def __init__(self, paper: Paper) -> None:
        super().__init__()
        self._paper = paper
        self.marks: list[Mark] = []
        self.edition: list[str] = []
        self.heading = ""
        self._inside, self._hidden = False, 0
        self._open: list[str] = []
        self._said: list[str] = []
        self._table = _Table()
        self._numbers: list[int] = []
        self._in_head = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block; text of a hidden one is passed over."""
        if tag in _VOID:
            return
        names = (dict(attrs).get("class") or "").split()
        if self._hidden or _HIDDEN & set(names):
            self._hidden += 1
        elif tag == "main":
            self._inside = True
        elif tag in _BLOCKS:
            self._begin(tag)
        elif tag == "thead":
            self._in_head = True
        elif tag == "small":
            self._said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a block, and put it on paper."""
        if self._hidden:
            self._hidden -= 1
        elif tag == "main":
            self._inside = False
        elif tag in _BLOCKS:
            self._end(tag)
        elif tag == "thead":
            self._in_head = False

    def handle_data(self, data: str) -> None:
        """Keep the words of the block."""
        if self._inside and not self._hidden:
            self._said.append(data)

    def _begin(self, tag: str) -> None:
        if tag in ("ol", "ul"):
            self._numbers.append(0 if tag == "ol" else -1)
        elif tag == "table":
            self._table = _Table()
        elif tag == "tr" and not self._in_head:
            self._table.rows.append([])
        self._said.clear()

    def _end(self, tag: str) -> None:
        text = " ".join("".join(self._said).split())
        self._said.clear()
        if tag in ("ol", "ul"):
            self._numbers.pop()
        elif tag == "table":
            self._put_table()
        elif tag in ("th", "td"):
            (self._table.heads if self._in_head else self._table.rows[-1]).append(text)
        elif text and self._inside:
            self._put(tag, text)

    def _put(self, tag: str, text: str) -> None:
        if tag == "h1":
            self.heading = text
            self._paper.title(text)
        elif tag in ("h2", "h3", "h4"):
            self._paper.heading(text, lined=tag == "h2")
            if tag != "h4":
                self.marks.append(Mark(text=text, page=len(self._paper.pages) - 1, below=tag == "h3"))
        elif tag == "li":
            self._paper.item(self._sign(), text)
        elif tag in ("dt", "dd"):
            self.edition.append(text)
            self._paper.text(text, bold=tag == "dt")
        else:
            if tag == "caption":
                self._paper.gap(5)
            self._paper.text(text, bold=tag == "caption")

    def _sign(self) -> str:
        if self._numbers[-1] < 0:
            return "•"
        self._numbers[-1] += 1
        return f"{self._numbers[-1]}."

    def _put_table(self) -> None:
        rows = [row for row in self._table.rows if row]
        if not rows:
            return
        heads = self._table.heads or [""] * len(rows[0])
        columns = [
            PaperColumn(
                title=head,
                share=_share([head, *(row[place] for row in rows if place < len(row))]),
                bold=not place,
            )
            for place, head in enumerate(heads)
        ]
        self._paper.table(columns, [(row + [""] * len(heads))[: len(heads)] for row in rows])


def _share(cells: list[str]) -> float:
    """Return the share of the width that fits a column: its average cell, and its words."""
    average = sum(map(len, cells)) / len(cells)
    longest = max(len(word) for cell in cells for word in cell.split() or [""])
    return min(max(average, min(longest, _LONG_WORD) + 5), _WIDEST)


def page_paper(html: str, number: Callable[[int, int], str]) -> bytes:
    """Return a page as PDF, with its heading and edition on each sheet, and marks that lead to its parts."""
    paper = Paper()
    reader = _Reader(paper)
    reader.feed(html)
    reader.close()
    pairs = zip(reader.edition[::2], reader.edition[1::2], strict=False)
    foot = "; ".join(f"{name}: {text}" for name, text in pairs)
    return pdf(with_edges(paper.pages, reader.heading, [foot], number), reader.heading, reader.marks)

"""Pages that fill from the top: headings, paragraphs, tables and drawings, with the same edges on each page.

A page is as wide as A4 and as high as US Letter, so that either prints it at its full size. Its units are
those of drawings, CSS pixels.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from service.picture.letters import text_width
from service.picture.paragraphs import lines
from service.picture.pdf import PaperPage, PlacedSheet
from service.picture.sheet import Colour, Sheet, Stroke, TextLine

WIDTH, HEIGHT = 793.0, 1056.0
MARGIN = 45.0  # 12 mm
ROOM = WIDTH - 2 * MARGIN
SIZE, SMALL, TITLE = 10.7, 9.6, 15.0
"""8, 7.2 and 11 pt: no letter on paper is below 7 pt."""
_SPACING = 1.28  # from line to line, times the size of the letters
_BETWEEN = 8.0  # from column to column
_TOP, _BOTTOM = 46.0, HEIGHT - 62.0
_UNCUT = 100_000
_TITLE_LINES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperColumn:
    """A column of a table: its title, and its share of the width."""

    title: str
    share: float
    bold: bool = False


class Paper:
    """Pages under way; what no longer fits begins the next one."""

    def __init__(self, *, size: float = SIZE, most_lines: int = _UNCUT) -> None:
        """Begin an empty page; no cell and no paragraph takes more than `most_lines`."""
        self._size, self._most = size, most_lines
        self._pages: list[list[PlacedSheet]] = []
        self.turn()

    @property
    def pages(self) -> Sequence[Sequence[PlacedSheet]]:
        """The pages so far."""
        return self._pages

    @property
    def left(self) -> float:
        """The height that is left on this page."""
        return _BOTTOM - self._y

    def turn(self) -> None:
        """Begin the next page."""
        self._sheet = Sheet(width=WIDTH, height=HEIGHT)
        self._pages.append([PlacedSheet(sheet=self._sheet)])
        self._y = _TOP

    def gap(self, height: float) -> None:
        """Leave room."""
        self._y += height

    def title(self, text: str) -> None:
        """Write the title of the document."""
        self._lines(lines(text, ROOM, TITLE, 2, bold=True), TITLE, bold=True)

    def heading(self, text: str, *, lined: bool = True) -> None:
        """Write a heading, below a line if it is `lined`; it does not stand alone at the end of a page."""
        if self.left < 6 * self._size * _SPACING:
            self.turn()
        self._y += 7
        if lined:
            self._rule(Colour.INK)
        size = self._size + 0.6
        self._lines(lines(text, ROOM, size, self._most, bold=True), size, bold=True)
        self._y += 1

    def text(self, text: str, *, bold: bool = False, small: bool = False, indent: float = 0) -> None:
        """Write a paragraph."""
        size = SMALL if small else self._size
        broken = lines(text, ROOM - indent, size, self._most, bold)
        self._lines(broken, size, bold=bold, indent=indent, colour=Colour.SOFT if small else Colour.INK)

    def item(self, sign: str, text: str) -> None:
        """Write an item of a list after its sign."""
        if self.left < self._size * _SPACING:
            self.turn()
        self._sheet.draw(TextLine(x=MARGIN, y=self._y + self._size, text=sign, size=self._size))
        self.text(text, indent=text_width("00. ", self._size))

    def table(self, columns: Sequence[PaperColumn], rows: Iterable[Sequence[str]]) -> None:
        """Write a table, a row over as many pages as it needs."""
        places = _places(columns)
        self._head(columns, places)
        for row in rows:
            self._row(columns, places, row)
        self._y += 3

    def drawing(self, sheet: Sheet) -> None:
        """Place a drawing over the whole width, on the next page if this one has no room for it."""
        scale = ROOM / sheet.width
        if self.left < sheet.height * scale:
            self.turn()
        self._pages[-1].append(PlacedSheet(sheet=sheet, x=MARGIN, y=self._y + 4, scale=scale))
        self._y += sheet.height * scale + 8

    def _head(self, columns: Sequence[PaperColumn], places: Sequence[tuple[float, float]]) -> None:
        """Write the titles of the columns; they do not stand alone at the end of a page."""
        if self.left < 5 * self._size * _SPACING:
            self.turn()
        titles = [
            lines(column.title, width, SMALL, _TITLE_LINES, bold=True)
            for column, (_, width) in zip(columns, places, strict=True)
        ]
        for place in range(max(map(len, titles))):
            self._y += SMALL * _SPACING
            for title, (x, _) in zip(titles, places, strict=True):
                if place < len(title):
                    self._sheet.draw(
                        TextLine(
                            x=x,
                            y=self._y - SMALL * (_SPACING - 1),
                            text=title[place],
                            size=SMALL,
                            bold=True,
                            colour=Colour.SOFT,
                        )
                    )

    def _row(
        self, columns: Sequence[PaperColumn], places: Sequence[tuple[float, float]], row: Sequence[str]
    ) -> None:
        cells = [
            lines(_breakable(text, width, self._size), width, self._size, self._most, column.bold)
            for text, column, (_, width) in zip(row, columns, places, strict=True)
        ]
        self._rule(Colour.FAINT)
        for place in range(max(map(len, cells))):
            if self.left < self._size * _SPACING:
                self.turn()
                self._head(columns, places)
            for cell, column, (x, _) in zip(cells, columns, places, strict=True):
                if place < len(cell):
                    self._sheet.draw(
                        TextLine(
                            x=x, y=self._y + self._size, text=cell[place], size=self._size, bold=column.bold
                        )
                    )
            self._y += self._size * _SPACING
        self._y += 1

    def _lines(
        self,
        broken: Iterable[str],
        size: float,
        *,
        bold: bool = False,
        indent: float = 0,
        colour: Colour = Colour.INK,
    ) -> None:
        for text in broken:
            if self.left < size * _SPACING:
                self.turn()
            self._sheet.draw(
                TextLine(x=MARGIN + indent, y=self._y + size, text=text, size=size, bold=bold, colour=colour)
            )
            self._y += size * _SPACING

    def _rule(self, colour: Colour) -> None:
        points = ((MARGIN, self._y + 1), (WIDTH - MARGIN, self._y + 1))
        self._sheet.draw(Stroke(points=points, colour=colour, width=0.7))
        self._y += 2.5


def with_edges(
    pages: Sequence[PaperPage], head: str, foot: Sequence[str], number: Callable[[int, int], str]
) -> list[PaperPage]:
    """Return the pages with a line above, lines below and `number` on each."""
    return [
        [*page, PlacedSheet(sheet=_edges(head, foot, number(place, len(pages))))]
        for place, page in enumerate(pages, 1)
    ]


def _edges(head: str, foot: Sequence[str], number: str) -> Sheet:
    sheet = Sheet(width=WIDTH, height=HEIGHT)
    right = WIDTH - MARGIN
    for text in lines(head, ROOM - 90, SMALL, 1):
        sheet.draw(TextLine(x=MARGIN, y=32, text=text, size=SMALL, colour=Colour.SOFT))
    sheet.draw(TextLine(x=right, y=32, text=number, size=SMALL, align="right", bold=True))
    y = _BOTTOM + 8
    sheet.draw(Stroke(points=((MARGIN, y), (right, y)), colour=Colour.FAINT, width=0.7))
    for text in foot:
        for line in lines(text, ROOM, SMALL, 2):
            y += SMALL * _SPACING
            sheet.draw(TextLine(x=MARGIN, y=y, text=line, size=SMALL, colour=Colour.SOFT))
    return sheet


def _places(columns: Sequence[PaperColumn]) -> list[tuple[float, float]]:
    """Return where each column begins and how wide it is."""
    whole = sum(column.share for column in columns)
    found, x = [], MARGIN
    for column in columns:
        width = ROOM * column.share / whole
        found.append((x, width - _BETWEEN))
        x += width
    return found


def _breakable(text: str, width: float, size: float) -> str:
    """Return `text` so that a reference too wide for a line is broken after its type."""
    return " ".join(
        word.replace("/", "/ ", 1) if "/" in word and text_width(word, size) > width else word
        for word in text.split()
    )

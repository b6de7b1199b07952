"""The packet on paper: what a policy asks for and what the record shows, on two pages for a fax or an upload.

However long the history is, there are two pages: each part shows as many rows as there is room for, and
says how many more the bundle holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mappings.knowledge import Knowledge
from service.clinical.assessment import Assessment
from service.clinical.criteria import ReadPolicy
from service.clinical.facts import PatientFacts
from service.paper.chart import courses, findings, picture, scores, treatments, unknown
from service.paper.claims import counts, criteria, diagnoses, edition, to_document
from service.paper.flow import Paper, PaperColumn, with_edges
from service.paper.present import present_state
from service.paper.words import PacketMatter, PaperWords
from service.picture.font import lacks
from service.picture.pdf import PaperPage, pdf
from service.picture.sheet import TextLine
from service.render.course_entries import CourseEntries
from service.render.identity import PatientIdentity


@dataclass(frozen=True, kw_only=True, slots=True)
class _Room:
    """How much is shown: rows of a list, lines of a cell, drugs in the picture."""

    rows: int
    lines: int
    drugs: int = 0


_ASKED = 12
"""Criteria for which there is always room, unless nothing else helps: no shipped policy has more."""
_FIRST = (
    *(_Room(rows=rows, lines=8) for rows in (40, 20, 15, 12, 10, 8, 7, 6, 5, 4)),
    *(_Room(rows=rows, lines=lines) for lines in (6, 5, 4) for rows in (12, 8, 6)),
    *(_Room(rows=rows, lines=3) for rows in (8, 6, 4, 3)),
    *(_Room(rows=rows, lines=2) for rows in (10, 6, 3, 2)),
    _Room(rows=1, lines=1),
)
_SECOND = (
    _Room(rows=20, lines=8, drugs=12),
    _Room(rows=12, lines=6, drugs=8),
    _Room(rows=10, lines=4, drugs=6),
    _Room(rows=8, lines=4, drugs=4),
    _Room(rows=6, lines=3, drugs=3),
    _Room(rows=4, lines=2, drugs=2),
    _Room(rows=3, lines=2, drugs=1),
    _Room(rows=3, lines=1, drugs=1),
    _Room(rows=2, lines=1, drugs=1),
    _Room(rows=1, lines=1, drugs=1),
)
"""What is tried in turn, until it fits on a page."""


def packet_paper(
    found: Sequence[ReadPolicy],
    facts: PatientFacts,
    assessment: Assessment,
    knowledge: Knowledge,
    who: PatientIdentity,
) -> bytes:
    """Return the two pages of each policy as PDF."""
    words = PaperWords(knowledge)
    entries = CourseEntries(facts)
    matters = [
        PacketMatter(
            read=read, facts=facts, assessment=assessment, knowledge=knowledge, who=who, entries=entries
        )
        for read in found
    ]
    titles = "; ".join(read.policy.title for read in found)
    return pdf([page for matter in matters for page in _two(matter, words)], words.say("title", title=titles))


def _two(matter: PacketMatter, words: PaperWords) -> list[PaperPage]:
    pages = [_fitting(_first, _FIRST, matter, words), _fitting(_second, _SECOND, matter, words)]
    drawn = [shape for page in pages for placed in page for shape in placed.sheet.shapes]
    boxed = any(lacks(shape.text) for shape in drawn if isinstance(shape, TextLine))
    head = words.say("head", policy=matter.read.policy.title, name=words.name(matter))
    foot = [*_foot(matter, words), *([words.say("boxes")] if boxed else [])]
    return with_edges(pages, head, foot, lambda page, of: words.say("page", page=page, pages=of))


def _fitting(
    write: Callable[[Paper, _Room, PacketMatter, PaperWords], None],
    rooms: Sequence[_Room],
    matter: PacketMatter,
    words: PaperWords,
) -> PaperPage:
    """Return the fullest page; what does not even fit in the least room is cut at its end."""
    for room in rooms:
        paper = Paper(most_lines=room.lines)
        write(paper, room, matter, words)
        if len(paper.pages) == 1:
            break
    return paper.pages[0]


def _first(paper: Paper, room: _Room, matter: PacketMatter, words: PaperWords) -> None:
    policy = matter.read.policy
    paper.title(words.say("title", title=policy.title))
    paper.text(edition(matter, words))
    for warning in matter.read.warnings:
        paper.text(words.page(warning), bold=True)
    paper.gap(4)
    paper.text(words.patient(matter), bold=True)
    paper.text(words.assessed(matter))
    paper.text(words.page("promise"))
    paper.text(counts(matter, words), bold=True)
    _listed(paper, words, "diagnosis", diagnoses(matter, words), room)
    for line in present_state(matter, words):
        paper.text(line)
    asked = max(room.rows, _ASKED if room.lines > 2 else 0)
    columns = _columns(words, standing=1.5, criterion=3.6, shown=4.2, entries=2.0)
    _table(paper, words, words.say("criteria"), columns, criteria(matter, words), asked)
    title, rows = courses(matter, words)
    columns = _columns(
        words, drug=1.6, dates=1.55, dose=1.4, days=0.85, verdict=1.35, outcome=2.55, entries=2.05
    )
    _table(paper, words, title, columns, rows, room.rows, words.say("no_trials"))


def _second(paper: Paper, room: _Room, matter: PacketMatter, words: PaperWords) -> None:
    given, lacking = treatments(matter, words)
    columns = _columns(words, drug=2, dates=2, about=5, entries=2)
    _table(paper, words, words.say("treatments"), columns, given, room.rows)
    paper.text(lacking)
    _listed(paper, words, "scores", scores(matter, words, room.rows), room)
    paper.drawing(picture(matter, words, room.drugs))
    columns = _columns(words, name=2.2, level=2.8, about=4.2, entries=1.9)
    found = findings(matter, words)
    _table(paper, words, words.say("flags"), columns, found, room.rows, words.say("no_flags"))
    paper.text(unknown(matter, words))
    _listed(paper, words, "document", to_document(matter, words), replace(room, rows=max(room.rows, _ASKED)))
    paper.gap(16)
    paper.text(words.say("signature"))


def _columns(words: PaperWords, **shares: float) -> list[PaperColumn]:
    first, *_ = shares
    return [
        PaperColumn(title=words.say(name), share=share, bold=name == first) for name, share in shares.items()
    ]


def _listed(paper: Paper, words: PaperWords, heading: str, texts: Sequence[str], room: _Room) -> None:
    paper.heading(words.say(heading))
    for text in texts[: room.rows]:
        paper.text(text)
    _more(paper, words, len(texts), room.rows)


def _table(
    paper: Paper,
    words: PaperWords,
    title: str,
    columns: Sequence[PaperColumn],
    rows: Sequence[Sequence[str]],
    most: int,
    nothing: str = "",
) -> None:
    paper.heading(title)
    if rows:
        paper.table(columns, rows[:most])
        _more(paper, words, len(rows), most)
    elif nothing:
        paper.text(nothing)


def _more(paper: Paper, words: PaperWords, count: int, most: int) -> None:
    if count > most:
        paper.text(words.say("more", count=count - most), bold=True)


def _foot(matter: PacketMatter, words: PaperWords) -> list[str]:
    assessment, policy = matter.assessment, matter.read.policy
    return [
        words.say(
            "foot",
            policy=policy.id,
            version=policy.version,
            profile=policy.counting,
            rules=matter.knowledge.rule_set,
            day=assessment.assessed_on,
        ),
        words.say("maker", maker=words.maker),
    ]

"""The specific content of each page: one for each rule text of `basis.toml`, one for each flag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.basis import Explained, Figure, RuleText
from mappings.filling import fill
from mappings.flags import FlagRow
from mappings.knowledge import Knowledge
from mappings.tables import Reviewed
from service.web.basis.codebook import Codebook
from service.web.basis.figures import figure_table, shown
from service.web.basis.flags import flag_close, flag_logic, flag_path, flag_tables
from service.web.basis.inputs import flag_inputs, inputs
from service.web.basis.origin import reviewed_rows
from service.web.basis.page import BasisTable, Input

NO_KIND = Explained(id="", logic=())


@dataclass(frozen=True, kw_only=True, slots=True)
class PageBody:
    """The content of one page; `rows` are the table rows behind it."""

    id: str
    kind: str
    title: str
    question: str
    logic: tuple[str, ...]
    tables: tuple[BasisTable, ...]
    inputs: tuple[Input, ...]
    limits: tuple[str, ...]
    see: tuple[str, ...]
    uses: Mapping[str, str]
    rows: Sequence[Reviewed]


def rule_body(rule: RuleText, knowledge: Knowledge, profile: str, book: Codebook) -> PageBody:
    """Return the body of the page about a topic or a kind of card."""
    return PageBody(
        id=rule.id,
        kind="card" if rule.card else "topic",
        title=rule.title,
        question=rule.question,
        logic=filled(rule.logic, knowledge, profile),
        tables=tuple(figure_table(figure, knowledge) for figure in rule.figures),
        inputs=inputs(rule.inputs, knowledge, book),
        limits=rule.limits,
        see=rule.see,
        uses=rule.uses,
        rows=(rule, *_rows(rule.figures, knowledge)),
    )


def flag_body(row: FlagRow, knowledge: Knowledge, profile: str, book: Codebook) -> PageBody:
    """Return the body of the page about a flag: its levels, what raises it, and the figures of its kind."""
    text = knowledge.basis.flag
    kind = next((kind for kind in knowledge.basis.flag_kind if kind.id == row.kind), NO_KIND)
    return PageBody(
        id=flag_path(row.id),
        kind="flag",
        title=f"{row.title} ({row.id})",
        question=text.question.format(title=row.title),
        logic=(
            *flag_logic(row, knowledge),
            *filled(kind.logic, knowledge, profile),
            *flag_close(row, knowledge, profile),
        ),
        tables=(
            *flag_tables(row, knowledge),
            *(figure_table(figure, knowledge) for figure in kind.figures),
        ),
        inputs=(*flag_inputs(row, book, knowledge.basis.page), *inputs(kind.inputs, knowledge, book)),
        limits=text.limits,
        see=text.see,
        uses=kind.uses,
        rows=(row, text, *_rows(kind.figures, knowledge)),
    )


def filled(sentences: Sequence[str], knowledge: Knowledge, profile: str) -> tuple[str, ...]:
    """Return sentences of `basis.toml` with the figures of the tables."""
    places = knowledge.places(profile)
    return tuple(fill(sentence, places) for sentence in sentences)


def _rows(figures: Sequence[Figure], knowledge: Knowledge) -> list[Reviewed]:
    return [row for figure in figures for row in reviewed_rows(shown(figure, knowledge))]

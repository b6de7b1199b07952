"""All basis pages, made from the tables and the definition of resistance that the service runs with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mappings.basis import Criterion, IntendedUse
from mappings.knowledge import Knowledge
from mappings.rules import paragraphs
from service.validation.agreement import AgreementReport
from service.validation.report import told
from service.web.basis.attributes import source_attributes
from service.web.basis.bodies import PageBody, filled, flag_body, rule_body
from service.web.basis.codebook import codebook
from service.web.basis.figures import slug
from service.web.basis.origin import citations, cited, edition, rule_ids
from service.web.basis.page import BasisLink, BasisRule, Index, Page


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """The first page, and every other by its path segment."""

    index: Index
    pages: Mapping[str, Page]


def library(
    knowledge: Knowledge, profile: str, notes: tuple[str, ...] = (), report: AgreementReport | None = None
) -> Library:
    """Return every page; raise TableError if a word that a page needs is missing from `basis.toml`.

    `notes` are limits of this site, `report` is its own validation.
    """
    validation = _validation(knowledge, report)
    book = codebook(knowledge.terminology)
    bodies = [
        *(rule_body(rule, knowledge, profile, book) for rule in knowledge.basis.rule),
        *(flag_body(row, knowledge, profile, book) for row in knowledge.flags.flag),
    ]
    titles = {body.id: body.title for body in bodies}
    return Library(
        index=_index(bodies, knowledge, profile, notes, validation),
        pages={body.id: _page(body, titles, knowledge, profile, notes, validation) for body in bodies},
    )


def _page(
    body: PageBody,
    titles: Mapping[str, str],
    knowledge: Knowledge,
    profile: str,
    notes: tuple[str, ...],
    validation: tuple[str, ...],
) -> Page:
    basis = knowledge.basis
    sources = citations(cited(body.rows), knowledge.sources)
    made = edition(body.rows, knowledge, profile)
    return Page(
        id=body.id,
        kind=body.kind,
        title=body.title,
        question=body.question,
        use=_use(knowledge, profile),
        logic=body.logic,
        tables=body.tables,
        inputs=body.inputs,
        citations=sources,
        edition=made,
        validation=validation,
        limits=(*body.limits, *notes, *basis.use.limits),
        changes=basis.change[::-1],
        source_attributes=source_attributes(basis, body.uses, sources, made),
        rules=_followed(body, knowledge),
        see=tuple(BasisLink(id=name, title=titles[name]) for name in body.see),
    )


def _index(
    bodies: Sequence[PageBody],
    knowledge: Knowledge,
    profile: str,
    notes: tuple[str, ...],
    validation: tuple[str, ...],
) -> Index:
    basis = knowledge.basis
    own = (basis.use, *basis.regulation, *basis.criterion, basis.validation)
    return Index(
        use=_use(knowledge, profile),
        edition=edition([*own, *(row for body in bodies for row in body.rows)], knowledge, profile),
        cards=_links(bodies, "card"),
        topics=_links(bodies, "topic"),
        flags=_links(bodies, "flag"),
        rules=_rules(knowledge),
        regulation=basis.regulation,
        criteria=_criteria(knowledge, profile),
        validation=validation,
        limits=(*notes, *basis.use.limits),
        changes=basis.change[::-1],
        missing_rows=knowledge.missing,
        citations=citations(cited(own), knowledge.sources),
    )


def _links(bodies: Sequence[PageBody], kind: str) -> tuple[BasisLink, ...]:
    return tuple(BasisLink(id=body.id, title=body.title) for body in bodies if body.kind == kind)


def _rules(knowledge: Knowledge) -> tuple[BasisRule, ...]:
    return tuple(
        BasisRule(id=slug(rule.id), title=rule.title, text=paragraphs(rule.text))
        for rule in knowledge.rules.values()
        if rule.text.strip()
    )


def _followed(body: PageBody, knowledge: Knowledge) -> tuple[BasisLink, ...]:
    """Return the rules in plain words that the rows of a page follow, in table order."""
    named = frozenset(rule_ids(body.rows))
    return tuple(
        BasisLink(id=slug(rule.id), title=rule.title)
        for rule in knowledge.rules.values()
        if rule.id in named and rule.text.strip()
    )


def _use(knowledge: Knowledge, profile: str) -> IntendedUse:
    use = knowledge.basis.use
    return replace(
        use,
        intended=filled(use.intended, knowledge, profile),
        users=filled(use.users, knowledge, profile),
        population=filled(use.population, knowledge, profile),
        not_for=filled(use.not_for, knowledge, profile),
    )


def _criteria(knowledge: Knowledge, profile: str) -> tuple[Criterion, ...]:
    return tuple(
        replace(
            row,
            because=filled(row.because, knowledge, profile),
            doubts=filled(row.doubts, knowledge, profile),
        )
        for row in knowledge.basis.criterion
    )


def _validation(knowledge: Knowledge, report: AgreementReport | None) -> tuple[str, ...]:
    """Return what the rules were held against, and how the site's own key agreed."""
    validated = knowledge.basis.validation
    texts = tuple(
        text.format(
            vignettes=validated.vignettes,
            published=validated.published_vignettes,
            situations=validated.situations,
            day=validated.checked_on,
        )
        for text in validated.texts
    )
    if report is None:
        return (*texts, validated.no_key)
    key = validated.key.format(
        day=report.made_on,
        patients=report.patients,
        rules=report.rule_set,
        profile=report.profile,
        conclusions=told(report.conclusion),
        trials=told(report.trials),
    )
    return (*texts, key)
